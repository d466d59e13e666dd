package dev.countersign.http;

import dev.countersign.text.Printable;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.Serial;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
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
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Calls to one service over HTTP/1.1. Answers are bounded. Redirects are not followed: what is
 * called is the host that was named. Thread safe; as many calls at once as there are callers.
 *
 * <p>A call that fails for a reason that may pass (no connection, status 429 or 5xx) is made again,
 * after a pause that doubles each time and varies by half, until its time is over. If the service
 * says with {@code Retry-After} how long to wait, all calls wait as long. Such waits of a patient
 * client do not count as part of a call's time, up to a limit, and after each one a call has at
 * least half of its time left.
 */
public final class HttpCalls implements AutoCloseable {

  private static final int TOO_MANY_REQUESTS = 429;

  /**
   * Attempts of one call, the first one included; the pauses are some 13 seconds, without limits.
   */
  private static final int MAX_ATTEMPTS = 7;

  private static final long FIRST_PAUSE_MILLIS = 200;

  /**
   * How long one call of a patient client waits in addition to its time, in total. A certificate of
   * Sigstore that is about to be renewed can be used for so long.
   */
  private static final Duration PATIENCE = Duration.ofMinutes(4);

  private final HttpClient http;
  private final Duration timeout;
  private final int maxAnswerBytes;
  private final Duration patience;

  /** Before this time, by {@link System#nanoTime}, the service wants no calls. */
  private final AtomicLong notBefore = new AtomicLong(System.nanoTime());

  /**
   * Makes a client. Nothing is sent yet.
   *
   * @param maxAnswerBytes the most that an answer may hold
   * @throws IllegalArgumentException if an authority in the settings cannot be read
   */
  public HttpCalls(HttpSettings settings, int maxAnswerBytes) {
    this(settings, maxAnswerBytes, Duration.ZERO, System::getenv);
  }

  /** A client in that environment. */
  HttpCalls(
      HttpSettings settings,
      int maxAnswerBytes,
      Duration patience,
      UnaryOperator<@Nullable String> environment) {
    this.patience = patience;
    this.timeout = settings.timeout();
    this.maxAnswerBytes = maxAnswerBytes;
    // HTTP/1.1: an offer to upgrade confuses more servers than there are that would take it up.
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .proxy(new ProxyVariables(environment))
            .connectTimeout(timeout);
    if (!settings.authorities().isEmpty()) {
      builder.sslContext(TlsAuthorities.context(settings.authorities()));
    }
    this.http = builder.build();
  }

  /**
   * Makes a patient client, for one call of many. Nothing is sent yet.
   *
   * @throws IllegalArgumentException if an authority in the settings cannot be read
   */
  public static HttpCalls patient(HttpSettings settings, int maxAnswerBytes) {
    return new HttpCalls(settings, maxAnswerBytes, PATIENCE, System::getenv);
  }

  /**
   * Calls the service. Blocks; an interrupt ends the wait.
   *
   * @return the answer, whose status may be any but 429 and those from 500
   * @throws ServiceException if there is no such answer in time
   */
  public HttpAnswer call(HttpRequest request) throws ServiceException {
    return call(request, () -> true).orElseThrow();
  }

