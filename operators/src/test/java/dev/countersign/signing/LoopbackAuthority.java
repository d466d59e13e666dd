package dev.countersign.signing;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.tsp.TimeStampRequest;

/** A timestamp authority in this JVM that behaves as a test tells it to. */
final class LoopbackAuthority {

  private static final String PATH = "/api/v1/timestamp";

  private final ExecutorService threads = Executors.newFixedThreadPool(8);
  private final CountDownLatch end = new CountDownLatch(1);
  private final HttpServer server;

  /** What the authority does with a request. */
  interface Behaviour {
    void answer(HttpExchange exchange, TimeStampRequest request) throws Exception;
  }

  LoopbackAuthority() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.start();
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + PATH);
  }

  /** Returns what is counted down when the test ends, so that no answer goes on for ever. */
  CountDownLatch end() {
    return end;
  }

  void serve(Behaviour behaviour) {
    server.createContext(
        PATH,
        exchange -> {
          try {
            behaviour.answer(
                exchange, new TimeStampRequest(exchange.getRequestBody().readAllBytes()));
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          } catch (IOException e) {
            throw e;
          } catch (Exception e) {
            throw new IllegalStateException(e);
          } finally {
            exchange.close();
          }
        });
  }

  static void reply(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  void close() throws InterruptedException {
    end.countDown();
    server.stop(0);
    threads.shutdownNow();
    assertThat(threads.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
  }
}
