package dev.countersign.storage.rest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.storage.RequestCounts;
import dev.countersign.storage.objects.ObjectContent;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of requests whose server does not answer as it should. */
@Timeout(120)
final class RestClientTest {

  /** Longer than anything takes that is to happen, such as the first TLS handshake of a JVM. */
  private static final Duration LONG = Duration.ofMinutes(1);

  private static final String PART = "HTTP/1.1 206 Partial Content\r\nContent-Length: 8\r\n\r\n";

  private final CountDownLatch over = new CountDownLatch(1);
  private final AtomicInteger requests = new AtomicInteger();
  private RestClient client = new RestClient(LONG, LONG, Optional.empty());
  private volatile boolean readsHeads = true;
  private ServerSocket door;

  @BeforeEach
  void listen() throws Exception {
    door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void close() throws Exception {
    over.countDown();
    door.close();
    client.close();
  }

  @Test
  void answer_thatIsComplete_isReturned() throws Exception {
    answer("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX-A: b\r\n\r\nbody");

    RestAnswer answer = client.send(get());

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.text()).isEqualTo("body");
    assertThat(answer.header("x-a")).isEqualTo("b");
    assertThat(answer.received()).isZero();
  }

  @Test
  void range_thatIsComplete_isInTheBufferAlone() throws Exception {
    answer(PART + "12345678");
    byte[] buffer = new byte[12];

    RestAnswer answer = client.send(get(), ByteBuffer.wrap(buffer, 2, 8));

    assertThat(answer.received()).isEqualTo(8);
    assertThat(answer.body()).isEmpty();
    assertThat(new String(buffer, ISO_8859_1)).isEqualTo("\0\0" + "12345678" + "\0\0");
  }

  @Test
  void server_thatNeverAnswers_fails() throws Exception {
    answer("");
    endAfterSilenceOf(Duration.ofSeconds(1));

    assertThat(failure()).hasMessage("nothing was sent or received for 1.0 seconds");
  }

  @Test
  void server_thatStopsWithinABody_failsAndWritesNoMore() throws Exception {
    endAfterSilenceOf(Duration.ofSeconds(5));
    CountDownLatch failed = new CountDownLatch(1);
    serve(
        socket -> {
          send(socket, PART + "1234");
          failed.await();
          send(socket, "5678");
        });
    byte[] buffer = new byte[8];

    IOException e =
        catchThrowableOfType(IOException.class, () -> client.send(get(), ByteBuffer.wrap(buffer)));
    byte[] atOnce = buffer.clone();
    failed.countDown();
    Thread.sleep(200);

    assertThat(e).hasMessageContaining("nothing was sent or received");
    assertThat(new String(atOnce, ISO_8859_1)).isEqualTo("1234\0\0\0\0");
    assertThat(buffer).isEqualTo(atOnce);
  }

  @Test
  void server_thatIsSlowButMoves_isWaitedFor() throws Exception {
    Duration silence = Duration.ofSeconds(5);
    endAfterSilenceOf(silence);
    serve(
        socket -> {
          send(socket, PART);
          for (int i = 1; i <= 8; i++) {
            Thread.sleep(silence.toMillis() / 6);
            send(socket, String.valueOf(i));
          }
        });
    byte[] buffer = new byte[8];

    assertThat(client.send(get(), ByteBuffer.wrap(buffer)).received()).isEqualTo(8);
    assertThat(new String(buffer, ISO_8859_1)).isEqualTo("12345678");
  }

  @Test
  void body_thatIsCut_fails() throws Exception {
    serve(socket -> send(socket, PART + "1234"));

    assertThat(failureOfRange(8)).isNotNull();
  }

  @Test
  void body_thatIsLongerThanTheBuffer_fails() throws Exception {
    answer(PART + "12345678");
    byte[] buffer = new byte[12];

    IOException e =
        catchThrowableOfType(
            IOException.class, () -> client.send(get(), ByteBuffer.wrap(buffer, 0, 7)));

    assertThat(e).hasMessage("the answer is longer than what was asked for");
    assertThat(buffer[7]).isZero();
  }

