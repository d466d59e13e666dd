package dev.countersign.verification;

import dev.countersign.keys.Certificates;
import dev.countersign.remedy.Setting;
import dev.countersign.trust.CrlFile;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Stream;

/**
 * Whose certificates count, and when. Certificates are in DER.
 *
 * @param anchors the certificates that are trusted; at least one
 * @param anchorsOfJdk whether they are those of the JDK's trust store, which sign for anybody, so
 *     that only certificates for signing code count
 * @param timestampAnchors the certificates of timestamp authorities that are trusted; none if no
 *     timestamp counts
 * @param revocationLists certificate revocation lists to honour
 * @param time when certificates must be valid
 */
public record CertificateVerificationSettings(
    List<byte[]> anchors,
    boolean anchorsOfJdk,
    List<byte[]> timestampAnchors,
    List<CrlFile> revocationLists,
    CertificateTime time)
    implements VerificationSettings {

  /**
   * Copies the lists.
   *
   * @throws IllegalArgumentException if there is no anchor
   */
  public CertificateVerificationSettings {
    anchors = List.copyOf(anchors);
    timestampAnchors = List.copyOf(timestampAnchors);
    revocationLists = List.copyOf(revocationLists);
    if (anchors.isEmpty()) {
      throw new IllegalArgumentException(
          "No certificate to trust; give "
              + Setting.CERTIFICATE_CHAIN
              + ", or a JDK that has a trust store");
    }
  }

  /** Returns the same settings with other revocation lists. */
  public CertificateVerificationSettings withLists(List<CrlFile> lists) {
    return new CertificateVerificationSettings(
        anchors, anchorsOfJdk, timestampAnchors, lists, time);
  }

  /** Returns the certificates that are trusted, for signing and for telling the time. */
  public List<X509Certificate> trustedCertificates() {
    return Certificates.ofTaken(
        Stream.concat(anchors.stream(), timestampAnchors.stream()).toList());
  }
}
