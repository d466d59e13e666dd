package dev.countersign.verification;

import java.util.Arrays;

/**
 * A signer's own certificate, to recognize its bundles by. Whether others would trust it is of no
 * matter here.
 *
 * @param certificate in DER
 */
@SuppressWarnings("ArrayRecordComponent") // equals and hashCode go by content
public record OwnCertificateSettings(byte[] certificate) implements VerificationSettings {
  @Override
  public boolean equals(Object other) {
    return other instanceof OwnCertificateSettings that
        && Arrays.equals(certificate, that.certificate);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(certificate);
  }
}
