package dev.countersign.jobs.inspection;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.countersign.jobs.terminal.Console;
import dev.countersign.jobs.terminal.PrintedJson;
import dev.countersign.oms.LogEntry;
import dev.countersign.oms.Manifest;
import dev.countersign.oms.Resource;
import dev.countersign.oms.Serialization;
import dev.countersign.oms.SerializationMethod;
import dev.countersign.records.RecordJson;
import dev.countersign.schemas.SignerCertificate;
import dev.countersign.trust.StatedTimestamp;
import java.io.IOException;
import java.util.HexFormat;
import java.util.Locale;

/** Prints what a bundle says as one JSON object on one line, with {@code "verified":false}. */
record JsonFacts(Console console) implements InspectCommand.FactsPrinter {

  @Override
  public void print(BundleFacts facts) {
    print(facts.uri(), json -> write(facts, json));
  }

  @Override
  public void fail(String uri, String message) {
    print(uri, json -> json.writeStringField("error", message));
  }

  private void print(String uri, PrintedJson.Content content) {
    console.result(
        PrintedJson.object(
            json -> {
              json.writeStringField("bundle", uri);
              json.writeBooleanField("verified", false);
              content.writeTo(json);
            }));
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
    PrintedJson.objects("logEntries", facts.logEntries(), json, JsonFacts::write);
    PrintedJson.objects("timestamps", facts.timestamps(), json, JsonFacts::write);
    json.writeStringField("predicateType", facts.predicateType());
    json.writeNumberField("files", facts.files());
    if (facts.manifest().isPresent()) {
      write(facts.manifest().get(), json);
    }
    PrintedJson.texts("faults", facts.faults(), json);
  }

  private static void write(LogEntry entry, JsonGenerator json) throws IOException {
    json.writeNumberField("logIndex", entry.logIndex());
    json.writeStringField("logId", HexFormat.of().formatHex(entry.logId()));
    json.writeStringField("kind", entry.kind());
    json.writeStringField("version", entry.version());
    json.writeNumberField("integratedTime", entry.integratedTime());
    json.writeBooleanField("hasPromise", entry.signedEntryTimestamp().length > 0);
    json.writeBooleanField("hasProof", entry.inclusionProof().isPresent());
  }

  private static void write(StatedTimestamp timestamp, JsonGenerator json) throws IOException {
    json.writeStringField("time", timestamp.time().toString());
    json.writeStringField("authority", timestamp.authority());
    json.writeStringField("serial", timestamp.serial());
    json.writeStringField("policy", timestamp.policy());
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
    PrintedJson.texts("ignorePaths", serialization.ignorePaths(), json);
    PrintedJson.objects("resources", manifest.resources(), json, JsonFacts::write);
  }

  private static void write(Resource resource, JsonGenerator json) throws IOException {
    json.writeStringField("name", resource.name());
    json.writeStringField("digest", resource.digest().hex());
  }
}
