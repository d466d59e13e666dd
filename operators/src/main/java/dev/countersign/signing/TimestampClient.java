package dev.countersign.signing;

import dev.countersign.oms.Sha256;
import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.text.Printable;
import java.io.IOException;
import java.io.Serial;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
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
import org.jspecify.annotations.Nullable;

/**
 * Asks a timestamp authority for timestamps (RFC 3161, over HTTP as its section 3.4 has it). Thread
 * safe; as many calls at once as there are callers.
 */
public final class TimestampClient implements AutoCloseable {

  private static final Remedy CHECK_URL =
      Remedy.of("Check %s, or try again later.", Setting.TSA_URL);

  /** The most that an answer may hold, in bytes: as much as a verifier takes. */
  private static final int MAX_ANSWER_BYTES = 64 << 10;

  /** How much of a text that came with an error is shown. */
  private static final int MAX_SHOWN_BYTES = 200;

  private static final int NONCE_BITS = 128;
  private static final int TOO_MANY_REQUESTS = 429;

  /** Times to ask, the first one included; the waits between them make up some 13 seconds. */
  private static final int MAX_ATTEMPTS = 7;

  private static final long FIRST_WAIT_MILLIS = 200;

  private final URI url;
  private final Duration total;
  private final HttpClient http;
  private final SecureRandom random = new SecureRandom();

  /**
   * Makes a client for one authority. Nothing is sent yet.
   *
   * @throws IllegalArgumentException if its URL is neither {@code http} nor {@code https}, or holds
   *     a user or a password
   */
  public TimestampClient(TimestampSettings settings) {
    this.url = settings.url();
    this.total = settings.timeout();
    String scheme = Optional.ofNullable(url.getScheme()).orElse("").toLowerCase(Locale.ROOT);
    if (Optional.ofNullable(url.getRawAuthority()).orElse("").contains("@")) {
      // Not shown: it may be a password.
      throw new IllegalArgumentException(
          "The URL of the timestamp authority holds a user or a password, and would show it to"
              + " everybody on this machine. Name an authority with "
              + Setting.TSA_URL
              + " that needs none.");
    }
    if (!(scheme.equals("http") || scheme.equals("https")) || url.getHost() == null) {
      throw new IllegalArgumentException(
          "Cannot ask a timestamp authority at "
              + Printable.of(url.toString())
              + ": an address is needed that begins with https:// or http://. Check "
              + Setting.TSA_URL
              + ".");
    }
    if (total.isNegative() || total.isZero()) {
      throw new IllegalArgumentException("No time to wait for a timestamp: " + total);
    }
    // HTTP/1.1: an offer to upgrade confuses more servers than there are that would take it up.
    // No redirects: what is asked is the host that the user named.
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(total)
            .build();
  }

  /**
   * Returns a timestamp over a signature. Blocks; an interrupt ends the wait.
   *
   * @param signature what is to be timestamped, of which only the digest is sent; not changed
   * @return the authority's answer, a TimeStampResp in DER, over this signature and signed by the
   *     certificate that it encloses
   * @throws SigningException if the authority does not give one in time, or gives another
   */
  public byte[] timestamp(byte[] signature) throws SigningException {
    TimeStampRequest request = request(signature);
    long deadline = System.nanoTime() + total.toNanos();
    long wait = FIRST_WAIT_MILLIS;
    for (int attempt = 1; ; attempt++) {
      Attempt outcome = attempt(request, deadline);
      if (outcome.answer().isPresent()) {
        return checked(outcome.answer().get(), request);
      }
      long pause = ThreadLocalRandom.current().nextLong(wait / 2, wait + 1);
      if (!outcome.worthAnother()
          || attempt == MAX_ATTEMPTS
          || left(deadline) <= TimeUnit.MILLISECONDS.toNanos(pause)) {
        throw refuse(outcome.problem());
      }
      pause(pause);
      wait *= 2;
    }
  }

  /** Lets go of the connections; no method may be called after. */
  @Override
  public void close() {
    // From Java 21 on it can be closed; on 17 its thread ends when nobody refers to it any more.
    if ((Object) http instanceof AutoCloseable closeable) {
      try {
        closeable.close();
      } catch (Exception e) {
        throw new IllegalStateException("The JDK's HTTP client cannot be closed", e);
      }
    }
  }

  private TimeStampRequest request(byte[] signature) {
    TimeStampRequestGenerator generator = new TimeStampRequestGenerator();
    // Otherwise the bundle would lack the certificate, and be of no use to who has not got it.
    generator.setCertReq(true);
    return generator.generate(
        TSPAlgorithms.SHA256, Sha256.digest(signature), new BigInteger(NONCE_BITS, random));
  }

  private Attempt attempt(TimeStampRequest request, long deadline) throws SigningException {
    CompletableFuture<HttpResponse<byte[]>> pending = new CompletableFuture<>();
    try {
      HttpRequest query =
          HttpRequest.newBuilder(url)
              .header("Content-Type", "application/timestamp-query")
              .header("Accept", "application/timestamp-reply")
              .POST(BodyPublishers.ofByteArray(request.getEncoded()))
              .build();
      pending = http.sendAsync(query, answer -> new BoundedBody());
      return outcome(pending.get(Math.max(left(deadline), 0), TimeUnit.NANOSECONDS));
    } catch (ExecutionException e) {
      return failed(Optional.ofNullable(e.getCause()).orElse(e));
    } catch (IOException e) {
      throw new IllegalStateException("A timestamp request cannot be written", e);
    } catch (TimeoutException e) {
      return Attempt.last("it did not answer within " + seconds());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SigningException("The wait for a timestamp was interrupted.", Remedy.NONE, e);
    } finally {
      // Ends the exchange if it is still going on.
      pending.cancel(true);
    }
  }

