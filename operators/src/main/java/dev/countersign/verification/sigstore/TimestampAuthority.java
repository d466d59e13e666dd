package dev.countersign.verification.sigstore;

import dev.countersign.remedy.Remedy;
import dev.countersign.trust.RevocationLists;
import dev.countersign.trust.TimestampException;
import dev.countersign.trust.TimestampVerifier;
import dev.countersign.trust.TrustAnchors;
import dev.countersign.trust.VerifiedTimestamp;
import dev.sigstore.trustroot.ValidFor;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * Timestamp authority of an instance. Where the trusted root names the certificate that signs
 * timestamps, that alone counts, and responses need not enclose it.
 *
 * @param validFor when its timestamps count
 * @param verifier trusts its certificates
 */
record TimestampAuthority(ValidFor validFor, TimestampVerifier verifier) {

  static TimestampAuthority of(dev.sigstore.trustroot.CertificateAuthority authority) {
    List<X509Certificate> path = CertificateAuthority.certificates(authority);
    boolean hasSigner = path.get(0).getBasicConstraints() < 0;
    return new TimestampAuthority(
        authority.getValidFor(),
        new TimestampVerifier(
            TrustAnchors.of(hasSigner ? path.subList(0, 1) : path), RevocationLists.none()));
  }

  VerifiedTimestamp require(byte[] response, byte[] signature) throws TimestampException {
    VerifiedTimestamp timestamp = verifier.verify(response, signature);
    if (!validFor.contains(timestamp.time())) {
      throw new TimestampException(
          "The timestamp is of "
              + timestamp.time()
              + ", when its authority did not count by the trusted root.",
          Remedy.text("Have the model signed again."));
    }
    return timestamp;
  }
}
