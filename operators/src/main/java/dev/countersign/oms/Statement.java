package dev.countersign.oms;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;

/**
 * The signed text: an in-toto statement v1 with the predicate of OMS 1.0.
 *
 * <p>The same manifest always gives the same bytes, so a signer can tell that a payload is what it
 * would write itself.
 */
public final class Statement {

  /** The {@code _type} of an in-toto statement v1. */
  static final String TYPE = "https://in-toto.io/Statement/v1";

  /** The {@code predicateType}; nothing else is a statement of OMS 1.0 (§8.3). */
  public static final String PREDICATE_TYPE = "https://model_signing/signature/v1.0";

  private Statement() {}

  /**
   * Returns the statement about {@code manifest}, as compact JSON in UTF-8.
   *
   * @param shardAlgorithm how shards state their algorithm; of no matter for whole files
   * @throws OmsException of kind {@code TOO_LARGE} if it would have more than 2 GiB
   * @throws IllegalArgumentException if the manifest has no name, having been read from a {@link
   *     LegacyStatement}
   */
  public static byte[] write(Manifest manifest, ShardAlgorithm shardAlgorithm) throws OmsException {
    if (manifest.modelName().isEmpty()) {
      throw new IllegalArgumentException("a statement of OMS 1.0 names its model");
    }
    return JsonOutput.write("statement", json -> write(manifest, shardAlgorithm, json));
  }

  /**
   * Returns the manifest that the statement in {@code payload} speaks of, with its resources in the
   * order listed. Fields that OMS 1.0 does not know are passed over.
   *
   * @throws OmsException if a rule of JSON, in-toto or OMS is broken, a bound exceeded, or the
   *     subject's digest is not the manifest's root digest
   */
  public static Manifest read(byte[] payload, OmsBounds bounds) throws OmsException {
    return StatementReader.read(payload, bounds);
  }

  /**
   * The order of the outer keys is the reference client's. Inside the predicate that client has
   * none of its own (it writes a map of Protocol Buffers), so it is ours: the serialization first,
   * for readers who need it to make sense of resources.
   */
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
