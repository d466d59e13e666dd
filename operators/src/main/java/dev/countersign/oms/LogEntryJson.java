package dev.countersign.oms;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.countersign.oms.LogEntry.InclusionProof;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Log entries as a part of bundles, in Sigstore's JSON: numbers are written as strings, and read as
 * either. A field that is missing or null is absent; each other field has to be of its type.
 */
final class LogEntryJson {

  private static final byte[] ABSENT = {};

  private LogEntryJson() {}

  /**
   * Writes an entry. The index is written even if it is 0, since the reference client wants it;
   * other fields that are absent are left out.
   */
  static void write(LogEntry entry, JsonGenerator json) throws IOException {
    json.writeStartObject();
    writeNumber("logIndex", entry.logIndex(), json);
    if (entry.logId().length > 0) {
      json.writeObjectFieldStart("logId");
      json.writeBinaryField("keyId", entry.logId());
      json.writeEndObject();
    }
    if (!entry.kind().isEmpty() || !entry.version().isEmpty()) {
      json.writeObjectFieldStart("kindVersion");
      json.writeStringField("kind", entry.kind());
      json.writeStringField("version", entry.version());
      json.writeEndObject();
    }
    if (entry.integratedTime() != 0) {
      writeNumber("integratedTime", entry.integratedTime(), json);
    }
    if (entry.signedEntryTimestamp().length > 0) {
      json.writeObjectFieldStart("inclusionPromise");
      json.writeBinaryField("signedEntryTimestamp", entry.signedEntryTimestamp());
      json.writeEndObject();
    }
    if (entry.inclusionProof().isPresent()) {
      json.writeObjectFieldStart("inclusionProof");
      write(entry.inclusionProof().get(), json);
      json.writeEndObject();
    }
    writeBytes("canonicalizedBody", entry.canonicalizedBody(), json);
    json.writeEndObject();
  }

  private static void write(InclusionProof proof, JsonGenerator json) throws IOException {
    writeNumber("logIndex", proof.logIndex(), json);
    writeBytes("rootHash", proof.rootHash(), json);
    writeNumber("treeSize", proof.treeSize(), json);
    json.writeArrayFieldStart("hashes");
    for (byte[] hash : proof.hashes()) {
      json.writeBinary(hash);
    }
    json.writeEndArray();
    if (!proof.checkpoint().isEmpty()) {
      json.writeObjectFieldStart("checkpoint");
      json.writeStringField("envelope", proof.checkpoint());
      json.writeEndObject();
    }
  }

  private static void writeNumber(String name, long number, JsonGenerator json) throws IOException {
    json.writeStringField(name, Long.toString(number));
  }

  private static void writeBytes(String name, byte[] bytes, JsonGenerator json) throws IOException {
    if (bytes.length > 0) {
      json.writeBinaryField(name, bytes);
    }
  }

  /** Reads the entry the cursor is on. */
  static LogEntry read(JsonInput in) throws OmsException {
    long logIndex = 0;
    byte[] logId = ABSENT;
    KindVersion kind = new KindVersion("", "");
    long integratedTime = 0;
    byte[] promise = ABSENT;
    Optional<InclusionProof> proof = Optional.empty();
    byte[] body = ABSENT;
    for (String field = in.firstField(); field != null; field = in.nextField()) {
      if (in.isNull()) {
        continue;
      }
      switch (field) {
        case "logIndex" -> logIndex = in.wholeNumberOrText();
        case "logId" -> logId = readBytes(in, "keyId");
        case "kindVersion" -> kind = readKind(in);
        case "integratedTime" -> integratedTime = in.wholeNumberOrText();
        case "inclusionPromise" -> promise = readBytes(in, "signedEntryTimestamp");
        case "inclusionProof" -> proof = Optional.of(readProof(in));
        case "canonicalizedBody" -> body = in.base64(LogEntry.MAX_BODY_BYTES);
        default -> in.skip();
      }
    }
    return new LogEntry(
        logIndex, logId, kind.kind(), kind.version(), integratedTime, promise, proof, body);
  }

  private static KindVersion readKind(JsonInput in) throws OmsException {
    String kind = "";
    String version = "";
    for (String field = in.firstField(); field != null; field = in.nextField()) {
      switch (field) {
        case "kind" -> kind = in.text(JsonInput.MAX_TERM_BYTES);
        case "version" -> version = in.text(JsonInput.MAX_TERM_BYTES);
        default -> in.skip();
      }
    }
    return new KindVersion(kind, version);
  }

  private record KindVersion(String kind, String version) {}

  private static InclusionProof readProof(JsonInput in) throws OmsException {
    long logIndex = 0;
    byte[] rootHash = ABSENT;
    long treeSize = 0;
    List<byte[]> hashes = List.of();
    String checkpoint = "";
    for (String field = in.firstField(); field != null; field = in.nextField()) {
      if (in.isNull()) {
        continue;
      }
      switch (field) {
        case "logIndex" -> logIndex = in.wholeNumberOrText();
        case "rootHash" -> rootHash = field(in);
        case "treeSize" -> treeSize = in.wholeNumberOrText();
        case "hashes" -> hashes = in.list(LogEntry.MAX_HASHES, () -> field(in));
        case "checkpoint" -> checkpoint = readCheckpoint(in);
        default -> in.skip();
      }
    }
    return new InclusionProof(logIndex, rootHash, treeSize, hashes, checkpoint);
  }

  private static String readCheckpoint(JsonInput in) throws OmsException {
    String envelope = in.only("envelope", () -> in.text(LogEntry.MAX_CHECKPOINT_BYTES));
    return envelope == null ? "" : envelope;
  }

  private static byte[] readBytes(JsonInput in, String wanted) throws OmsException {
    byte[] bytes = in.only(wanted, () -> field(in));
    return bytes == null ? ABSENT : bytes;
  }

  private static byte[] field(JsonInput in) throws OmsException {
    return in.base64(LogEntry.MAX_FIELD_BYTES);
  }
}
