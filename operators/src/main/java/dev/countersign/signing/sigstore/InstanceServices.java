package dev.countersign.signing.sigstore;

import dev.countersign.http.ServiceAddress;
import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.signing.SigstoreLog;
import dev.countersign.signing.SigstoreSigningSettings;
import dev.countersign.text.Printable;
import dev.countersign.trust.TrustException;
import dev.countersign.trust.sigstore.InstanceTrust;
import dev.sigstore.trustroot.CertificateAuthority;
import dev.sigstore.trustroot.Service;
import dev.sigstore.trustroot.SigstoreSigningConfig;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * The services of an instance that sign a run's models.
 *
 * @param authority the certificate authority
 * @param log the transparency log
 * @param entries the version of its API
 * @param timestamps the timestamp authority; empty if the instance has none and the log signs times
 */
record InstanceServices(URI authority, URI log, RekorEntries entries, Optional<URI> timestamps) {

  /**
   * Returns the services that the settings choose.
   *
   * @throws TrustException if the signing config has none of a kind that is needed, or the trusted
   *     root has no timestamp authority for it
   */
  static InstanceServices of(SigstoreSigningSettings settings) throws TrustException {
    InstanceTrust trust = InstanceTrust.of(settings.instance());
    SigstoreSigningConfig config =
        trust.signingConfig().orElseThrow(() -> new IllegalArgumentException("no signing config"));
    requireOneSuffices(config.getTLogConfig(), "transparency logs");
    requireOneSuffices(config.getTsaConfig(), "timestamp authorities");
    Service authority =
        Service.select(config.getCas(), List.of(1))
            .orElseThrow(
                () ->
                    lacks(
                        "certificate authority with version 1 of the API",
                        Remedy.text(
                            "Use the signing config of an instance that issues certificates.")));
    Service log =
        Service.select(config.getTLogs(), versions(settings.log()))
            .orElseThrow(
                () ->
                    lacks(
                        "transparency log with version "
                            + (settings.log() == SigstoreLog.REKOR_V1 ? "1" : "2")
                            + " of the API",
                        Remedy.of("Choose another with %s.", Setting.LOG)));
    Optional<URI> timestamps = Service.select(config.getTsas(), List.of(1)).map(Service::getUrl);
    if (timestamps.isEmpty() && log.getApiVersion() != 1) {
      throw lacks(
          "timestamp authority, which a log with version 2 of the API needs, since it signs no"
              + " times",
          Remedy.of("Choose another log with %s.", Setting.LOG));
    }
    if (timestamps.isPresent()
        && trust.trustedRoot().getTSAs().stream().noneMatch(CertificateAuthority::isCurrent)) {
      throw new TrustException(
          "The signing config has a timestamp authority, but the trusted root has none that is"
              + " valid now, so that no signature would verify.",
          Remedy.text("Use trusted root and signing config of the same Sigstore instance."));
    }
    for (URI url : List.of(authority.getUrl(), log.getUrl(), timestamps.orElse(log.getUrl()))) {
      if (!ServiceAddress.isHttp(url) || ServiceAddress.holdsUser(url)) {
        throw new TrustException(
            "The signing config has a service without a usable address: "
                + (ServiceAddress.holdsUser(url)
                    ? "one that contains a user or a password."
                    : Printable.of(url.toString()) + "."),
            Remedy.text("Addresses begin with https:// or http:// and contain no password."));
      }
    }
    return new InstanceServices(
        authority.getUrl(),
        log.getUrl(),
        log.getApiVersion() == 1 ? new RekorV1Entries() : new RekorV2Entries(),
        timestamps);
  }

  private static List<Integer> versions(SigstoreLog log) {
    return switch (log) {
      case NEWEST -> List.of(2, 1);
      case REKOR_V1 -> List.of(1);
      case REKOR_V2 -> List.of(2);
    };
  }

  private static void requireOneSuffices(Service.Config config, String what) throws TrustException {
    boolean one =
        switch (config.getSelector()) {
          case ANY -> true;
          case EXACT -> config.getCount().orElse(1) == 1;
          default -> false;
        };
    if (!one) {
      throw new TrustException(
          "The signing config wants each signature in several "
              + what
              + ", which is not supported.",
          Remedy.text("Use a signing config whose selector is ANY, or EXACT with a count of 1."));
    }
  }

  private static TrustException lacks(String what, Remedy remedy) {
    return new TrustException("The signing config has no " + what + " that is valid now.", remedy);
  }
}
