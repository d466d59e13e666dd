package dev.countersign.http;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Proxies as the environment variables {@code HTTPS_PROXY}, {@code HTTP_PROXY} and {@code NO_PROXY}
 * name them, in capitals or small letters; small letters come first, as in curl. Where they are not
 * set, the JVM's own settings apply ({@code -Dhttps.proxyHost} and others).
 */
final class ProxyVariables extends ProxySelector {

  private final UnaryOperator<@Nullable String> environment;

  /** Proxies that these variables name. */
  ProxyVariables(UnaryOperator<@Nullable String> environment) {
    this.environment = environment;
  }

  @Override
  public List<Proxy> select(URI uri) {
    if (ServiceAddress.isOnThisMachine(uri)) {
      return List.of(Proxy.NO_PROXY);
    }
    Optional<String> named =
        variable(String.valueOf(uri.getScheme()).equalsIgnoreCase("https") ? "https" : "http");
    if (named.isEmpty()) {
      ProxySelector system = ProxySelector.getDefault();
      return system == null ? List.of(Proxy.NO_PROXY) : system.select(uri);
    }
    return isExempt(Optional.ofNullable(uri.getHost()).orElse(""))
        ? List.of(Proxy.NO_PROXY)
        : List.of(proxy(named.get()));
  }

  @Override
  public void connectFailed(URI uri, SocketAddress address, IOException failure) {
    // The call reports it.
  }

  private Optional<String> variable(String scheme) {
    return value(scheme + "_proxy");
  }

  private Optional<String> value(String name) {
    return Optional.ofNullable(environment.apply(name))
        .or(() -> Optional.ofNullable(environment.apply(name.toUpperCase(Locale.ROOT))))
        .filter(text -> !text.isBlank())
        .map(String::strip);
  }

  /**
   * Returns a proxy.
   *
   * @throws IllegalArgumentException if it is not one of HTTP; its text is not shown, since it may
   *     hold a password
   */
  private static Proxy proxy(String text) {
    try {
      URI url = new URI(text.contains("://") ? text : "http://" + text);
      if (ServiceAddress.holdsUser(url)) {
        throw new IllegalArgumentException(
            "The proxy in HTTPS_PROXY or HTTP_PROXY has a user or a password, which is not"
                + " supported. Name a proxy that needs none.");
      }
      if (String.valueOf(url.getScheme()).equalsIgnoreCase("http") && url.getHost() != null) {
        int port = url.getPort() < 0 ? 80 : url.getPort();
        return new Proxy(
            Proxy.Type.HTTP, InetSocketAddress.createUnresolved(bare(url.getHost()), port));
      }
    } catch (URISyntaxException e) {
      // Refused below.
    }
    throw new IllegalArgumentException(
        "The proxy in HTTPS_PROXY or HTTP_PROXY is not the address of an HTTP proxy, as in"
            + " http://proxy.example.org:3128.");
  }

  /** Returns whether the list of exceptions has a host, or a domain above it. */
  private boolean isExempt(String host) {
    String wanted = bare(host).toLowerCase(Locale.ROOT);
    for (String each : value("no_proxy").orElse("").split(",", -1)) {
      String name = bare(each.strip().toLowerCase(Locale.ROOT));
      name = name.startsWith(".") ? name.substring(1) : name;
      if (name.equals("*")
          || (!name.isEmpty() && (wanted.equals(name) || wanted.endsWith("." + name)))) {
        return true;
      }
    }
    return false;
  }

  private static String bare(String host) {
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }
}
