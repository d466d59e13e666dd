package dev.countersign.oms;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;

/**
 * Writes statements.
 *
 * <p>The order of the outer keys is the reference client's. Inside the predicate that client has
 * none of its own (it writes a map of Protocol Buffers), so it is ours: the serialization first,
 * for readers who need it to make sense of resources.
 */
final class StatementWriter {

  private StatementWriter() {}

  static byte[] write(Manifest manifest, ShardAlgorithm shardAlgorithm) throws OmsException {
    return JsonOutput.write("statement", json -> write(manifest, shardAlgorithm, json));
  }

  private static void write(Manifest manifest, ShardAlgorithm shardAlgorithm, JsonGenerator json)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("_type", Statement.TYPE);
    json.writeArrayFieldStart("subject");
    json.writeStartObject();
    json.writeStringField("name", manifest.modelName());
    json.writeObjectFieldStart("digest");
    json.writeStringField("sha256", manifest.rootDigest().hex());
    json.writeEndObject();
    json.writeEndObject();
    json.writeEndArray();
    json.writeStringField("predicateType", Statement.PREDICATE_TYPE);
    json.writeObjectFieldStart("predicate");
    writeSerialization(manifest.serialization(), json);
    writeResources(manifest, shardAlgorithm, json);
    json.writeEndObject();
    json.writeEndObject();
  }

  private static void writeSerialization(Serialization serialization, JsonGenerator json)
      throws IOException {
    json.writeObjectFieldStart("serialization");
    json.writeStringField("method", serialization.method().omsName());
    json.writeStringField("hash_type", serialization.hash().omsName());
    json.writeBooleanField("allow_symlinks", serialization.allowSymlinks());
    if (serialization.method() == SerializationMethod.SHARDS) {
      json.writeNumberField("shard_size", serialization.shardSize());
    }
    if (serialization.ignorePathsRecorded()) {
      json.writeArrayFieldStart("ignore_paths");
      for (String path : serialization.ignorePaths()) {
        json.writeString(path);
      }
      json.writeEndArray();
    }
    json.writeEndObject();
  }

  private static void writeResources(
      Manifest manifest, ShardAlgorithm shardAlgorithm, JsonGenerator json) throws IOException {
    Serialization serialization = manifest.serialization();
    String algorithm =
        serialization.method() == SerializationMethod.SHARDS
            ? shardAlgorithm.written(serialization)
            : serialization.hash().omsName();
    json.writeArrayFieldStart("resources");
    for (Resource resource : manifest.resources()) {
      json.writeStartObject();
      json.writeStringField("algorithm", algorithm);
      json.writeStringField("digest", resource.digest().hex());
      json.writeStringField("name", resource.name());
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
