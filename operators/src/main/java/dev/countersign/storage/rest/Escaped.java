package dev.countersign.storage.rest;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;

/** Percent-encoding of URIs (RFC 3986, section 2): everything but its unreserved characters. */
public final class Escaped {

  private static final String UNRESERVED = "-._~";
  private static final String HEX = "0123456789ABCDEF";

  private Escaped() {}

  /** Returns a text in which slashes are escaped as well. */
  public static String of(String text) {
    StringBuilder escaped = new StringBuilder(text.length() + 16);
    for (byte unit : text.getBytes(StandardCharsets.UTF_8)) {
      boolean plain =
          (unit >= '0' && unit <= '9')
              || (unit >= 'A' && unit <= 'Z')
              || (unit >= 'a' && unit <= 'z')
              || UNRESERVED.indexOf(unit) >= 0;
      if (plain) {
        escaped.append((char) unit);
      } else {
        escaped.append('%').append(HEX.charAt(unit >> 4 & 15)).append(HEX.charAt(unit & 15));
      }
    }
    return escaped.toString();
  }

  /** Returns a text whose slashes stay. */
  public static String path(String text) {
    return of(text).replace("%2F", "/");
  }

  /** Returns the text that was escaped. */
  public static String undone(String escaped) {
    return URLDecoder.decode(escaped.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  /** Returns a query without its question mark, in the order of the map. */
  public static String query(Map<String, String> parameters) {
    return parameters.entrySet().stream()
        .map(parameter -> of(parameter.getKey()) + "=" + of(parameter.getValue()))
        .collect(Collectors.joining("&"));
  }
}
