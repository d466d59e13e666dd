package dev.countersign.signing;

import java.io.IOException;
import java.security.cert.CertificateException;
import org.bouncycastle.asn1.cmp.PKIStatus;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.tsp.TSPException;
import org.bouncycastle.tsp.TimeStampRequest;
import org.bouncycastle.tsp.TimeStampResponse;
import org.bouncycastle.tsp.TimeStampToken;

/**
 * Checks what a timestamp authority answered, so that no bundle is written with a timestamp that
 * nobody could verify. Whether the authority is to be trusted is up to who verifies the bundle.
 */
final class TimestampAnswer {

  private TimestampAnswer() {}

  /**
   * Checks that an answer is to a request, and signed by the certificate that it encloses.
   *
   * @throws TSPException if not; the message says why, in Bouncy Castle's words
   */
  static void check(byte[] answer, TimeStampRequest request) throws TSPException {
    try {
      TimeStampResponse response = new TimeStampResponse(answer);
      checkStatus(response);
      response.validate(request);
      TimeStampToken token = response.getTimeStampToken();
      if (token == null) {
        throw new TSPException("the answer holds no timestamp");
      }
      token.validate(new JcaSimpleSignerInfoVerifierBuilder().build(enclosedCertificate(token)));
    } catch (IOException | OperatorCreationException e) {
      throw new TSPException("the answer cannot be read", e);
    } catch (CertificateException e) {
      throw new TSPException("the authority's certificate cannot be read", e);
    } catch (RuntimeException e) {
      // Bouncy Castle answers some malformed values with whatever it trips over.
      throw new TSPException("the answer is malformed", e);
    }
  }

  private static void checkStatus(TimeStampResponse response) throws TSPException {
    int status = response.getStatus();
    if (status != PKIStatus.GRANTED && status != PKIStatus.GRANTED_WITH_MODS) {
      String text = response.getStatusString();
      throw new TSPException(
          "the authority refused, status " + status + (text == null ? "" : ": " + text));
    }
  }

  private static X509CertificateHolder enclosedCertificate(TimeStampToken token)
      throws TSPException {
    for (X509CertificateHolder certificate : token.getCertificates().getMatches(null)) {
      if (token.getSID().match(certificate)) {
        return certificate;
      }
    }
    throw new TSPException("the answer does not enclose the authority's certificate");
  }
}