  private static Attempt failed(Throwable failure) {
    if (failure instanceof TooLargeException) {
      return Attempt.last("its answer is larger than 64 KiB, the limit");
    }
    String reason =
        failure.getClass().getSimpleName()
            + (failure.getMessage() == null ? "" : ": " + Printable.of(failure.getMessage()));
    // A kept connection may have been closed by the other side meanwhile; a bad certificate stays.
    return failure instanceof IOException && !(failure instanceof SSLException)
        ? Attempt.transientFailure("it cannot be reached (" + reason + ")")
        : Attempt.last("it cannot be reached (" + reason + ")");
  }

  private static Attempt outcome(HttpResponse<byte[]> answer) {
    int status = answer.statusCode();
    if (status == 200) {
      String type = answer.headers().firstValue("Content-Type").orElse("");
      return type.toLowerCase(Locale.ROOT).startsWith("text/")
          ? Attempt.last("it answered with text, not a timestamp: " + shown(answer.body()))
          : Attempt.answered(answer.body());
    }
    String problem = "it answered with HTTP status " + status + ": " + shown(answer.body());
    return status >= 500 || status == TOO_MANY_REQUESTS
        ? Attempt.transientFailure(problem)
        : Attempt.last(problem);
  }

  private byte[] checked(byte[] answer, TimeStampRequest request) throws SigningException {
    try {
      check(answer, request);
      return answer;
    } catch (TSPException e) {
      throw new SigningException(
          message("its answer is no timestamp over this signature (" + shown(e) + ")"),
          CHECK_URL,
          e);
    }
  }

  /**
   * Checks that an answer is to a request, and signed by the certificate that it encloses, so that
   * no bundle is written with a timestamp that nobody could verify. Whether the authority is to be
   * trusted is up to who verifies the bundle.
   *
   * @throws TSPException if not; the message says why, in Bouncy Castle's words
   */
  private static void check(byte[] answer, TimeStampRequest request) throws TSPException {
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

  private SigningException refuse(String problem) {
    return new SigningException(message(problem), CHECK_URL, null);
  }

  private String message(String problem) {
    return "The timestamp authority at " + address() + " gave no timestamp: " + problem + ".";
  }

  /** Returns the URL without its query, which may hold an access key. */
  private String address() {
    return Printable.of(
        url.getScheme()
            + "://"
            + url.getRawAuthority()
            + Optional.ofNullable(url.getRawPath()).orElse(""));
  }

  private String seconds() {
    return total.toMillis() / 1000.0 + " seconds";
  }

  private static String shown(TSPException e) {
    return Printable.of(String.valueOf(e.getMessage()));
  }

  private static String shown(byte[] body) {
    byte[] start = Arrays.copyOf(body, Math.min(body.length, MAX_SHOWN_BYTES));
    return start.length == 0
        ? "(nothing more)"
        : Printable.of(new String(start, StandardCharsets.UTF_8).strip());
  }

  private static void pause(long millis) throws SigningException {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SigningException("The wait for a timestamp was interrupted.", Remedy.NONE, e);
    }
  }

  private static long left(long deadline) {
    return deadline - System.nanoTime();
  }

  /**
   * How one request ended.
   *
   * @param answer what the authority answered; empty if it did not
   * @param problem otherwise, what was wrong, as the rest of a sentence that began with "it"
   * @param worthAnother whether the next may fare better
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Attempt(Optional<byte[]> answer, String problem, boolean worthAnother) {

    static Attempt answered(byte[] answer) {
      return new Attempt(Optional.of(answer), "", false);
    }

    static Attempt transientFailure(String problem) {
      return new Attempt(Optional.empty(), problem, true);
    }

    static Attempt last(String problem) {
      return new Attempt(Optional.empty(), problem, false);
    }
  }

  /**
   * The body of an HTTP answer, up to a bound: what goes on beyond it is not read. Called by the
   * client's threads, one after the other.
   */
  private static final class BoundedBody implements BodySubscriber<byte[]> {

    private final BodySubscriber<byte[]> body = BodySubscribers.ofByteArray();
    private Flow.@Nullable Subscription subscription;
    private long bytes;

    @Override
    public CompletionStage<byte[]> getBody() {
      return body.getBody();
    }

    @Override
    public void onSubscribe(Flow.Subscription newSubscription) {
      subscription = newSubscription;
      body.onSubscribe(newSubscription);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
      bytes += buffers.stream().mapToLong(ByteBuffer::remaining).sum();
      if (bytes <= MAX_ANSWER_BYTES) {
        body.onNext(buffers);
        return;
      }
      if (subscription != null) {
        subscription.cancel();
      }
      body.onError(new TooLargeException());
    }

    @Override
    public void onError(Throwable failure) {
      body.onError(failure);
    }

    @Override
    public void onComplete() {
      body.onComplete();
    }
  }

  /** The body of an answer goes on beyond the limit. */
  private static final class TooLargeException extends IOException {

    @Serial private static final long serialVersionUID = 1L;
  }
}
