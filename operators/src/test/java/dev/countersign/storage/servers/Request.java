package dev.countersign.storage.servers;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * A request that a {@link FaultProxy} got.
 *
 * @param number counts the requests of the proxy, from 1
 * @param method such as GET
 * @param target path and query as they were sent
 * @param headers by their names in lower case
 * @param head as it was sent
 */
public record Request(
    int number, String method, String target, Map<String, String> headers, String head) {

  static Request parse(int number, String head) {
    String[] first = head.substring(0, head.indexOf('\r')).split(" ", -1);
    return new Request(number, first[0], first[1], headersOf(head), head);
  }

  /** Returns a header, empty if there is none; its name is in lower case. */
  public String header(String name) {
    return headers.getOrDefault(name, "");
  }

  /** Returns the path, as it was sent. */
  public String path() {
    int query = target.indexOf('?');
    return query < 0 ? target : target.substring(0, query);
  }

  /** Returns whether this asks S3 for keys of a bucket. */
  public boolean isS3List() {
    return method.equals("GET") && target.contains("list-type=2");
  }

  @Override
  public String toString() {
    String range = header("range");
    return method + " " + target + (range.isEmpty() ? "" : " " + range);
  }

  String headWithoutExpect() {
    return head.replaceAll("(?i)\r\nexpect:[^\r]*", "");
  }

  private static Map<String, String> headersOf(String head) {
    Map<String, String> headers = new TreeMap<>();
    for (String line : head.lines().toList()) {
      int colon = line.indexOf(':');
      if (colon > 0 && (line.indexOf(' ') < 0 || colon < line.indexOf(' '))) {
        headers.put(
            line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
      }
    }
    return headers;
  }

  /** The head of an answer. */
  record Answer(int status, Map<String, String> headers, String head) {

    static Answer parse(String head) {
      return new Answer(Integer.parseInt(head.split(" ", 3)[1].strip()), headersOf(head), head);
    }

    String header(String name) {
      return headers.getOrDefault(name, "");
    }

    boolean hasNoBody(String method) {
      return method.equals("HEAD") || status == 204 || status == 304 || status < 200;
    }

    String withLength(long length) {
      return head.replaceAll("(?i)\r\ncontent-length:[^\r]*", "\r\nContent-Length: " + length);
    }
  }
}
