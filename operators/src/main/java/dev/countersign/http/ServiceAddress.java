package dev.countersign.http;

import dev.countersign.text.Printable;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;

/** Checks of the addresses of services, and their form for display. */
public final class ServiceAddress {

  private ServiceAddress() {}

  /** Returns the address of a path below a service's, whether that ends with a slash or not. */
  public static URI below(URI base, String path) {
    String text = base.toString();
    return URI.create((text.endsWith("/") ? text.substring(0, text.length() - 1) : text) + path);
  }

  /** Returns whether a URL holds a user or a password. */
  public static boolean holdsUser(URI url) {
    return Optional.ofNullable(url.getRawAuthority()).orElse("").contains("@");
  }

  /** Returns whether a URL is one of HTTP, with TLS or without, and has a host. */
  public static boolean isHttp(URI url) {
    String scheme = Optional.ofNullable(url.getScheme()).orElse("").toLowerCase(Locale.ROOT);
    return (scheme.equals("http") || scheme.equals("https")) && url.getHost() != null;
  }

  /** Returns whether what is sent to a URL can be read by nobody on the way. */
  public static boolean isPrivate(URI url) {
    return String.valueOf(url.getScheme()).equalsIgnoreCase("https") || isOnThisMachine(url);
  }

  /**
   * Returns whether a URL is of a service on this machine, or on the machine under it: the metadata
   * server of a cloud, which gives credentials away.
   */
  static boolean isOnThisMachine(URI url) {
    String host = Optional.ofNullable(url.getHost()).orElse("");
    if (host.equalsIgnoreCase("localhost")
        || host.equalsIgnoreCase("metadata.google.internal")
        || host.equals("169.254.169.254")) {
      return true;
    }
    if (!host.matches("[0-9.]+|\\[[0-9a-fA-F:.]+\\]")) {
      return false;
    }
    try {
      // A literal address, for which no name server is asked.
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /** Returns a URL for display, without its query, which may hold an access key. */
  public static String shown(URI url) {
    return Printable.of(
        url.getScheme()
            + "://"
            + url.getRawAuthority()
            + Optional.ofNullable(url.getRawPath()).orElse(""));
  }
}
