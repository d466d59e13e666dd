package dev.countersign.jobs.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
final class MetricsServerTest {

  private final HttpClient client = HttpClient.newHttpClient();
  private MetricsServer server;

  @BeforeEach
  void setUp() throws IOException {
    server = MetricsServer.start(loopback(0), () -> "page \u00e8\n");
  }

  @AfterEach
  void tearDown() {
    server.close();
  }

  @Test
  void get_ofMetrics_isThePage() throws Exception {
    HttpResponse<String> answer = send("GET", "");

    assertThat(server.url()).matches("http://127\\.0\\.0\\.1:[1-9][0-9]*/metrics");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("page \u00e8\n");
    assertThat(answer.headers().firstValue("Content-Type"))
        .contains("text/plain; version=0.0.4; charset=utf-8");
  }

  @Test
  void requests_forOtherThings_areRefused() throws Exception {
    assertThat(send("GET", "/more").statusCode()).isEqualTo(404);
    assertThat(send("POST", "").statusCode()).isEqualTo(405);
    assertThat(send("DELETE", "").headers().firstValue("Allow")).contains("GET, HEAD");
    assertThat(send("HEAD", "").statusCode()).isEqualTo(200);
    assertThat(send("HEAD", "").body()).isEmpty();
  }

  @Test
  void clients_thatSayNothing_holdUpNobody() throws Exception {
    Socket[] silent = new Socket[20];
    for (int i = 0; i < silent.length; i++) {
      silent[i] = new Socket(InetAddress.getLoopbackAddress(), port());
    }

    HttpResponse<String> answer = send("GET", "");

    assertThat(answer.statusCode()).isEqualTo(200);
    for (Socket socket : silent) {
      socket.close();
    }
  }

  @Test
  void connections_inLargeNumbers_areClosed() throws Exception {
    List<Socket> silent = new ArrayList<>();
    try {
      for (int i = 0; i < 100; i++) {
        silent.add(new Socket(InetAddress.getLoopbackAddress(), port()));
      }

      // Until the time-out of the test.
      while (silent.stream().filter(MetricsServerTest::isClosedByServer).count() < 100 - 64) {}
    } finally {
      for (Socket socket : silent) {
        socket.close();
      }
    }
  }

  private static boolean isClosedByServer(Socket socket) {
    try {
      socket.setSoTimeout(20);
      return socket.getInputStream().read() < 0;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true; // Reset.
    }
  }

  @Test
  void client_thatStopsInTheMiddle_holdsUpNobody() throws Exception {
    try (Socket slow = new Socket(InetAddress.getLoopbackAddress(), port())) {
      slow.getOutputStream().write("GET /metr".getBytes(StandardCharsets.US_ASCII));
      slow.getOutputStream().flush();

      HttpResponse<String> answer = send("GET", "");

      assertThat(answer.statusCode()).isEqualTo(200);
    }
  }

  @Test
  void port_inUse_isAFault() {
    assertThatThrownBy(() -> MetricsServer.start(loopback(port()), () -> ""))
        .isInstanceOf(BindException.class);
  }

  @Test
  void port_afterClose_isFree() throws IOException {
    int port = port();

    server.close();

    assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close())
        .isInstanceOf(ConnectException.class);
  }

  private HttpResponse<String> send(String method, String more) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create(server.url() + more))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private int port() {
    return URI.create(server.url()).getPort();
  }

  private static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }
}
