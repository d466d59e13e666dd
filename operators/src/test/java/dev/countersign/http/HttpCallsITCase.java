package dev.countersign.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.countersign.trust.CertificateForge;
import dev.countersign.trust.CertificateForge.Issued;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls to services in this JVM. */
@Timeout(120)
final class HttpCallsITCase {

  private static final Duration LONG = Duration.ofSeconds(30);
  private static final char[] PASSWORD = "password".toCharArray();

  private final List<AutoCloseable> open = new CopyOnWriteArrayList<>();
  private final AtomicInteger requests = new AtomicInteger();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
  }

  /** A thread of a job would keep its class loader in the memory of a session cluster. */
  @Test
  void calls_thatAreClosed_leaveNoThread() throws Exception {
    URI url = serveOnceAndStayConnected();
    Set<Thread> before = selectors();

    Set<Thread> ours = callAndClose(url);
    ours.removeAll(before);

    assertThat(ours).isNotEmpty();
    while (ours.stream().anyMatch(Thread::isAlive)) {
      System.gc();
      Thread.sleep(100);
    }
  }

  private static Set<Thread> callAndClose(URI url) throws ServiceException {
    try (HttpCalls calls = new HttpCalls(new HttpSettings(LONG), 100)) {
      assertThat(calls.call(get(url)).status()).isEqualTo(200);
      return selectors();
    }
  }

  private static Set<Thread> selectors() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().endsWith("-SelectorManager"))
        .collect(Collectors.toCollection(HashSet::new));
  }

  @Test
  void call_afterRetryAfter_waitsAsLongAsTheServiceSays() throws Exception {
    URI url =
        serve(
            exchange -> {
              if (requests.incrementAndGet() == 1) {
                exchange.getResponseHeaders().set("Retry-After", "1");
                reply(exchange, 429, "slow down");
              } else {
                reply(exchange, 200, "yes");
              }
            });
    long began = System.nanoTime();

    HttpAnswer answer = calls(LONG).call(get(url));

    assertThat(answer.body()).asString(UTF_8).isEqualTo("yes");
    assertThat(System.nanoTime() - began).isGreaterThanOrEqualTo(1_000_000_000L);
  }

  @Test
  void call_afterRetryAfterBeyondItsTime_failsAtOnce() throws Exception {
    URI url =
        serve(
            exchange -> {
              exchange.getResponseHeaders().set("Retry-After", "3600");
              reply(exchange, 503, "");
            });

    assertThatThrownBy(() -> calls(LONG).call(get(url)))
        .isInstanceOf(ServiceException.class)
        .hasMessageMatching("it wants no requests for the next 3\\d\\d\\d seconds");
  }

  /** Wherever the wait begins and ends, the call has time for an answer after it. */
  @ParameterizedTest
  @CsvSource({"2900, 0, 200", "3300, 0, 1000", "14000, 10500, 5000"})
  void call_afterRetryAfterWithinPatience_waitsAndThenHasItsTime(
      long timeoutMillis, long refusalMillis, long answerMillis) throws Exception {
    URI url =
        serve(
            exchange -> {
              if (requests.incrementAndGet() == 1) {
                pause(refusalMillis);
                exchange.getResponseHeaders().set("Retry-After", "3");
                reply(exchange, 503, "");
              } else {
                pause(answerMillis);
                reply(exchange, 200, "yes");
              }
            });

    HttpAnswer answer =
        calls(Duration.ofMillis(timeoutMillis), Duration.ofSeconds(4)).call(get(url));

    assertThat(answer.status()).isEqualTo(200);
    assertThat(requests).hasValue(2);
  }

  @Test
  void calls_postponedForLongerThanPatienceInTotal_failAndSayThatAllWould() throws Exception {
    URI url =
        serve(
            exchange -> {
              boolean first = requests.incrementAndGet() == 1;
              exchange.getResponseHeaders().set("Retry-After", first ? "2" : "35");
              reply(exchange, 503, "");
            });

    assertThatThrownBy(() -> calls(LONG, Duration.ofSeconds(35)).call(get(url)))
        .isInstanceOfSatisfying(ServiceException.class, e -> assertThat(e.isPostponed()).isTrue())
        .hasMessageMatching("it wants no requests for the next \\d+ seconds");
    assertThat(requests).hasValue(2);
  }

  @Test
  void storm_of429_endsWithAnAnswerForEachCall() throws Exception {
    // Each call is refused three times, which is less often than it is made again.
    Map<String, Integer> refusals = new ConcurrentHashMap<>();
    URI url =
        serve(
            exchange -> {
              if (refusals.merge(exchange.getRequestURI().getQuery(), 1, Integer::sum) <= 3) {
                reply(exchange, 429, "");
              } else {
                reply(exchange, 200, "yes");
              }
            });
    HttpCalls calls = calls(LONG);
    ExecutorService callers = Executors.newFixedThreadPool(16);
    open.add(callers::shutdownNow);

    List<Future<HttpAnswer>> answers =
        IntStream.range(0, 16)
            .mapToObj(i -> callers.submit(() -> calls.call(get(url.resolve("?call=" + i)))))
            .toList();

    for (Future<HttpAnswer> answer : answers) {
      assertThat(answer.get().status()).isEqualTo(200);
    }
  }

  @Test
  void bodyThatIsCutShort_isTriedAgainAndThenAFailure() throws Exception {
    URI url =
        serve(
            exchange -> {
              requests.incrementAndGet();
              exchange.sendResponseHeaders(200, 1000);
              exchange.getResponseBody().write(new byte[10]);
              exchange.getResponseBody().flush();
              // Closes the connection, since less was written than said.
              exchange.close();
            });

    assertThatThrownBy(() -> calls(LONG).call(get(url)))
        .isInstanceOf(ServiceException.class)
        .hasMessageStartingWith("it cannot be reached (IOException: ");
    assertThat(requests).hasValueGreaterThan(1);
  }

  @Test
  void tlsCertificateOfAPrivateAuthority_isAcceptedUnderThatAuthorityOnly() throws Exception {
    Issued root = CertificateForge.ca("CN=Private Root").issue();
    Issued other = CertificateForge.ca("CN=Other Root").issue();
    URI url =
        serveWithTls(CertificateForge.server("CN=localhost", "localhost").signedBy(root).issue());

    assertThat(
            calls(new HttpSettings(List.of(root.certificate().getEncoded()), LONG)).call(get(url)))
        .extracting(HttpAnswer::status)
        .isEqualTo(200);
    for (HttpSettings settings :
        List.of(
            new HttpSettings(LONG),
            new HttpSettings(List.of(other.certificate().getEncoded()), LONG))) {
      assertThatThrownBy(() -> calls(settings).call(get(url)))
          .isInstanceOf(ServiceException.class)
          .hasMessageStartingWith("it cannot be reached (SSLHandshakeException: ");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"http_proxy", "HTTP_PROXY"})
  void call_withAProxyVariable_goesThroughTheProxy(String variable) throws Exception {
    URI proxy = serve(exchange -> reply(exchange, 200, "asked for " + exchange.getRequestURI()));
    HttpCalls calls =
        new HttpCalls(
            new HttpSettings(LONG),
            1024,
            Duration.ZERO,
            Map.of(variable, "http://127.0.0.1:" + proxy.getPort())::get);
    open.add(calls);

    HttpAnswer answer = calls.call(get(URI.create("http://fulcio.invalid/api/v2/signingCert")));

    assertThat(answer.body())
        .asString(UTF_8)
        .isEqualTo("asked for http://fulcio.invalid/api/v2/signingCert");
  }

  @Test
  void call_overTls_connectsThroughTheProxy() throws Exception {
    ServerSocket proxy = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
    open.add(proxy);
    HttpCalls calls =
        new HttpCalls(
            new HttpSettings(LONG),
            1024,
            Duration.ZERO,
            Map.of("HTTPS_PROXY", "127.0.0.1:" + proxy.getLocalPort())::get);
    open.add(calls);
    ExecutorService caller = Executors.newSingleThreadExecutor();
    open.add(caller::shutdownNow);
    Future<HttpAnswer> unused =
        caller.submit(() -> calls.call(get(URI.create("https://rekor.invalid/"))));

    try (Socket connection = proxy.accept();
        BufferedReader request =
            new BufferedReader(new InputStreamReader(connection.getInputStream(), UTF_8))) {
      assertThat(request.readLine()).isEqualTo("CONNECT rekor.invalid:443 HTTP/1.1");
    }
  }

  private HttpCalls calls(Duration timeout) {
    return calls(timeout, Duration.ZERO);
  }

  private HttpCalls calls(Duration timeout, Duration patience) {
    return calls(new HttpSettings(timeout), patience);
  }

  private HttpCalls calls(HttpSettings settings) {
    return calls(settings, Duration.ZERO);
  }

  private HttpCalls calls(HttpSettings settings, Duration patience) {
    HttpCalls calls = new HttpCalls(settings, 1024, patience, name -> null);
    open.add(calls);
    return calls;
  }

  private static HttpRequest get(URI url) {
    return HttpRequest.newBuilder(url).GET().build();
  }

  /** What a service does with a request. */
  private interface Behaviour {
    void answer(HttpExchange exchange) throws IOException;
  }

  private URI serve(Behaviour behaviour) throws IOException {
    return start(HttpServer.create(loopback(), 0), behaviour);
  }

  /** Answers one request and keeps the connection open until the test is over. */
  private URI serveOnceAndStayConnected() throws IOException {
    ServerSocket door = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
    open.add(door);
    Thread server =
        new Thread(
            () -> {
              try {
                Socket connection = door.accept();
                open.add(connection);
                BufferedReader request =
                    new BufferedReader(new InputStreamReader(connection.getInputStream(), UTF_8));
                while (!request.readLine().isEmpty()) {}
                connection
                    .getOutputStream()
                    .write("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes".getBytes(UTF_8));
              } catch (IOException e) {
                // The test is over.
              }
            });
    server.setDaemon(true);
    server.start();
    return URI.create("http://127.0.0.1:" + door.getLocalPort() + "/");
  }

  private URI serveWithTls(Issued certified) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry(
        "server",
        certified.keys().getPrivate(),
        PASSWORD,
        new Certificate[] {certified.certificate()});
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    HttpsServer server = HttpsServer.create(loopback(), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    int port = start(server, exchange -> reply(exchange, 200, "yes")).getPort();
    return URI.create("https://localhost:" + port + "/");
  }

  private URI start(HttpServer server, Behaviour behaviour) {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    server.setExecutor(threads);
    server.createContext("/", behaviour::answer);
    server.start();
    open.add(
        () -> {
          server.stop(0);
          threads.shutdownNow();
        });
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
  }

  private static InetSocketAddress loopback() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void reply(HttpExchange exchange, int status, String text) throws IOException {
    byte[] body = text.getBytes(UTF_8);
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }
}
