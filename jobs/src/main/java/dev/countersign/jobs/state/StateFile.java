package dev.countersign.jobs.state;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.countersign.jobs.state.SavedRun.Finished;
import dev.countersign.options.UsageException;
import dev.countersign.source.checkpoint.CommandFingerprint;
import dev.countersign.text.Printable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The file {@value #NAME}: one JSON object that begins with its version. It is replaced as a whole,
 * so it is never half-written.
 */
final class StateFile {

  static final String NAME = "state.json";

  /** The only version so far; another shape of the file is another version. */
  static final int VERSION = 1;

  private static final int MAX_BYTES = 4 << 20;
  private static final int MAX_PARTS = 1_000;

  /** What goes into names of files, so nothing else may be in it. */
  private static final Pattern RUN_ID = Pattern.compile("[0-9A-Za-z-]{1,64}");

  private final Path file;

  StateFile(Path folder) {
    this.file = folder.resolve(NAME);
  }

  /**
   * Reads the file.
   *
   * @return empty if there is none
   * @throws UsageException if it cannot be read, is damaged, or of another version
   */
  Optional<SavedRun> read() {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MAX_BYTES + 1);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw UsageException.of(
          e,
          "The state %s cannot be read (%s). Let this user read it, or name another folder"
              + " with --state.",
          shown(),
          e.getClass().getSimpleName());
    }
    if (bytes.length > MAX_BYTES) {
      throw damaged("longer than 4 MiB", null);
    }
    try (JsonParser json = new JsonFactory().createParser(bytes)) {
      return Optional.of(parse(json));
    } catch (IOException | DateTimeException | ArithmeticException e) {
      throw damaged("no state as this program writes it", e);
    }
  }

  private SavedRun parse(JsonParser json) throws IOException {
    if (json.nextToken() != JsonToken.START_OBJECT
        || !"version".equals(json.nextFieldName())
        || json.nextToken() != JsonToken.VALUE_NUMBER_INT) {
      throw damaged("its first field is not a version", null);
    }
    long version = json.getLongValue();
    if (version != VERSION) {
      throw UsageException.of(
          "The state %s has version %d, and this release knows version %d. Go on with the"
              + " release that wrote it, or start anew with another folder.",
          shown(), version, VERSION);
    }
    Draft draft = new Draft();
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      JsonToken value = json.nextToken();
      switch (name) {
        case "runId" -> draft.runId = text(json, value, name);
        case "started" -> draft.started = Instant.parse(text(json, value, name));
        case "attempt" -> draft.attempt = number(json, value, name, Integer.MAX_VALUE);
        case "stops" -> draft.stops = number(json, value, name, Integer.MAX_VALUE);
        case "parallelism" -> draft.parallelism = number(json, value, name, Integer.MAX_VALUE);
        case "models" -> draft.models = number(json, value, name, Long.MAX_VALUE);
        case "command" -> draft.command = parts(json, value);
        case "finished" -> draft.finished = finished(json, value);
        default -> throw damaged("an unknown field " + Printable.of(name), null);
      }
    }
    if (json.currentToken() != JsonToken.END_OBJECT || json.nextToken() != null) {
      throw damaged("text behind its end", null);
    }
    return draft.complete();
  }

  /** The fields as they are read. */
  private final class Draft {
    private @Nullable String runId;
    private @Nullable Instant started;
    private long attempt = -1;
    private long stops;
    private long parallelism = -1;
    private long models = -1;
    private @Nullable SortedMap<String, String> command;
    private @Nullable Finished finished;

    SavedRun complete() {
      if (runId == null || started == null || command == null) {
        throw damaged("a field is missing", null);
      }
      if (!RUN_ID.matcher(runId).matches()) {
        throw damaged("its run ID is not valid", null);
      }
      if (attempt < 1 || parallelism < 1 || models < 0) {
        throw damaged("a count is missing", null);
      }
      return new SavedRun(
          runId,
          started,
          (int) attempt,
          (int) stops,
          (int) parallelism,
          models,
          new CommandFingerprint(command),
          Optional.ofNullable(finished));
    }
  }

  private SortedMap<String, String> parts(JsonParser json, JsonToken value) throws IOException {
    require(value == JsonToken.START_OBJECT, "command");
    SortedMap<String, String> parts = new TreeMap<>();
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      require(parts.size() < MAX_PARTS, "command");
      parts.put(name, text(json, json.nextToken(), "command"));
    }
    return parts;
  }

  private Finished finished(JsonParser json, JsonToken value) throws IOException {
    require(value == JsonToken.START_OBJECT, "finished");
    Instant at = null;
    long exitCode = -1;
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      JsonToken field = json.nextToken();
      switch (name) {
        case "at" -> at = Instant.parse(text(json, field, name));
        case "exitCode" -> exitCode = number(json, field, name, 255);
        default -> throw damaged("an unknown field " + Printable.of(name), null);
      }
    }
    if (at == null || exitCode < 0) {
      throw damaged("finished says not how", null);
    }
    return new Finished(at, (int) exitCode);
  }

  private String text(JsonParser json, JsonToken value, String field) throws IOException {
    require(value == JsonToken.VALUE_STRING, field);
    return json.getText();
  }

  private long number(JsonParser json, JsonToken value, String field, long most)
      throws IOException {
    require(value == JsonToken.VALUE_NUMBER_INT, field);
    long number = json.getLongValue();
    require(number >= 0 && number <= most, field);
    return number;
  }

  private void require(boolean holds, String field) {
    if (!holds) {
      throw damaged("its field " + field + " is not as it should be", null);
    }
  }

  private UsageException damaged(String why, @Nullable Throwable cause) {
    return UsageException.of(
        cause,
        "The state %s is damaged: %s. Restore it from a copy, or start anew with another folder"
            + " (bundles that are signed stay, and --skip-signed passes over them).",
        shown(),
        why);
  }

  /**
   * Replaces the file; what was written survives a loss of power.
   *
   * @throws UsageException if it cannot be written
   */
  void write(SavedRun run) {
    Path temporary = file.resolveSibling("." + NAME + ".tmp");
    try {
      try (FileChannel out =
          FileChannel.open(
              temporary,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        ByteBuffer bytes = ByteBuffer.wrap(json(run));
        while (bytes.hasRemaining()) {
          int unused = out.write(bytes);
        }
        out.force(true);
      }
      Path unused =
          Files.move(
              temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw UsageException.of(
          e,
          "The state %s cannot be written (%s). Name a folder with --state that this user may"
              + " write to and that has room.",
          shown(),
          e.getClass().getSimpleName());
    }
  }

  private static byte[] json(SavedRun run) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = new JsonFactory().createGenerator(bytes, JsonEncoding.UTF8)) {
      json.useDefaultPrettyPrinter();
      json.writeStartObject();
      json.writeNumberField("version", VERSION);
      json.writeStringField("runId", run.runId());
      json.writeStringField("started", run.started().toString());
      json.writeNumberField("attempt", run.attempt());
      json.writeNumberField("stops", run.stops());
      json.writeNumberField("parallelism", run.parallelism());
      json.writeNumberField("models", run.models());
      json.writeObjectFieldStart("command");
      for (Map.Entry<String, String> part : run.command().parts().entrySet()) {
        json.writeStringField(part.getKey(), part.getValue());
      }
      json.writeEndObject();
      if (run.finished().isPresent()) {
        json.writeObjectFieldStart("finished");
        json.writeStringField("at", run.finished().get().at().toString());
        json.writeNumberField("exitCode", run.finished().get().exitCode());
        json.writeEndObject();
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("a stream in memory failed", e);
    }
    bytes.write('\n');
    return bytes.toByteArray();
  }

  private String shown() {
    return Printable.of(file.toString());
  }
}
