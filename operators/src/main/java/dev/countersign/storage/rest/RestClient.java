package dev.countersign.storage.rest;

import dev.countersign.storage.RequestCounts;
import dev.countersign.storage.objects.ObjectContent;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.ProxySelector;
import java.net.SocketTimeoutException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests over HTTP/1.1, each once. Redirects are not followed, since credentials are meant
 * for one host. Thread safe; as many requests at once as there are callers.
 *
 * <p>A request fails when nothing was sent or received for some time, be it within a body.
 */
public final class RestClient implements Closeable {

  /** The most that an answer may hold, such as a page of a listing, in bytes. */
  private static final int MAX_ANSWER = 64 << 20;

  private final Duration connect;
  private final Duration patience;
  private final Optional<ProxySelector> proxy;
  private @Nullable HttpClient http;

  /**
   * Makes a client.
   *
   * @param connect how long a connection may take
   * @param patience how long a request goes on while nothing is sent or received
   * @param proxy empty for that of the JVM
   */
  public RestClient(Duration connect, Duration patience, Optional<ProxySelector> proxy) {
    this.connect = connect;
    this.patience = patience;
    this.proxy = proxy;
  }

  /** Returns the client of the JDK, which has a thread and is not made before it is needed. */
  private synchronized HttpClient http() {
    HttpClient made = http;
    if (made == null) {
      made =
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .followRedirects(HttpClient.Redirect.NEVER)
              .connectTimeout(connect)
              .proxy(proxy.orElseGet(ProxySelector::getDefault))
              .build();
      http = made;
    }
    return made;
  }

  /** Sends a request whose answer is returned as a whole. */
  public RestAnswer send(RestRequest request) throws IOException {
    return send(request, ByteBuffer.allocate(0));
  }

  /**
   * Sends a request and waits for its answer.
   *
   * @param range where the bytes of a partial answer go; nothing is written there once this returns
   * @throws IOException if there is no complete answer, or one that is too large
   */
  public RestAnswer send(RestRequest request, ByteBuffer range) throws IOException {
    RequestCounts.sent(request.kind());
    Exchange exchange = new Exchange(range);
    CompletableFuture<HttpResponse<byte[]>> pending = new CompletableFuture<>();
    try {
      HttpRequest.Builder builder =
          HttpRequest.newBuilder(request.uri())
              .method(request.method(), body(request.body(), exchange));
      request.headers().forEach(builder::header);
      pending = http().sendAsync(builder.build(), info -> exchange.receiver(info.statusCode()));
      HttpResponse<byte[]> response = await(pending, exchange);
      return new RestAnswer(
          response.statusCode(), response.headers(), response.body(), exchange.received());
    } catch (IllegalArgumentException e) {
      // Without the cause: its message may show a header that holds a credential.
      throw new IOException("a header cannot be sent, such as one with a credential of two lines");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException fault ? fault : new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    } finally {
      exchange.close();
      pending.cancel(true);
    }
  }

  @Override
  public synchronized void close() {
    // From Java 21 on it can be closed; on 17 its thread ends when nobody refers to it any more.
    if ((Object) http instanceof AutoCloseable closeable) {
      try {
        closeable.close();
      } catch (Exception e) {
        throw new IllegalStateException("The JDK's HTTP client cannot be closed", e);
      }
    }
  }

  private HttpResponse<byte[]> await(
      CompletableFuture<HttpResponse<byte[]>> pending, Exchange exchange)
      throws IOException, ExecutionException, InterruptedException {
    while (true) {
      long left = patience.toNanos() - exchange.idleNanos();
      if (left <= 0) {
        throw new SocketTimeoutException(
            "nothing was sent or received for " + patience.toMillis() / 1000.0 + " seconds");
      }
      try {
        return pending.get(left, TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        // Something may have moved meanwhile.
      }
    }
  }

  private static BodyPublisher body(Optional<ObjectContent> content, Exchange exchange) {
    if (content.isEmpty() || content.get().length() == 0) {
      return BodyPublishers.noBody();
    }
    ObjectContent.Source source = content.get().source();
    return BodyPublishers.fromPublisher(
        BodyPublishers.ofInputStream(
            () -> {
              try {
                return new Sent(source.open(), exchange);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            }),
        content.get().length());
  }

  /** One request and its answer. The client's threads write, the caller's closes. */
  private static final class Exchange {

    private final ByteBuffer range;
    private volatile long lastMove = System.nanoTime();
    private boolean open = true;

    Exchange(ByteBuffer range) {
      this.range = range.slice();
    }

    long idleNanos() {
      return System.nanoTime() - lastMove;
    }

    synchronized int received() {
      return range.position();
    }

    /** From here on nothing is written to the buffer, which the caller may use for other bytes. */
    synchronized void close() {
      open = false;
    }

    void moved() {
      lastMove = System.nanoTime();
    }

    BodySubscriber<byte[]> receiver(int status) {
      moved();
      return new Received(this, status == RestAnswer.PARTIAL);
    }

    /** Tells whether the bytes had room. */
    synchronized boolean write(List<ByteBuffer> bytes) {
      for (ByteBuffer some : bytes) {
        if (!open || some.remaining() > range.remaining()) {
          return false;
        }
        range.put(some);
      }
      return true;
    }
  }

  /** Body of an answer, up to a bound: what follows is not read. Called by one thread at a time. */
  private static final class Received implements BodySubscriber<byte[]> {

    private final Exchange exchange;
    private final boolean isRange;
    private final ByteArrayOutputStream whole = new ByteArrayOutputStream();
    private final CompletableFuture<byte[]> body = new CompletableFuture<>();
    private Flow.@Nullable Subscription subscription;

    Received(Exchange exchange, boolean isRange) {
      this.exchange = exchange;
      this.isRange = isRange;
    }

    @Override
    public CompletionStage<byte[]> getBody() {
      return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription newSubscription) {
      subscription = newSubscription;
      newSubscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
      exchange.moved();
      if (isRange ? !exchange.write(buffers) : !add(buffers)) {
        if (subscription != null) {
          subscription.cancel();
        }
        body.completeExceptionally(new IOException("the answer is longer than what was asked for"));
      }
    }

    @Override
    public void onError(Throwable failure) {
      body.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      body.complete(whole.toByteArray());
    }

    private boolean add(List<ByteBuffer> buffers) {
      for (ByteBuffer some : buffers) {
        if (whole.size() + some.remaining() > MAX_ANSWER) {
          return false;
        }
        byte[] bytes = new byte[some.remaining()];
        some.get(bytes);
        whole.writeBytes(bytes);
      }
      return true;
    }
  }

  /** Content that notes when it is sent. */
  private static final class Sent extends FilterInputStream {

    private final Exchange exchange;

    Sent(InputStream content, Exchange exchange) {
      super(content);
      this.exchange = exchange;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      exchange.moved();
      return super.read(buffer, offset, length);
    }
  }
}