  @Test
  void port_thatIsRefused_failsAtOnce() throws Exception {
    // Has the port, so that nobody else gets it, and does not listen.
    try (Socket silent = new Socket()) {
      silent.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      URI uri = URI.create("http://127.0.0.1:" + silent.getLocalPort() + "/x");

      long begin = System.nanoTime();
      IOException e =
          catchThrowableOfType(
              IOException.class,
              () -> client.send(RestRequest.of(RequestCounts.Kind.GET, "GET", uri, Map.of())));

      assertThat(e).isInstanceOf(ConnectException.class);
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(LONG.dividedBy(2));
    }
  }

  @Test
  void request_thatIsReset_isSentOnceIfItStores() throws Exception {
    serve(socket -> socket.setSoLinger(true, 0));
    RestRequest put =
        new RestRequest(
            RequestCounts.Kind.PUT,
            "PUT",
            uri("http"),
            Map.of(),
            Optional.of(ObjectContent.of(new byte[10])));

    IOException e = catchThrowableOfType(IOException.class, () -> client.send(put));

    assertThat(e).isNotNull();
    assertThat(requests).hasValue(1);
  }

  @Test
  void tls_withAServerThatSpeaksNone_fails() throws Exception {
    readsHeads = false;
    answer("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");

    IOException e =
        catchThrowableOfType(
            IOException.class,
            () ->
                client.send(RestRequest.of(RequestCounts.Kind.GET, "GET", uri("https"), Map.of())));

    assertThat(e).isInstanceOf(SSLException.class);
    assertThat(RestFaults.unanswered("gs://lab/m", false, e).transientFault()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void tls_whoseConnectionBreaksInTheHandshake_isTransient(boolean isReset) throws Exception {
    readsHeads = false;
    serve(
        socket -> {
          int unused = socket.getInputStream().read(new byte[4096]);
          if (isReset) {
            socket.setSoLinger(true, 0);
          }
        });

    IOException e =
        catchThrowableOfType(
            IOException.class,
            () ->
                client.send(RestRequest.of(RequestCounts.Kind.GET, "GET", uri("https"), Map.of())));

    assertThat(RestFaults.unanswered("gs://lab/m", false, e).transientFault()).isTrue();
  }

  @Test
  void header_thatCannotBeSent_isNotShown() throws Exception {
    RestRequest request =
        RestRequest.of(
            RequestCounts.Kind.GET, "GET", uri("http"), Map.of("Authorization", "secret\nline"));

    IOException e = catchThrowableOfType(IOException.class, () -> client.send(request));

    assertThat(e).hasMessageStartingWith("a header cannot be sent").hasNoCause();
  }

  @Test
  void wait_thatIsInterrupted_ends() throws Exception {
    answer("");
    Thread.currentThread().interrupt();

    IOException e = failure();

    assertThat(e).isInstanceOf(InterruptedIOException.class);
    assertThat(Thread.interrupted()).isTrue();
  }

  private void endAfterSilenceOf(Duration silence) {
    client.close();
    client = new RestClient(LONG, silence, Optional.empty());
  }

  private interface Answer {
    void to(Socket socket) throws Exception;
  }

  /** Sends a text for each request, and leaves the connection open until the test is over. */
  private void answer(String text) {
    serve(
        socket -> {
          send(socket, text);
          over.await();
        });
  }

  private void serve(Answer answer) {
    Thread server =
        new Thread(
            () -> {
              while (!door.isClosed()) {
                try (Socket socket = door.accept()) {
                  if (readsHeads) {
                    readHead(socket.getInputStream());
                  }
                  requests.incrementAndGet();
                  answer.to(socket);
                } catch (Exception e) {
                  // The client has gone, or the test is over.
                }
              }
            });
    server.setDaemon(true);
    server.start();
  }

  private static void readHead(InputStream from) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = from.read();
      if (next < 0) {
        throw new IOException("no request");
      }
      head.append((char) next);
    }
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(ISO_8859_1));
    socket.getOutputStream().flush();
  }

  private URI uri(String scheme) {
    return URI.create(scheme + "://127.0.0.1:" + door.getLocalPort() + "/x");
  }

  private RestRequest get() {
    return RestRequest.of(RequestCounts.Kind.GET, "GET", uri("http"), Map.of());
  }

  private IOException failure() {
    return catchThrowableOfType(IOException.class, () -> client.send(get()));
  }

  private IOException failureOfRange(int length) {
    return catchThrowableOfType(
        IOException.class, () -> client.send(get(), ByteBuffer.allocate(length)));
  }
}
