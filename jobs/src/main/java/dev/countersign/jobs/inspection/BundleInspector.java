package dev.countersign.jobs.inspection;

import dev.countersign.keys.CertificateDecoder;
import dev.countersign.oms.Bundle;
import dev.countersign.oms.BundleJson;
import dev.countersign.oms.LegacyStatement;
import dev.countersign.oms.Manifest;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.OmsException;
import dev.countersign.oms.Sha256;
import dev.countersign.oms.SignedTimestamp;
import dev.countersign.oms.Statement;
import dev.countersign.oms.VerificationMaterial;
import dev.countersign.oms.VerificationMaterial.CertificateChain;
import dev.countersign.oms.VerificationMaterial.PublicKeyHint;
import dev.countersign.oms.VerificationMaterial.PublicKeyRaw;
import dev.countersign.oms.VerificationMaterial.SigstoreCertificate;
import dev.countersign.schemas.SignerCertificate;
import dev.countersign.source.planning.SignerCertificates;
import dev.countersign.text.Message;
import dev.countersign.trust.StatedTimestamp;
import dev.countersign.trust.TimestampException;
import java.security.cert.CertificateException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads a bundle as far as it can be read. */
final class BundleInspector {

  private final OmsBounds bounds;
  private final List<String> faults = new ArrayList<>();
  private String predicateType = "";

  private BundleInspector(OmsBounds bounds) {
    this.bounds = bounds;
  }

  /**
   * Returns what a bundle says. A certificate, timestamp or statement that cannot be read is a
   * fault of that part.
   *
   * @param uri where it lies
   * @throws OmsException if it is no bundle at all, or over a bound
   */
  static BundleFacts inspect(String uri, byte[] json, OmsBounds bounds) throws OmsException {
    return new BundleInspector(bounds).read(uri, json);
  }

  private BundleFacts read(String uri, byte[] json) throws OmsException {
    Bundle bundle = BundleJson.read(json, bounds);
    List<SignerCertificate> certificates = certificates(bundle.material());
    List<StatedTimestamp> timestamps = timestamps(bundle.timestamps());
    Optional<Manifest> manifest = manifest(bundle.envelope().payload());
    return new BundleFacts(
        uri,
        Sha256.hex(json),
        json.length,
        bundle.material().method(),
        keyHint(bundle.material()),
        certificates,
        bundle.logEntries(),
        timestamps,
        predicateType,
        manifest,
        faults);
  }

  private static String keyHint(VerificationMaterial material) {
    if (material instanceof PublicKeyHint key) {
      return key.hint();
    }
    // Clients that wrote the key itself wrote its PEM, of which the hint is the digest.
    return material instanceof PublicKeyRaw key && key.rawBytes()[0] == '-'
        ? Sha256.hex(key.rawBytes())
        : "";
  }

  private List<SignerCertificate> certificates(VerificationMaterial material) {
    List<byte[]> encoded =
        material instanceof CertificateChain chain
            ? chain.der()
            : material instanceof SigstoreCertificate alone ? List.of(alone.der()) : List.of();
    List<SignerCertificate> certificates = new ArrayList<>();
    for (int i = 0; i < encoded.size(); i++) {
      try {
        certificates.add(SignerCertificates.of(CertificateDecoder.decode(encoded.get(i))));
      } catch (CertificateException e) {
        faults.add(Message.of("Certificate %d cannot be read: %s.", i + 1, e.getMessage()));
      }
    }
    return certificates;
  }

  private List<StatedTimestamp> timestamps(List<SignedTimestamp> carried) {
    List<StatedTimestamp> timestamps = new ArrayList<>();
    for (SignedTimestamp timestamp : carried) {
      try {
        timestamps.add(StatedTimestamp.read(timestamp.der()));
      } catch (TimestampException e) {
        faults.add(String.valueOf(e.getMessage()));
      }
    }
    return timestamps;
  }

  private Optional<Manifest> manifest(byte[] payload) {
    try {
      Manifest manifest = Statement.read(payload, bounds);
      predicateType = Statement.PREDICATE_TYPE;
      return Optional.of(manifest);
    } catch (OmsException e) {
      if (e.kind() != OmsException.Kind.UNSUPPORTED_PREDICATE) {
        faults.add(String.valueOf(e.getMessage()));
        return Optional.empty();
      }
      return legacyManifest(payload, e);
    }
  }

  private Optional<Manifest> legacyManifest(byte[] payload, OmsException asCurrent) {
    try {
      Manifest manifest = LegacyStatement.read(payload, bounds);
      predicateType = LegacyStatement.PREDICATE_TYPE;
      return Optional.of(manifest);
    } catch (OmsException e) {
      faults.add(
          String.valueOf(
              e.kind() == OmsException.Kind.UNSUPPORTED_PREDICATE
                  ? asCurrent.getMessage()
                  : e.getMessage()));
      return Optional.empty();
    }
  }
}
