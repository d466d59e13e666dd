package dev.countersign.storage.rest;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * Object store in this process that takes any key, over the JDK's HTTP server. Records what it was
 * asked. A subclass knows the API of one store.
 */
public abstract class FakeStore implements AutoCloseable {

  /**
   * One request.
   *
   * @param path as it was sent
   * @param query decoded
   * @param headers by name in lower case
   */
  public record Asked(
      String method, String path, Map<String, String> query, Map<String, String> headers) {

    /** Returns a header, empty if it is missing. */
    public String header(String name) {
      return headers.getOrDefault(name, "");
    }
  }

  /** An answer. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Reply(int status, Map<String, String> headers, byte[] body) {

    /** An answer of text. */
    public static Reply of(int status, String text) {
      return new Reply(status, Map.of(), text.getBytes(StandardCharsets.UTF_8));
    }

    /** Returns it with another header. */
    public Reply with(String name, String value) {
      Map<String, String> all = new LinkedHashMap<>(headers);
      all.put(name, value);
      return new Reply(status, all, body);
    }
  }

  /** An object. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  protected record Stored(byte[] content, long version, Instant created) {}

  /** In the order of the bytes of their keys. */
  protected final ConcurrentSkipListMap<String, Stored> objects =
      new ConcurrentSkipListMap<>(
          (one, other) ->
              Arrays.compareUnsigned(
                  one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8)));

  private final AtomicLong versions = new AtomicLong(System.nanoTime());
  private final List<Asked> asked = new CopyOnWriteArrayList<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer server;
  private volatile Function<Asked, Optional<Reply>> refusals = request -> Optional.empty();

  protected FakeStore() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /** Returns where it listens, such as {@code 127.0.0.1:4711}. */
  public String address() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  /** Answers those requests in place of the store. */
  public void refuse(Function<Asked, Optional<Reply>> chosen) {
    refusals = chosen;
  }

  /** Returns what it was asked so far. */
  public List<Asked> asked() {
    return List.copyOf(asked);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  /** Answers a request. One at a time. */
  protected abstract Reply answer(Asked request, byte[] body);

  /** Stores an object and returns it. */
  protected Stored store(String key, byte[] content) {
    Stored stored = new Stored(content, versions.incrementAndGet(), Instant.now());
    objects.put(key, stored);
    return stored;
  }

  /** Returns a part of an object, or why it cannot be had. */
  protected static Reply range(Stored stored, String range) {
    String[] ends = range.replace("bytes=", "").split("-", -1);
    int first = Integer.parseInt(ends[0]);
    int last = Math.min(Integer.parseInt(ends[1]), stored.content().length - 1);
    if (first > last) {
      return Reply.of(416, "");
    }
    return new Reply(
        206,
        Map.of("Content-Range", "bytes " + first + "-" + last + "/" + stored.content().length),
        Arrays.copyOfRange(stored.content(), first, last + 1));
  }

  private void handle(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    Map<String, String> headers = new LinkedHashMap<>();
    exchange
        .getRequestHeaders()
        .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values.get(0)));
    Asked request =
        new Asked(
            exchange.getRequestMethod(),
            exchange.getRequestURI().getRawPath(),
            query(exchange.getRequestURI().getRawQuery()),
            headers);
    asked.add(request);
    Reply reply;
    synchronized (this) {
      reply = refusals.apply(request).orElseGet(() -> answer(request, body));
    }
    reply.headers().forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
    boolean isHead = request.method().equals("HEAD");
    exchange.sendResponseHeaders(
        reply.status(), isHead || reply.body().length == 0 ? -1 : reply.body().length);
    if (!isHead && reply.body().length > 0) {
      exchange.getResponseBody().write(reply.body());
    }
    exchange.close();
  }

  private static Map<String, String> query(String raw) {
    Map<String, String> query = new LinkedHashMap<>();
    if (raw != null) {
      for (String parameter : raw.split("&", -1)) {
        int equals = parameter.indexOf('=');
        query.put(parameter.substring(0, equals), Escaped.undone(parameter.substring(equals + 1)));
      }
    }
    return query;
  }
}
