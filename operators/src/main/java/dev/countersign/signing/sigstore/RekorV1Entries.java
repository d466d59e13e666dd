package dev.countersign.signing.sigstore;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import dev.countersign.keys.CertificateFile;
import dev.countersign.oms.Envelope;
import dev.countersign.oms.LogEntry;
import dev.countersign.oms.LogEntry.InclusionProof;
import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Version 1: {@code dsse} entries, for which the log is sent the whole envelope. */
final class RekorV1Entries implements RekorEntries {

  private static final String KIND = "dsse";
  private static final String VERSION = "0.0.1";

  @Override
  public String path() {
    return "/api/v1/log/entries";
  }

  @Override
  public byte[] proposal(Envelope envelope, X509Certificate certificate) {
    String pem = CertificateFile.pem(List.of(certificate));
    Struct content =
        Struct.newBuilder()
            .putFields("envelope", text(json(envelope)))
            .putFields("verifiers", list(text(base64(pem.getBytes(StandardCharsets.UTF_8)))))
            .build();
    return print(
            Struct.newBuilder()
                .putFields("apiVersion", text(VERSION))
                .putFields("kind", text(KIND))
                .putFields(
                    "spec",
                    object(
                        Struct.newBuilder().putFields("proposedContent", object(content)).build()))
                .build())
        .getBytes(StandardCharsets.UTF_8);
  }

  /** Needs no escapes: all values are Base64, apart from a constant. */
  private static String json(Envelope envelope) {
    return "{\"payload\":\""
        + base64(envelope.payload())
        + "\",\"payloadType\":\""
        + envelope.payloadType()
        + "\",\"signatures\":[{\"sig\":\""
        + base64(envelope.signature())
        + "\"}]}";
  }

  @Override
  public Remedy remedyOfRefusal() {
    return Remedy.of(
        "Version 1 of the log is sent the whole statement, and refuses large ones. Sign with %s"
            + " rekor-v2 where the instance has it, or with larger shards.",
        Setting.LOG);
  }

  @Override
  public LogEntry read(byte[] answer) throws MalformedAnswerException {
    try {
      Struct.Builder parsed = Struct.newBuilder();
      JsonFormat.parser().merge(new String(answer, StandardCharsets.UTF_8), parsed);
      if (parsed.getFieldsCount() != 1) {
        throw new MalformedAnswerException(parsed.getFieldsCount() + " entries, not one", null);
      }
      // The only field's name is the entry's identifier.
      return entry(parsed.getFieldsMap().values().iterator().next().getStructValue());
    } catch (InvalidProtocolBufferException | RuntimeException e) {
      throw new MalformedAnswerException(String.valueOf(e.getMessage()), e);
    }
  }

  private static LogEntry entry(Struct entry) {
    Struct verification = required(entry, "verification").getStructValue();
    Struct proof = required(verification, "inclusionProof").getStructValue();
    List<byte[]> hashes = new ArrayList<>();
    for (Value hash : proof.getFieldsOrDefault("hashes", list()).getListValue().getValuesList()) {
      hashes.add(hex(hash));
    }
    return new LogEntry(
        number(required(entry, "logIndex")),
        hex(required(entry, "logID")),
        KIND,
        VERSION,
        number(required(entry, "integratedTime")),
        Base64.getDecoder().decode(required(verification, "signedEntryTimestamp").getStringValue()),
        Optional.of(
            new InclusionProof(
                number(required(proof, "logIndex")),
                hex(required(proof, "rootHash")),
                number(required(proof, "treeSize")),
                hashes,
                required(proof, "checkpoint").getStringValue())),
        Base64.getDecoder().decode(required(entry, "body").getStringValue()));
  }

  private static Value required(Struct object, String field) {
    Value value = object.getFieldsMap().get(field);
    if (value == null) {
      throw new IllegalArgumentException("there is no '" + field + "'");
    }
    return value;
  }

  private static long number(Value value) {
    return (long) value.getNumberValue();
  }

  private static byte[] hex(Value value) {
    return HexFormat.of().parseHex(value.getStringValue());
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  private static Value object(Struct object) {
    return Value.newBuilder().setStructValue(object).build();
  }

  private static Value list(Value... values) {
    ListValue.Builder list = ListValue.newBuilder();
    for (Value value : values) {
      list.addValues(value);
    }
    return Value.newBuilder().setListValue(list).build();
  }

  private static String print(Struct object) {
    try {
      return JsonFormat.printer().omittingInsignificantWhitespace().print(object);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a log entry cannot be written", e);
    }
  }
}
