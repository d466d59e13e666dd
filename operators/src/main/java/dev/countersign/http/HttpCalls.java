package dev.countersign.http;

import dev.countersign.text.Printable;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Calls to one service over HTTP/1.1. Answers are bounded. Redirects are not followed: what is
 * called is the host that was named. Thread safe; as many calls at once as there are callers.
 *
 * <p>A call that fails for a reason that may pass (no connection, status 429 or 5xx) is made again,
 * after a pause that doubles each time and varies by half, until its time is over. If the service
 * says with {@code Retry-After} how long to wait, all calls wait as long.
 */
public final class HttpCalls implements AutoCloseable {

  private static final int TOO_MANY_REQUESTS = 429;

  /**
   * Attempts of one call, the first one included; the pauses are some 13 seconds, without limits.
   */
  private static final int MAX_ATTEMPTS = 7;

  private static final long FIRST_PAUSE_MILLIS = 200;

  private final HttpClient http;
  private final Duration timeout;
  private final int maxAnswerBytes;

  /** Before this time, by {@link System#nanoTime}, the service wants no calls. */
  private final AtomicLong notBefore = new AtomicLong(System.nanoTime());

  /**
   * Makes a client. Nothing is sent yet.
   *
   * @param maxAnswerBytes the most that an answer may hold
   * @throws IllegalArgumentException if an authority in the settings cannot be read
   */
  public HttpCalls(HttpSettings settings, int maxAnswerBytes) {
    this(settings, maxAnswerBytes, System::getenv);
  }

  /** A client in that environment. */
  HttpCalls(
      HttpSettings settings, int maxAnswerBytes, UnaryOperator<@Nullable String> environment) {
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
   * Calls the service. Blocks; an interrupt ends the wait.
   *
   * @return the answer, whose status may be any but 429 and those from 500
   * @throws ServiceException if there is no such answer in time
   */
  public HttpAnswer call(HttpRequest request) throws ServiceException {
    long deadline = System.nanoTime() + timeout.toNanos();
    long pause = FIRST_PAUSE_MILLIS;
    for (int attempt = 1; ; attempt++) {
      awaitTurn(deadline);
      Attempt outcome = attempt(request, deadline);
      if (outcome.answer().isPresent()) {
        return outcome.answer().get();
      }
      long millis = ThreadLocalRandom.current().nextLong(pause / 2, pause + 1);
      if (!outcome.worthAnother()
          || attempt == MAX_ATTEMPTS
          || left(deadline) <= TimeUnit.MILLISECONDS.toNanos(millis)) {
        throw new ServiceException(outcome.problem(), outcome.cause().orElse(null));
      }
      sleep(TimeUnit.MILLISECONDS.toNanos(millis));
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

  private void awaitTurn(long deadline) throws ServiceException {
    long turn = notBefore.get();
    long wait = turn - System.nanoTime();
    if (wait <= 0) {
      return;
    }
    if (turn - deadline >= 0) {
      throw new ServiceException(
          "it wants no requests for the next "
              + (TimeUnit.NANOSECONDS.toSeconds(wait) + 1)
              + " seconds",
          null);
    }
    // Not all at once when the time is over.
    sleep(wait + ThreadLocalRandom.current().nextLong(wait / 4 + 1));
  }

  private Attempt attempt(HttpRequest request, long deadline) throws ServiceException {
    CompletableFuture<HttpResponse<byte[]>> pending = new CompletableFuture<>();
    try {
      pending = http.sendAsync(request, answer -> new BoundedBody(maxAnswerBytes));
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
}
