package dev.countersign.jobs.inspection;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.countersign.jobs.terminal.Console;
import dev.countersign.oms.Manifest;
import dev.countersign.oms.Resource;
import dev.countersign.oms.Serialization;
import dev.countersign.oms.SerializationMethod;
import dev.countersign.records.AsciiEscapes;
import dev.countersign.records.RecordJson;
import dev.countersign.schemas.SignerCertificate;
import dev.countersign.trust.StatedTimestamp;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;

/** Prints what a bundle says as one JSON object on one line, with {@code "verified":false}. */
final class JsonFacts implements FactsPrinter {

  private final JsonFactory factory = AsciiEscapes.factory("");
  private final Console console;

  JsonFacts(Console console) {
    this.console = console;
  }

  /** What is written between the braces. */
  @FunctionalInterface
  private interface Content {
    void writeTo(JsonGenerator json) throws IOException;
  }

  @Override
  public void print(BundleFacts facts) {
    console.result(object(facts.uri(), json -> write(facts, json)));
  }

  @Override
  public void fail(String uri, String message) {
    console.result(object(uri, json -> json.writeStringField("error", message)));
  }

  private String object(String uri, Content content) {
    StringWriter line = new StringWriter();
    try (JsonGenerator json = factory.createGenerator(line)) {
      json.writeStartObject();
      json.writeStringField("bundle", uri);
      json.writeBooleanField("verified", false);
      content.writeTo(json);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("a writer in memory failed", e);
    }
    return line.toString();
  }

  private static void write(BundleFacts facts, JsonGenerator json) throws IOException {
    json.writeStringField("sha256", facts.sha256());
    json.writeNumberField("bytes", facts.bytes());
    json.writeStringField("method", facts.method().name().toLowerCase(Locale.ROOT));
    json.writeStringField("keyHint", facts.keyHint());
    json.writeArrayFieldStart("certificates");
    for (SignerCertificate certificate : facts.certificates()) {
      RecordJson.write(certificate, json);
    }
    json.writeEndArray();
    json.writeNumberField("logEntries", facts.logEntries());
    json.writeArrayFieldStart("timestamps");
    for (StatedTimestamp timestamp : facts.timestamps()) {
      json.writeStartObject();
      json.writeStringField("time", timestamp.time().toString());
      json.writeStringField("authority", timestamp.authority());
      json.writeStringField("serial", timestamp.serial());
      json.writeStringField("policy", timestamp.policy());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeStringField("predicateType", facts.predicateType());
    json.writeNumberField("files", facts.files());
    if (facts.manifest().isPresent()) {
      write(facts.manifest().get(), json);
    }
    write("faults", facts.faults(), json);
  }

  private static void write(Manifest manifest, JsonGenerator json) throws IOException {
    Serialization serialization = manifest.serialization();
    json.writeStringField("model", manifest.modelName());
    json.writeStringField("rootDigest", manifest.rootDigest().hex());
    json.writeStringField("hashType", serialization.hash().omsName());
    json.writeStringField("serialization", serialization.method().omsName());
    if (serialization.method() == SerializationMethod.SHARDS) {
      json.writeNumberField("shardSize", serialization.shardSize());
    }
    json.writeBooleanField("allowSymlinks", serialization.allowSymlinks());
    write("ignorePaths", serialization.ignorePaths(), json);
    json.writeArrayFieldStart("resources");
    for (Resource resource : manifest.resources()) {
      json.writeStartObject();
      json.writeStringField("name", resource.name());
      json.writeStringField("digest", resource.digest().hex());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void write(String field, List<String> texts, JsonGenerator json)
      throws IOException {
    json.writeArrayFieldStart(field);
    for (String text : texts) {
      json.writeString(text);
    }
    json.writeEndArray();
  }
}
