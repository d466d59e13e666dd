package dev.countersign.trust.sigstore;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.countersign.remedy.Remedy;
import dev.countersign.text.Printable;
import dev.countersign.text.StrictUtf8;
import dev.countersign.trust.SigstoreFile;
import dev.countersign.trust.SigstoreInstance;
import dev.countersign.trust.TrustException;
import dev.sigstore.json.ProtoJson;
import dev.sigstore.proto.trustroot.v1.ClientTrustConfig;
import dev.sigstore.proto.trustroot.v1.SigningConfig;
import dev.sigstore.proto.trustroot.v1.TrustedRoot;
import dev.sigstore.trustroot.SigstoreConfigurationException;
import dev.sigstore.trustroot.SigstoreSigningConfig;
import dev.sigstore.trustroot.SigstoreTrustedRoot;
import java.util.Optional;

/**
 * Parsed description of a Sigstore instance. Immutable and thread safe.
 *
 * @param trustedRoot keys and certificates of the instance
 * @param signingConfig services for signing; empty if the run does not sign
 */
public record InstanceTrust(
    SigstoreTrustedRoot trustedRoot, Optional<SigstoreSigningConfig> signingConfig) {

  private static final String CLIENT_TRUST_CONFIG =
      "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json";

  /**
   * Parses the files of an instance.
   *
   * @throws TrustException if one is malformed, or does not contain what it is named for
   */
  public static InstanceTrust of(SigstoreInstance instance) throws TrustException {
    SigstoreFile signing = instance.signingConfig();
    return new InstanceTrust(
        trustedRoot(instance.trustedRoot()),
        signing == null ? Optional.empty() : Optional.of(signingConfig(signing)));
  }

  private static SigstoreTrustedRoot trustedRoot(SigstoreFile file) throws TrustException {
    Optional<ClientTrustConfig> both = clientTrustConfig(file);
    if (both.isPresent() && !both.get().hasTrustedRoot()) {
      throw refuse(file, "trusted root", "has no 'trustedRoot'");
    }
    TrustedRoot proto =
        both.isPresent()
            ? both.get().getTrustedRoot()
            : parse(file, "trusted root", TrustedRoot.newBuilder()).build();
    SigstoreTrustedRoot root = read(file, "trusted root", () -> SigstoreTrustedRoot.from(proto));
    if (root.getCAs().isEmpty()) {
      throw refuse(file, "trusted root", "has no certificate authority");
    }
    if (root.getTLogs().isEmpty()) {
      throw refuse(file, "trusted root", "has no transparency log");
    }
    return root;
  }

  private static SigstoreSigningConfig signingConfig(SigstoreFile file) throws TrustException {
    Optional<ClientTrustConfig> both = clientTrustConfig(file);
    if (both.isPresent() && !both.get().hasSigningConfig()) {
      throw refuse(file, "signing config", "has no 'signingConfig'");
    }
    SigningConfig proto =
        both.isPresent()
            ? both.get().getSigningConfig()
            : parse(file, "signing config", SigningConfig.newBuilder()).build();
    return read(file, "signing config", () -> SigstoreSigningConfig.from(proto));
  }

  /** Returns the file if it is a client trust config, which says so by its media type. */
  private static Optional<ClientTrustConfig> clientTrustConfig(SigstoreFile file)
      throws TrustException {
    ClientTrustConfig config =
        parse(file, "Sigstore configuration", ClientTrustConfig.newBuilder()).build();
    return Optional.of(config).filter(read -> read.getMediaType().equals(CLIENT_TRUST_CONFIG));
  }

  private static <B extends Message.Builder> B parse(SigstoreFile file, String what, B builder)
      throws TrustException {
    String text =
        StrictUtf8.decode(file.content()).orElseThrow(() -> refuse(file, what, "is not UTF-8"));
    try {
      ProtoJson.parser().merge(text, builder);
      return builder;
    } catch (InvalidProtocolBufferException | RuntimeException e) {
      throw refuse(
          file, what, "is not one in JSON: " + Printable.of(String.valueOf(e.getMessage())));
    }
  }

  @FunctionalInterface
  private interface Reading<T> {
    T read() throws SigstoreConfigurationException;
  }

  /** The library lets some malformed values, such as URLs, fail as unchecked exceptions. */
  private static <T> T read(SigstoreFile file, String what, Reading<T> reading)
      throws TrustException {
    try {
      return reading.read();
    } catch (SigstoreConfigurationException | RuntimeException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw refuse(
          file, what, "cannot be read: " + Printable.of(String.valueOf(cause.getMessage())));
    }
  }

  private static TrustException refuse(SigstoreFile file, String what, String problem) {
    return new TrustException(
        "Cannot use " + Printable.of(file.source()) + " as a " + what + ": it " + problem + ".",
        Remedy.text(
            "Use the file that the operator of the Sigstore instance publishes: a trusted root, a"
                + " signing config, or a client trust config, which contains both."));
  }
}
