package dev.countersign.signing;

import dev.countersign.http.HttpAnswer;
import dev.countersign.http.HttpCalls;
import dev.countersign.http.ServiceAddress;
import dev.countersign.http.ServiceException;
import dev.countersign.oms.Sha256;
import dev.countersign.oms.SignedTimestamp;
import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.text.Printable;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.cmp.PKIStatus;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.tsp.TSPAlgorithms;
import org.bouncycastle.tsp.TSPException;
import org.bouncycastle.tsp.TimeStampRequest;
import org.bouncycastle.tsp.TimeStampRequestGenerator;
import org.bouncycastle.tsp.TimeStampResponse;
import org.bouncycastle.tsp.TimeStampToken;

/**
 * Asks a timestamp authority for timestamps (RFC 3161, over HTTP as its section 3.4 has it). Thread
 * safe; as many calls at once as there are callers.
 */
public final class TimestampClient implements AutoCloseable {

  private static final Remedy CHECK_URL =
      Remedy.of("Check %s, or try again later.", Setting.TSA_URL);

  /** The most that an answer may hold, in bytes: as much as a verifier takes. */
  private static final int MAX_ANSWER_BYTES = 64 << 10;

  private static final int NONCE_BITS = 128;

  private final URI url;
  private final Remedy remedy;
  private final boolean verifies;
  private final HttpCalls http;
  private final SecureRandom random = new SecureRandom();

  /**
   * Makes a client for one authority. Nothing is sent yet.
   *
   * @throws IllegalArgumentException if its URL is neither {@code http} nor {@code https}, or holds
   *     a user or a password
   */
  public TimestampClient(TimestampSettings settings) {
    this(settings, CHECK_URL, true);
  }

  /**
   * Makes a client for one authority, which was not named with an option of its own.
   *
   * @param remedy what to do if it gives no timestamps
   * @param verifies whether the signatures of timestamps are verified here; otherwise that is up to
   *     the caller
   */
  public TimestampClient(TimestampSettings settings, Remedy remedy, boolean verifies) {
    this.verifies = verifies;
    this.url = settings.url();
    this.remedy = remedy;
    if (ServiceAddress.holdsUser(url)) {
      // Not shown: it may be a password.
      throw new IllegalArgumentException(
          "The URL of the timestamp authority holds a user or a password, and would show it to"
              + " everybody on this machine. Name an authority with "
              + Setting.TSA_URL
              + " that needs none.");
    }
    if (!ServiceAddress.isHttp(url)) {
      throw new IllegalArgumentException(
          "Cannot ask a timestamp authority at "
              + Printable.of(url.toString())
              + ": an address is needed that begins with https:// or http://. Check "
              + Setting.TSA_URL
              + ".");
    }
    this.http = HttpCalls.patient(settings.http(), MAX_ANSWER_BYTES);
  }

  /**
   * Returns a timestamp over a signature. Blocks; an interrupt ends the wait.
   *
   * @param signature what is to be timestamped, of which only the digest is sent; not changed
   * @return the authority's answer, a TimeStampResp in DER, over this signature; signed by the
   *     certificate that it encloses, if this client verifies that
   * @throws SigningException if the authority does not give one in time, or gives another
   */
  public byte[] timestamp(byte[] signature) throws SigningException {
    TimeStampRequest request = request(signature);
    HttpAnswer answer = ask(request);
    if (answer.status() != 200) {
      throw refuse(answer.refusal());
    }
    if (answer.contentType().startsWith("text/")) {
      throw refuse("it answered with text, not a timestamp: " + answer.shownBody());
    }
    return checked(answer.body(), request);
  }

  /**
   * Returns the timestamps of a bundle: one over its signature, or none without an authority.
   *
   * @throws SigningException if the authority gives none
   */
  public static List<SignedTimestamp> over(byte[] signature, Optional<TimestampClient> authority)
      throws SigningException {
    return authority.isPresent()
        ? List.of(new SignedTimestamp(authority.get().timestamp(signature)))
        : List.of();
  }

  /** Lets go of the connections; no method may be called after. */
  @Override
  public void close() {
    http.close();
  }

  private TimeStampRequest request(byte[] signature) {
    TimeStampRequestGenerator generator = new TimeStampRequestGenerator();
    // Otherwise the bundle would lack the certificate, and be of no use to who has not got it.
    generator.setCertReq(true);
    return generator.generate(
        TSPAlgorithms.SHA256, Sha256.digest(signature), new BigInteger(NONCE_BITS, random));
  }

  private HttpAnswer ask(TimeStampRequest request) throws SigningException {
    try {
      return http.call(
          HttpRequest.newBuilder(url)
              .header("Content-Type", "application/timestamp-query")
              .header("Accept", "application/timestamp-reply")
              .POST(BodyPublishers.ofByteArray(request.getEncoded()))
              .build());
    } catch (ServiceException e) {
      throw e.isInterrupted()
          ? new SigningException("The wait for a timestamp was interrupted.", Remedy.NONE, e)
          // Otherwise, all models would fail one by one until the authority wants requests again.
          : new SigningException(message(e.problem()), remedy, e, e.isPostponed());
    } catch (IOException e) {
      throw new IllegalStateException("A timestamp request cannot be written", e);
    }
  }

  private byte[] checked(byte[] answer, TimeStampRequest request) throws SigningException {
    try {
      check(answer, request);
      return answer;
    } catch (TSPException e) {
      throw new SigningException(
          message("its response is not a timestamp of this signature (" + shown(e) + ")"),
          remedy,
          e);
    }
  }

  /**
   * Checks that an answer is to a request and, unless the caller does so, that it is signed by the
   * certificate that it encloses, so that no bundle is written with a timestamp that nobody could
   * verify. Whether the authority is to be trusted is up to who verifies the bundle.
   *
   * @throws TSPException if not; the message says why, in Bouncy Castle's words
   */
  private void check(byte[] answer, TimeStampRequest request) throws TSPException {
    try {
      TimeStampResponse response = new TimeStampResponse(answer);
      checkStatus(response);
      response.validate(request);
      TimeStampToken token = response.getTimeStampToken();
      if (token == null) {
        throw new TSPException("the answer holds no timestamp");
      }
      if (verifies) {
        token.validate(new JcaSimpleSignerInfoVerifierBuilder().build(enclosedCertificate(token)));
      }
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

  private SigningException refuse(String problem) {
    return new SigningException(message(problem), remedy, null);
  }

  private String message(String problem) {
    return "The timestamp authority at "
        + ServiceAddress.shown(url)
        + " gave no timestamp: "
        + problem
        + ".";
  }

  private static String shown(TSPException e) {
    return Printable.of(String.valueOf(e.getMessage()));
  }
}
