package dev.countersign.jobs.embedded;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Answers {@code GET /metrics} over HTTP with a page of metrics, and nothing else. Holds up nobody:
 * few threads, few connections, and each request ends within seconds.
 */
public final class MetricsServer implements AutoCloseable {

  /** The one path that there is. */
  static final String PATH = "/metrics";

  private static final int THREADS = 2;
  private static final int REQUESTS_AT_MOST = 64;
  private static final int BACKLOG = 16;
  private static final long SECONDS_AT_MOST = 5;

  /** Each takes a descriptor, of which reading models needs some, too. */
  private static final int CONNECTIONS_AT_MOST = 64;

  private static final AtomicInteger NUMBER = new AtomicInteger();

  static {
    // The JDK's server waits for a slow client without end, and takes any number of clients, unless
    // told otherwise, once a process.
    limit("sun.net.httpserver.maxReqTime", SECONDS_AT_MOST);
    limit("sun.net.httpserver.maxRspTime", SECONDS_AT_MOST);
    limit("jdk.httpserver.maxConnections", CONNECTIONS_AT_MOST);
  }

  private final HttpServer server;
  private final ThreadPoolExecutor threads;

  private MetricsServer(HttpServer server, ThreadPoolExecutor threads) {
    this.server = server;
    this.threads = threads;
  }

  private static void limit(String property, long most) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, String.valueOf(most));
    }
  }

  /**
   * Starts a server.
   *
   * @param address where it listens; port 0 for any that is free
   * @param page gives the page as of now; called by the server's threads
   * @throws IOException if the address cannot be listened on
   */
  public static MetricsServer start(InetSocketAddress address, Supplier<String> page)
      throws IOException {
    HttpServer server = HttpServer.create(address, BACKLOG);
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            SECONDS_AT_MOST,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(REQUESTS_AT_MOST),
            task -> {
              Thread thread = new Thread(task, "countersign-metrics-" + NUMBER.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    var unused = server.createContext("/", exchange -> answer(exchange, page));
    server.setExecutor(threads);
    server.start();
    return new MetricsServer(server, threads);
  }

  /** Returns where the page is. */
  public String url() {
    InetSocketAddress address = server.getAddress();
    String host = address.getAddress().getHostAddress();
    return "http://"
        + (address.getAddress() instanceof Inet6Address ? "[" + host + "]" : host)
        + ":"
        + address.getPort()
        + PATH;
  }

  private static void answer(HttpExchange exchange, Supplier<String> page) throws IOException {
    try (exchange) {
      boolean isHead = exchange.getRequestMethod().equals("HEAD");
      if (!isHead && !exchange.getRequestMethod().equals("GET")) {
        exchange.getResponseHeaders().set("Allow", "GET, HEAD");
        exchange.sendResponseHeaders(405, -1);
      } else if (!PATH.equals(exchange.getRequestURI().getPath())) {
        exchange.sendResponseHeaders(404, -1);
      } else {
        byte[] body = page.get().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", MetricsPage.CONTENT_TYPE);
        exchange.sendResponseHeaders(200, isHead ? -1 : body.length);
        if (!isHead) {
          exchange.getResponseBody().write(body);
        }
      }
    }
  }

  /** Closes the port at once. */
  @Override
  public void close() {
    server.stop(0);
    var unused = threads.shutdownNow();
  }
}
