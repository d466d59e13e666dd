package dev.countersign.options.settings;

import dev.countersign.http.HttpSettings;
import dev.countersign.http.ServiceAddress;
import dev.countersign.keys.CertificateFile;
import dev.countersign.keys.Certificates;
import dev.countersign.keys.KeyFormatException;
import dev.countersign.options.UsageException;
import dev.countersign.options.declarations.CertificateOptions;
import dev.countersign.options.declarations.KeylessOptions;
import dev.countersign.options.declarations.RunOptions;
import dev.countersign.options.declarations.SigstoreOptions;
import dev.countersign.signing.IdentityTokenSource;
import dev.countersign.signing.SigningLimits;
import dev.countersign.signing.SigstoreSigningSettings;
import dev.countersign.signing.TimestampSettings;
import dev.countersign.trust.SigstoreInstance;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The options for services that sign or timestamp: timestamp authorities and Sigstore instances.
 *
 * @param values the options as they were given
 * @param workingDirectory what relative paths are relative to, absolute
 */
public record ServiceOptions(OptionValues values, Path workingDirectory) {

  /** Calls that one signature with Sigstore may wait for: two for a certificate, then one each. */
  private static final int STEPS_OF_SIGNING = 5;

  private static final Duration LONGEST_CALL = Duration.ofMinutes(1);

  /** Returns who is asked for timestamps; empty if nobody is. */
  public Optional<TimestampSettings> timestamps() {
    return values
        .find(CertificateOptions.TSA_URL)
        .map(
            url ->
                new TimestampSettings(
                    serviceUrl(url),
                    new HttpSettings(authorities(), values.get(CertificateOptions.TSA_TIMEOUT))));
  }

  /**
   * Reads the address of a service that is spoken to over HTTP. What was given is never repeated in
   * a message, since it may hold a secret; nor is a place for one accepted, since options are
   * recorded.
   *
   * @throws UsageException if it is no http or https URL with a host, or has a user, a query or a
   *     fragment
   */
  static URI serviceUrl(String text) {
    URI url;
    try {
      url = new URI(text);
    } catch (URISyntaxException e) {
      throw noService();
    }
    if (ServiceAddress.holdsUser(url)
        || url.getRawQuery() != null
        || url.getRawFragment() != null) {
      throw UsageException.of(
          "%s holds a user, a query or a fragment, in which a secret may be that others see on the"
              + " command line and in records. Give the address without.",
          CertificateOptions.TSA_URL.flag());
    }
    if (!ServiceAddress.isHttp(url)) {
      throw noService();
    }
    return url;
  }

  private static UsageException noService() {
    return UsageException.of(
        "%s must be the address of a service, as in https://tsa.example.org/tsr, and is none.",
        CertificateOptions.TSA_URL.flag());
  }

  /** Returns the certificates of the authorities in --ca-file, in DER. */
  public List<byte[]> authorities() {
    Optional<String> file =
        values
            .find(KeylessOptions.CA_FILE)
            .map(name -> ModelRunOptions.absolute(KeylessOptions.CA_FILE, name, workingDirectory));
    try {
      return file.isEmpty()
          ? List.of()
          : CertificateFile.load(file.get(), CertificateFile.Use.TLS_AUTHORITIES).stream()
              .map(Certificates::encoded)
              .toList();
    } catch (KeyFormatException e) {
      throw new UsageException(String.valueOf(e.getMessage()), e);
    }
  }

  /** Returns where the signer's identity token is. */
  public IdentityTokenSource identityToken() {
    return new IdentityTokenSource(
        values
            .find(KeylessOptions.IDENTITY_TOKEN_FILE)
            .map(
                file ->
                    ModelRunOptions.absolute(
                        KeylessOptions.IDENTITY_TOKEN_FILE, file, workingDirectory))
            .orElse(""),
        values.find(KeylessOptions.IDENTITY_TOKEN_ENV).orElse(""));
  }

  /**
   * Returns how models are signed with a Sigstore instance.
   *
   * @throws UsageException if a file with authorities for TLS cannot be used
   */
  public SigstoreSigningSettings sigstore(SigstoreInstance instance) {
    Duration timeout = values.get(RunOptions.STALL_TIMEOUT).dividedBy(STEPS_OF_SIGNING);
    return new SigstoreSigningSettings(
        identityToken(),
        new SigstoreSigningSettings.ExpectedIdentity(
            values.get(SigstoreOptions.IDENTITY).stream().findFirst().orElse(""),
            values.get(SigstoreOptions.IDENTITY_PROVIDER).stream().findFirst().orElse("")),
        instance,
        values.get(KeylessOptions.LOG),
        new HttpSettings(
            authorities(), timeout.compareTo(LONGEST_CALL) < 0 ? timeout : LONGEST_CALL),
        new SigningLimits(
            values.get(KeylessOptions.SIGNING_CONCURRENCY),
            values.find(KeylessOptions.SIGNING_RATE).orElse(0)));
  }
}