  /**
   * Calls the service, as {@link #call(HttpRequest)}, as long as its answer is of use: waits may
   * take longer than that.
   *
   * @param isOfUse asked before each attempt
   * @return the answer; empty if it became of no use before one was obtained
   * @throws ServiceException if there is no answer in time
   */
  public Optional<HttpAnswer> call(HttpRequest request, BooleanSupplier isOfUse)
      throws ServiceException {
    long deadline = System.nanoTime() + timeout.toNanos();
    long pause = FIRST_PAUSE_MILLIS;
    long patienceLeft = patience.toNanos();
    for (int attempt = 1; ; attempt++) {
      for (long wait = left(notBefore.get()); wait > 0; wait = left(notBefore.get())) {
        long extra = awaitTurn(wait, deadline, patienceLeft);
        if (extra > 0) {
          patienceLeft -= extra;
          // Otherwise, a wait that begins near the deadline would leave no time for an answer.
          deadline += Math.max(extra, timeout.toNanos() / 2 - left(deadline));
        }
      }
      if (!isOfUse.getAsBoolean()) {
        return Optional.empty();
      }
      Attempt outcome = attempt(request, deadline);
      if (outcome.answer().isPresent()) {
        return outcome.answer();
      }
      long nanos =
          TimeUnit.MILLISECONDS.toNanos(ThreadLocalRandom.current().nextLong(pause / 2, pause + 1));
      boolean hasTime = nanos < left(deadline);
      if (!outcome.worthAnother()
          || attempt == MAX_ATTEMPTS
          || (!hasTime && left(notBefore.get()) <= 0)) {
        throw new ServiceException(outcome.problem(), outcome.cause().orElse(null));
      }
      if (hasTime) {
        sleep(nanos);
      }
      pause *= 2;
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

  /**
   * Waits until the service wants calls.
   *
   * @param wait how long that is, in nanoseconds, positive
   * @param patienceLeft how long this call may wait in addition to its time, in nanoseconds
   * @return how much of that it used now; 0 if it waited within its time
   */
  private long awaitTurn(long wait, long deadline, long patienceLeft) throws ServiceException {
    // Not all at once when the time is over.
    long varied = wait + ThreadLocalRandom.current().nextLong(wait / 4 + 1);
    if (wait <= patienceLeft) {
      long begin = System.nanoTime();
      sleep(Math.min(varied, patienceLeft));
      return System.nanoTime() - begin;
    }
    long free = left(deadline) - wait;
    if (free <= 0) {
      throw new ServiceException(
          "it wants no requests for the next "
              + (TimeUnit.NANOSECONDS.toSeconds(wait) + 1)
              + " seconds",
          null,
          true);
    }
    // Time for an answer is to be left.
    sleep(Math.min(varied, wait + free / 2));
    return 0;
  }

  private Attempt attempt(HttpRequest request, long deadline) throws ServiceException {
    // Connections that are kept alive refer to the handler. One that refers to this client would
    // keep it from ending, for 20 minutes and with the class loader of its job.
    int limit = maxAnswerBytes;
    CompletableFuture<HttpResponse<byte[]>> pending = new CompletableFuture<>();
    try {
      pending = http.sendAsync(request, answer -> new BoundedBody(limit));
      return outcome(pending.get(Math.max(left(deadline), 0), TimeUnit.NANOSECONDS));
    } catch (ExecutionException e) {
      return failed(Optional.ofNullable(e.getCause()).orElse(e));
    } catch (IllegalArgumentException e) {
      // Of the proxy's address.
      throw new ServiceException("it cannot be called. " + e.getMessage(), e);
    } catch (TimeoutException e) {
      return Attempt.last("it did not answer within " + timeout.toMillis() / 1000.0 + " seconds");
    } catch (InterruptedException e) {
      throw interrupted(e);
    } finally {
      // Ends the exchange if it is still going on.
      pending.cancel(true);
    }
  }

  private Attempt failed(Throwable failure) {
    if (failure instanceof BoundedBody.TooLargeException) {
      return Attempt.last(
          "its answer is larger than " + (maxAnswerBytes >> 10) + " KiB, the limit");
    }
    String reason =
        failure.getClass().getSimpleName()
            + (failure.getMessage() == null ? "" : ": " + Printable.of(failure.getMessage()));
    // A kept connection may have been closed by the other side meanwhile; a bad certificate stays.
    return new Attempt(
        Optional.empty(),
        "it cannot be reached (" + reason + ")",
        failure instanceof IOException && !(failure instanceof SSLException),
        Optional.of(failure));
  }

  private Attempt outcome(HttpResponse<byte[]> response) {
    HttpHeaders headers = response.headers();
    HttpAnswer answer =
        new HttpAnswer(
            response.statusCode(),
            headers.firstValue("Content-Type").orElse("").toLowerCase(Locale.ROOT),
            headers.firstValue("Location"),
            response.body());
    if (answer.status() != TOO_MANY_REQUESTS && answer.status() < 500) {
      return new Attempt(Optional.of(answer), "", false, Optional.empty());
    }
    headers.firstValue("Retry-After").ifPresent(this::postpone);
    return new Attempt(Optional.empty(), answer.refusal(), true, Optional.empty());
  }

  /** Notes how long the service wants no calls, in seconds; dates are left to the usual pauses. */
  private void postpone(String retryAfter) {
    if (retryAfter.matches("\\d{1,6}")) {
      long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(Long.parseLong(retryAfter));
      notBefore.accumulateAndGet(until, (one, other) -> one - other > 0 ? one : other);
    }
  }

  private static void sleep(long nanos) throws ServiceException {
    try {
      TimeUnit.NANOSECONDS.sleep(nanos);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static ServiceException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new ServiceException("the wait for it was interrupted", e);
  }

  private static long left(long deadline) {
    return deadline - System.nanoTime();
  }

  /**
   * Outcome of one request.
   *
   * @param answer what the service answered; empty if there is no answer to return
   * @param problem otherwise, what was wrong, as the rest of a sentence that began with "it"
   * @param worthAnother whether the next may fare better
   */
  private record Attempt(
      Optional<HttpAnswer> answer,
      String problem,
      boolean worthAnother,
      Optional<Throwable> cause) {

    static Attempt last(String problem) {
      return new Attempt(Optional.empty(), problem, false, Optional.empty());
    }
  }

  /**
   * Body of an HTTP answer, up to a bound: what goes on beyond it is not read. Called by the
   * client's threads, one after the other.
   */
  private static final class BoundedBody implements BodySubscriber<byte[]> {

    private final int maxBytes;
    private final BodySubscriber<byte[]> body = BodySubscribers.ofByteArray();
    private Flow.@Nullable Subscription subscription;
    private long bytes;

    BoundedBody(int maxBytes) {
      this.maxBytes = maxBytes;
    }

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
      if (bytes <= maxBytes) {
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

    /** The body of an answer goes on beyond the limit. */
    static final class TooLargeException extends IOException {

      @Serial private static final long serialVersionUID = 1L;
    }
  }

  /**
   * Makes TLS contexts that accept the certificates of given authorities, in addition to those in
   * the JDK's trust store.
   */
  private static final class TlsAuthorities {

    private TlsAuthorities() {}

    /**
     * Returns a context.
     *
     * @param der certificates of the authorities
     * @throws IllegalArgumentException if one cannot be read
     */
    static SSLContext context(List<byte[]> der) {
      try {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        List<X509Certificate> known = known();
        for (int i = 0; i < known.size(); i++) {
          store.setCertificateEntry("jdk-" + i, known.get(i));
        }
        for (int i = 0; i < der.size(); i++) {
          store.setCertificateEntry(
              "authority-" + i, factory.generateCertificate(new ByteArrayInputStream(der.get(i))));
        }
        TrustManagerFactory trust = trust(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
      } catch (GeneralSecurityException | IOException e) {
        throw new IllegalArgumentException("a certificate authority for TLS cannot be used", e);
      }
    }

    private static List<X509Certificate> known() throws GeneralSecurityException {
      for (TrustManager manager : trust(null).getTrustManagers()) {
        if (manager instanceof X509TrustManager certificates) {
          return List.of(certificates.getAcceptedIssuers());
        }
      }
      return List.of();
    }

    private static TrustManagerFactory trust(@Nullable KeyStore store)
        throws GeneralSecurityException {
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      return trust;
    }
  }
}
