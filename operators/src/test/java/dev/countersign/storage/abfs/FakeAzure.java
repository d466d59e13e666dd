package dev.countersign.storage.abfs;

import dev.countersign.storage.rest.Escaped;
import dev.countersign.storage.rest.FakeStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Azure's service for blobs with one container, {@code lab}, as far as a client of models asks it.
 */
final class FakeAzure extends FakeStore {

  static final String KEY =
      Base64.getEncoder()
          .encodeToString("a key that is not secret".getBytes(StandardCharsets.UTF_8));

  private static final String CONTAINER = "/lake/lab";

  FakeAzure() throws IOException {
    super();
  }

  /** Returns settings with which the client finds the account {@code lake} on this server. */
  Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>(endpoint());
    settings.put("fs.azure.account.key.lake.dfs.core.windows.net", KEY);
    return settings;
  }

  /**
   * Returns settings with which the client finds every account on this server, and no credentials.
   */
  Map<String, String> endpoint() {
    return Map.of("fs.azure.abfs.endpoint", address(), "fs.azure.always.use.https", "false");
  }

  @Override
  protected Reply answer(Asked request, byte[] body) {
    String path = request.path();
    if (path.equals(CONTAINER)) {
      return list(request.query());
    }
    if (!path.startsWith(CONTAINER + "/")) {
      return error(404, "ContainerNotFound");
    }
    String key = Escaped.undone(path.substring(CONTAINER.length() + 1));
    Stored stored = objects.get(key);
    if (request.method().equals("PUT")) {
      if (request.header("if-none-match").equals("*") && stored != null) {
        return error(409, "BlobAlreadyExists");
      }
      if (!holds(request, stored)) {
        return error(412, "ConditionNotMet");
      }
      return Reply.of(201, "").with("ETag", tag(store(key, body)));
    }
    if (stored == null) {
      return error(404, "BlobNotFound");
    }
    if (request.method().equals("DELETE")) {
      objects.remove(key);
      return Reply.of(202, "");
    }
    if (!holds(request, stored)) {
      return error(412, "ConditionNotMet");
    }
    Reply found =
        request.method().equals("HEAD")
            ? Reply.of(200, "").with("Content-Length", String.valueOf(stored.content().length))
            : range(stored, request.header("x-ms-range"));
    return found.with("ETag", tag(stored)).with("Last-Modified", time(stored));
  }

  /** An error as the service words it. */
  static Reply error(int status, String code) {
    return Reply.of(
            status,
            "<?xml version=\"1.0\"?><Error><Code>"
                + code
                + "</Code><Message>It is refused.\nRequestId:1</Message></Error>")
        .with("x-ms-error-code", code);
  }

  private Reply list(Map<String, String> query) {
    String prefix = query.getOrDefault("prefix", "");
    String delimiter = query.getOrDefault("delimiter", "");
    int most = Integer.parseInt(query.get("maxresults"));
    StringBuilder blobs = new StringBuilder();
    Set<String> prefixes = new LinkedHashSet<>();
    int count = 0;
    String last = query.getOrDefault("marker", "");
    String next = "";
    for (Map.Entry<String, Stored> entry : objects.tailMap(last, false).entrySet()) {
      String key = entry.getKey();
      if (!key.startsWith(prefix)) {
        continue;
      }
      if (count == most) {
        next = last;
        break;
      }
      int slash = delimiter.isEmpty() ? -1 : key.indexOf(delimiter, prefix.length());
      if (slash >= 0) {
        prefixes.add(key.substring(0, slash + 1));
      } else {
        blobs.append(blob(key, entry.getValue()));
        count++;
      }
      last = key;
    }
    prefixes.forEach(each -> blobs.append("<BlobPrefix>" + name(each) + "</BlobPrefix>"));
    return Reply.of(
        200,
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults><Blobs>"
            + blobs
            + "</Blobs><NextMarker>"
            + escaped(next)
            + "</NextMarker></EnumerationResults>");
  }

  private static String blob(String key, Stored stored) {
    return "<Blob>"
        + name(key)
        + "<Properties><Last-Modified>"
        + time(stored)
        + "</Last-Modified><Etag>"
        + tag(stored).replace("\"", "")
        + "</Etag><Content-Length>"
        + stored.content().length
        + "</Content-Length><AccessTier>Hot</AccessTier></Properties></Blob>";
  }

  private static String name(String key) {
    boolean fits =
        key.chars().allMatch(unit -> unit >= ' ' || unit == '\n' || unit == '\t' || unit == '\r');
    return fits
        ? "<Name>" + escaped(key) + "</Name>"
        : "<Name Encoded=\"true\">" + Escaped.of(key) + "</Name>";
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\r", "&#xD;");
  }

  private static String tag(Stored stored) {
    return "\"0x" + Long.toHexString(stored.version()).toUpperCase(java.util.Locale.ROOT) + "\"";
  }

  private static String time(Stored stored) {
    return DateTimeFormatter.RFC_1123_DATE_TIME.format(stored.created().atZone(ZoneOffset.UTC));
  }

  private static boolean holds(Asked request, Stored stored) {
    String required = request.header("if-match");
    return required.isEmpty() || (stored != null && required.equals(tag(stored)));
  }
}
