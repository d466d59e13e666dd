package dev.countersign.storage.gcs;

import dev.countersign.storage.rest.Escaped;
import dev.countersign.storage.rest.FakeStore;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.stream.Collectors;

/** Google Cloud Storage with one bucket, {@code lab}, as far as a client of models asks it. */
final class FakeGcs extends FakeStore {

  static final String BUCKET = "lab";

  private static final String OBJECTS = "/storage/v1/b/" + BUCKET + "/o";

  FakeGcs() throws IOException {
    super();
  }

  /** Returns settings with which the client finds this server. */
  Map<String, String> settings() {
    return Map.of(
        "fs.gs.storage.root.url", "http://" + address(), "fs.gs.auth.type", "UNAUTHENTICATED");
  }

  @Override
  protected Reply answer(Asked request, byte[] body) {
    String path = request.path();
    if (path.equals(OBJECTS)) {
      return list(request.query());
    }
    if (path.equals("/upload" + OBJECTS)) {
      return insert(request.query(), body);
    }
    boolean isMedia = path.startsWith("/download" + OBJECTS + "/");
    if (!isMedia && !path.startsWith(OBJECTS + "/")) {
      return error(404, "notFound", "The specified bucket does not exist.");
    }
    String key = Escaped.undone(path.substring(path.indexOf(OBJECTS) + OBJECTS.length() + 1));
    Stored stored = objects.get(key);
    if (stored == null) {
      return error(404, "notFound", "No such object: " + BUCKET + "/" + key);
    }
    if (request.method().equals("DELETE")) {
      objects.remove(key);
      return Reply.of(204, "");
    }
    if (!isMedia) {
      return Reply.of(200, json(key, stored));
    }
    if (!holds(request.query(), stored.version())) {
      return error(412, "conditionNotMet", "At least one precondition did not hold.");
    }
    return range(stored, request.header("range"))
        .with("x-goog-generation", String.valueOf(stored.version()));
  }

  /** An error as the API words it. */
  static Reply error(int status, String reason, String message) {
    return Reply.of(
        status,
        "{\"error\":{\"code\":"
            + status
            + ",\"message\":"
            + quoted(message)
            + ",\"errors\":[{\"reason\":\""
            + reason
            + "\"}]}}");
  }

  private Reply insert(Map<String, String> query, byte[] body) {
    String key = query.get("name");
    Stored present = objects.get(key);
    if (!holds(query, present == null ? 0 : present.version())) {
      return error(412, "conditionNotMet", "At least one precondition did not hold.");
    }
    return Reply.of(200, json(key, store(key, body)));
  }

  private Reply list(Map<String, String> query) {
    String prefix = query.getOrDefault("prefix", "");
    String delimiter = query.getOrDefault("delimiter", "");
    int most = Integer.parseInt(query.getOrDefault("maxResults", "1000"));
    StringJoiner items = new StringJoiner(",");
    Set<String> prefixes = new LinkedHashSet<>();
    int count = 0;
    String last = query.getOrDefault("pageToken", "");
    String next = "";
    for (Map.Entry<String, Stored> entry : objects.tailMap(last, false).entrySet()) {
      String key = entry.getKey();
      if (!key.startsWith(prefix)) {
        continue;
      }
      if (count == most) {
        next = ",\"nextPageToken\":" + quoted(last);
        break;
      }
      int slash = delimiter.isEmpty() ? -1 : key.indexOf(delimiter, prefix.length());
      if (slash >= 0) {
        prefixes.add(key.substring(0, slash + 1));
      } else {
        items.add(json(key, entry.getValue()));
        count++;
      }
      last = key;
    }
    return Reply.of(
        200,
        "{\"kind\":\"storage#objects\",\"items\":["
            + items
            + "],\"prefixes\":["
            + prefixes.stream().map(FakeGcs::quoted).collect(Collectors.joining(","))
            + "]"
            + next
            + "}");
  }

  private static boolean holds(Map<String, String> query, long generation) {
    String required = query.get("ifGenerationMatch");
    return required == null || required.equals(String.valueOf(generation));
  }

  private static String json(String key, Stored stored) {
    return "{\"kind\":\"storage#object\",\"name\":"
        + quoted(key)
        + ",\"size\":\""
        + stored.content().length
        + "\",\"generation\":\""
        + stored.version()
        + "\",\"timeCreated\":\""
        + stored.created()
        + "\"}";
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    text.chars()
        .forEach(
            unit -> {
              if (unit < ' ' || unit == '"' || unit == '\\') {
                quoted.append(String.format(Locale.ROOT, "\\u%04x", unit));
              } else {
                quoted.append((char) unit);
              }
            });
    return quoted.append('"').toString();
  }
}
