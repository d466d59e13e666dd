package dev.countersign.trust;

import dev.countersign.text.Printable;
import java.security.cert.X509Certificate;
import java.time.Instant;
import org.bouncycastle.tsp.TimeStampToken;
import org.bouncycastle.tsp.TimeStampTokenInfo;

/**
 * What a timestamp claims. Nothing of it has been verified: anybody may have written it.
 *
 * @param time when the signature is said to have been there
 * @param policy the object identifier of the authority's policy
 * @param serial the timestamp's number at the authority, in lower-case hex
 * @param authority the name of who is said to have signed, fit for a terminal: of the certificate
 *     that came along, else of that certificate's issuer and its number
 */
public record StatedTimestamp(Instant time, String policy, String serial, String authority) {

  /**
   * Reads what a timestamp claims.
   *
   * @param timeStampResp the response, in DER; not changed
   * @throws TimestampException if the bytes are no timestamp response, or one without a timestamp
   */
  public static StatedTimestamp read(byte[] timeStampResp) throws TimestampException {
    TimeStampToken token = TimestampResponse.token(timeStampResp);
    try {
      TimeStampTokenInfo info = token.getTimeStampInfo();
      return new StatedTimestamp(
          info.getGenTime().toInstant(),
          info.getPolicy().getId(),
          info.getSerialNumber().toString(16),
          authority(token));
    } catch (RuntimeException e) {
      throw TimestampResponse.malformed("is not an RFC 3161 response");
    }
  }

  private static String authority(TimeStampToken token) {
    for (X509Certificate certificate : TimestampResponse.certificates(token)) {
      if (TimestampResponse.isNamed(certificate, token)) {
        return CertificateName.of(certificate);
      }
    }
    return token.getSID().getIssuer() == null
        ? "(named by a key identifier alone)"
        : Printable.of(token.getSID().getIssuer().toString())
            + ", serial number "
            + token.getSID().getSerialNumber().toString(16);
  }
}
