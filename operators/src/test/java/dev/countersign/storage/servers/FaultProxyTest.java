package dev.countersign.storage.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FaultProxyTest {

  private static final byte[] CONTENT = new byte[300_000];

  static {
    for (int i = 0; i < CONTENT.length; i++) {
      CONTENT[i] = (byte) (i * 31);
    }
  }

  private final HttpClient client = HttpClient.newHttpClient();
  private HttpServer server;
  private FaultProxy proxy;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", FaultProxyTest::serve);
    server.start();
    proxy = FaultProxy.start(URI.create("http://127.0.0.1:" + server.getAddress().getPort()));
  }

  @AfterEach
  void stop() throws IOException {
    proxy.close();
    server.stop(0);
  }

  @Test
  void exchange_withoutFault_passesAndIsLogged() throws Exception {
    HttpResponse<byte[]> whole = get("/whole?a=%2F");
    HttpResponse<byte[]> chunked = get("/chunked");
    HttpResponse<byte[]> echo =
        client.send(
            HttpRequest.newBuilder(proxy.uri().resolve("/echo"))
                .expectContinue(true)
                .PUT(BodyPublishers.ofByteArray(CONTENT))
                .build(),
            BodyHandlers.ofByteArray());

    assertThat(whole.body()).isEqualTo(CONTENT);
    assertThat(chunked.body()).isEqualTo(CONTENT);
    assertThat(echo.body()).isEqualTo(CONTENT);
    assertThat(proxy.takeLog())
        .extracting(e -> e.request() + " " + e.status() + " " + e.bytes())
        .containsExactly(
            "GET /whole?a=%2F bytes=0- 200 300000",
            "GET /chunked bytes=0- 200 300000", "PUT /echo 200 300000");
    assertThat(proxy.log()).isEmpty();
  }

  @Test
  void status_isAnsweredInTheServersPlace() throws Exception {
    proxy.faults(request -> request.path().equals("/no") ? Fault.status(503) : Fault.NONE);

    assertThat(get("/no").statusCode()).isEqualTo(503);
    assertThat(new String(get("/no").body(), StandardCharsets.UTF_8))
        .contains("<Code>SlowDown</Code>");
    assertThat(get("/whole").statusCode()).isEqualTo(200);
  }

  @Test
  void resets_breakTheConnection() {
    proxy.faults(request -> Fault.resetBefore());
    assertThatThrownBy(() -> get("/whole")).isInstanceOf(IOException.class);

    proxy.faults(request -> Fault.resetAfter(1000));
    assertThatThrownBy(() -> get("/whole")).hasRootCauseInstanceOf(SocketException.class);

    assertThat(proxy.log()).last().extracting(FaultProxy.Exchange::bytes).isEqualTo(1000L);
  }

  @Test
  void bodies_thatAreCutOrHaveAWrongLength_areShort() throws Exception {
    proxy.faults(request -> Fault.cutAfter(1000));
    assertThatThrownBy(() -> get("/whole")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> get("/chunked")).isInstanceOf(IOException.class);

    proxy.faults(request -> Fault.wrongLength(1));
    assertThatThrownBy(() -> get("/whole")).isInstanceOf(IOException.class);

    proxy.faults(request -> Fault.wrongLength(-1));
    assertThat(get("/whole").body()).isEqualTo(Arrays.copyOf(CONTENT, CONTENT.length - 1));
  }

  @Test
  void answer_withoutABodyThatStalls_isInTheLogAndNotSent() throws Exception {
    proxy.faults(request -> Fault.stallAfter(0));

    CompletableFuture<HttpResponse<Void>> answer =
        client.sendAsync(
            HttpRequest.newBuilder(proxy.uri().resolve("/echo"))
                .PUT(BodyPublishers.noBody())
                .build(),
            BodyHandlers.discarding());
    while (proxy.log().isEmpty()) {
      Thread.sleep(20);
    }

    assertThat(proxy.log()).extracting(FaultProxy.Exchange::status).containsExactly(200);
    assertThat(answer).isNotDone();
  }

  @Test
  void latencyAndBandwidth_takeTime() throws Exception {
    proxy.latency(Duration.ofMillis(200));
    assertThat(millis("/whole")).isBetween(200L, 45_000L);

    proxy.calm();
    proxy.bandwidth(1_000_000);
    assertThat(millis("/whole")).isBetween(250L, 45_000L);
  }

  private long millis(String path) throws Exception {
    long begin = System.nanoTime();
    assertThat(get(path).body()).isEqualTo(CONTENT);
    return (System.nanoTime() - begin) / 1_000_000;
  }

  private HttpResponse<byte[]> get(String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create(proxy.uri() + path)).header("Range", "bytes=0-").build(),
        BodyHandlers.ofByteArray());
  }

  private static void serve(HttpExchange exchange) throws IOException {
    byte[] sent = exchange.getRequestBody().readAllBytes();
    byte[] answer = exchange.getRequestURI().getPath().equals("/echo") ? sent : CONTENT;
    boolean chunked = exchange.getRequestURI().getPath().equals("/chunked");
    if (answer.length == 0) {
      exchange.sendResponseHeaders(200, -1);
    } else {
      exchange.sendResponseHeaders(200, chunked ? 0 : answer.length);
      exchange.getResponseBody().write(answer);
    }
    exchange.close();
  }
}
