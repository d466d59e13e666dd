package dev.countersign.trust;

import dev.countersign.remedy.Remedy;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.cmp.PKIStatus;
import org.bouncycastle.asn1.tsp.TimeStampResp;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.tsp.TSPException;
import org.bouncycastle.tsp.TimeStampResponse;
import org.bouncycastle.tsp.TimeStampToken;

/** Reads the form of a timestamp response (RFC 3161, section 2.4.2); nothing of it is verified. */
final class TimestampResponse {

  /** The most that a response may hold, in bytes: some ten times what one with a chain takes. */
  static final int MAX_BYTES = 64 << 10;

  static final Remedy SIGN_AGAIN = Remedy.text("Have the model signed again.");

  private TimestampResponse() {}

  /**
   * Returns the token of a response.
   *
   * @throws TimestampException if the bytes are no response, or one without a token
   */
  static TimeStampToken token(byte[] response) throws TimestampException {
    if (response.length > MAX_BYTES) {
      throw malformed("is larger than 64 KiB, the limit");
    }
    try {
      ASN1Primitive value = ASN1Primitive.fromByteArray(response);
      // DL: DER but for the order of sets, in which real authorities put their certificates as they
      // like. One encoding for each timestamp all the same.
      if (!Arrays.equals(value.getEncoded(ASN1Encoding.DL), response)) {
        throw malformed("is not DER");
      }
      TimeStampResponse parsed = new TimeStampResponse(TimeStampResp.getInstance(value));
      checkStatus(parsed.getStatus());
      TimeStampToken token = parsed.getTimeStampToken();
      if (token == null) {
        throw malformed("holds no timestamp");
      }
      return token;
    } catch (IOException | TSPException | RuntimeException e) {
      // Bouncy Castle answers some malformed values with whatever it trips over.
      throw malformed("is not an RFC 3161 response");
    }
  }

  static TimestampException malformed(String problem) {
    return new TimestampException("The timestamp " + problem + ".", SIGN_AGAIN);
  }

  private static void checkStatus(int status) throws TimestampException {
    if (status != PKIStatus.GRANTED && status != PKIStatus.GRANTED_WITH_MODS) {
      throw new TimestampException(
          "The timestamp is a refusal of the authority (status " + status + ").", SIGN_AGAIN);
    }
  }

  /** Returns the certificates of a token that the JDK can read, in the order of the token. */
  static List<X509Certificate> certificates(TimeStampToken token) {
    List<X509Certificate> certificates = new ArrayList<>();
    for (X509CertificateHolder holder : token.getCertificates().getMatches(null)) {
      try {
        certificates.add(
            (X509Certificate)
                CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(holder.getEncoded())));
      } catch (CertificateException | IOException | RuntimeException e) {
        // It comes from who wrote the bundle; what cannot be read is not there.
      }
    }
    return certificates;
  }

  /** Returns whether a token names a certificate as its signer's. */
  static boolean isNamed(X509Certificate certificate, TimeStampToken token) {
    try {
      return token.getSID().match(new JcaX509CertificateHolder(certificate));
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("The JDK read what it cannot write", e);
    }
  }
}
