package dev.countersign.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which proxy a call goes through. */
final class ProxyVariablesTest {

  private static final URI REKOR = URI.create("https://rekor.example.org/api");

  @Test
  void proxy_ofTls_isHttpsProxyInSmallLettersFirst() {
    Map<String, String> variables =
        Map.of("https_proxy", "http://small:1", "HTTPS_PROXY", "http://large:2", "HTTP_PROXY", "x");

    assertThat(proxy(variables, REKOR)).isEqualTo(http("small", 1));
  }

  @Test
  void proxy_withoutSchemeAndPort_isHttpOnPort80() {
    assertThat(proxy(Map.of("HTTPS_PROXY", "proxy.example.org"), REKOR))
        .isEqualTo(http("proxy.example.org", 80));
  }

  @Test
  void variables_thatAreNotSet_leaveTheChoiceToTheJvm() {
    assertThat(proxy(Map.of("HTTPS_PROXY", " "), REKOR)).isEqualTo(Proxy.NO_PROXY);
  }

  /** What is not encrypted there would be read by the proxy. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://localhost:1/",
        "http://127.0.0.2:1/",
        "http://[::1]:1/",
        "http://metadata.google.internal/"
      })
  void servicesOfThisMachine_areCalledWithoutAProxy(String url) {
    Map<String, String> variables = Map.of("HTTP_PROXY", "http://proxy:3128");

    assertThat(proxy(variables, URI.create(url))).isEqualTo(Proxy.NO_PROXY);
  }

  @ParameterizedTest
  @CsvSource({
    "*, true",
    "example.org, true",
    ".example.org, true",
    "'a.example, rekor.EXAMPLE.org', true",
    "ample.org, false",
    "fulcio.example.org, false",
    "'', false"
  })
  void host_inNoProxy_isCalledWithout(String list, boolean exempt) {
    Map<String, String> variables = Map.of("HTTPS_PROXY", "http://proxy:3128", "NO_PROXY", list);

    assertThat(proxy(variables, REKOR).equals(Proxy.NO_PROXY)).isEqualTo(exempt);
  }

  @ParameterizedTest
  @ValueSource(strings = {"socks5://proxy:1080", "https://proxy:443", "http://", "a b"})
  void proxy_ofAnotherKind_isRefused(String address) {
    assertThatThrownBy(() -> proxy(Map.of("HTTPS_PROXY", address), REKOR))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "The proxy in HTTPS_PROXY or HTTP_PROXY is not the address of an HTTP proxy, as in"
                + " http://proxy.example.org:3128.");
  }

  @Test
  void proxy_withPassword_isRefusedAndNotShown() {
    assertThatThrownBy(() -> proxy(Map.of("HTTPS_PROXY", "http://me:hunter2@proxy:3128"), REKOR))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has a user or a password, which is not supported")
        .hasMessageNotContaining("hunter2");
  }

  private static Proxy proxy(Map<String, String> variables, URI uri) {
    return new ProxyVariables(variables::get).select(uri).get(0);
  }

  private static Proxy http(String host, int port) {
    return new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(host, port));
  }
}
