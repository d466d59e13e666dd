package dev.countersign.oms;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.countersign.oms.VerificationMaterial.CertificateChain;
import dev.countersign.oms.VerificationMaterial.PublicKeyHint;
import dev.countersign.oms.VerificationMaterial.PublicKeyRaw;
import dev.countersign.oms.VerificationMaterial.SigstoreCertificate;
import dev.countersign.text.Printable;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Bundles as files: Sigstore's bundle format in JSON, in the reference client's order of keys. */
public final class BundleJson {

  /** The media type that is written, and those before it (OMS 1.0 §8.1). */
  private static final Set<String> MEDIA_TYPES =
      Set.of(
          Bundle.MEDIA_TYPE,
          "application/vnd.dev.sigstore.bundle+json;version=0.1",
          "application/vnd.dev.sigstore.bundle+json;version=0.2",
          "application/vnd.dev.sigstore.bundle+json;version=0.3");

  private BundleJson() {}

  /**
   * Returns {@code bundle} as compact JSON in UTF-8. The same bundle always gives the same bytes.
   *
   * @throws OmsException of kind {@code TOO_LARGE} if it would have more than 2 GiB
   * @throws IllegalArgumentException if the material is a {@link SigstoreCertificate} and there are
   *     no log entries: such a bundle is not valid
   */
  public static byte[] write(Bundle bundle) throws OmsException {
    if (bundle.material() instanceof SigstoreCertificate && bundle.logEntries().isEmpty()) {
      throw new IllegalArgumentException("a Sigstore bundle cannot be written without log entries");
    }
    return JsonOutput.write("bundle", json -> write(bundle, json));
  }

  /**
   * Returns the bundle that {@code json} is. Fields that are not part of the format are passed
   * over, and the payload is not looked into.
   *
   * @throws OmsException if a rule of JSON or of the format is broken, or a bound exceeded
   */
  public static Bundle read(byte[] json, OmsBounds bounds) throws OmsException {
    try (JsonInput in = JsonInput.of(json, "bundle", bounds)) {
      return new Reader(in, bounds).read();
    }
  }

  private static void write(Bundle bundle, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("mediaType", bundle.mediaType());
    json.writeObjectFieldStart("verificationMaterial");
    writeMaterial(bundle.material(), json);
    // The reference client's parser wants it even if it is empty.
    json.writeArrayFieldStart("tlogEntries");
    for (LogEntry entry : bundle.logEntries()) {
      LogEntryJson.write(entry, json);
    }
    json.writeEndArray();
    if (!bundle.timestamps().isEmpty()) {
      writeTimestamps(bundle.timestamps(), json);
    }
    json.writeEndObject();
    json.writeObjectFieldStart("dsseEnvelope");
    writeEnvelope(bundle.envelope(), json);
    json.writeEndObject();
    json.writeEndObject();
  }

  private static void writeMaterial(VerificationMaterial material, JsonGenerator json)
      throws IOException {
    if (material instanceof PublicKeyHint key) {
      json.writeObjectFieldStart("publicKey");
      json.writeStringField("hint", key.hint());
      json.writeEndObject();
    } else if (material instanceof PublicKeyRaw key) {
      json.writeObjectFieldStart("publicKey");
      json.writeBinaryField("rawBytes", key.rawBytes());
      json.writeEndObject();
    } else if (material instanceof CertificateChain chain) {
      json.writeObjectFieldStart("x509CertificateChain");
      json.writeArrayFieldStart("certificates");
      for (byte[] der : chain.der()) {
        json.writeStartObject();
        json.writeBinaryField("rawBytes", der);
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    } else if (material instanceof SigstoreCertificate certificate) {
      json.writeObjectFieldStart("certificate");
      json.writeBinaryField("rawBytes", certificate.der());
      json.writeEndObject();
    }
  }

  private static void writeTimestamps(List<SignedTimestamp> timestamps, JsonGenerator json)
      throws IOException {
    json.writeObjectFieldStart("timestampVerificationData");
    json.writeArrayFieldStart("rfc3161Timestamps");
    for (SignedTimestamp timestamp : timestamps) {
      json.writeStartObject();
      json.writeBinaryField("signedTimestamp", timestamp.der());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void writeEnvelope(Envelope envelope, JsonGenerator json) throws IOException {
    json.writeBinaryField("payload", envelope.payload());
    json.writeStringField("payloadType", envelope.payloadType());
    json.writeArrayFieldStart("signatures");
    json.writeStartObject();
    json.writeBinaryField("sig", envelope.signature());
    json.writeStringField("keyid", envelope.keyid());
    json.writeEndObject();
    json.writeEndArray();
  }

  private static final class Reader {

    private final JsonInput in;
    private final OmsBounds bounds;

    private List<SignedTimestamp> timestamps = List.of();
    private @Nullable VerificationMaterial material;
    private @Nullable Envelope envelope;
    private List<LogEntry> logEntries = List.of();

    Reader(JsonInput in, OmsBounds bounds) {
      this.in = in;
      this.bounds = bounds;
    }

    Bundle read() throws OmsException {
      String mediaType = null;
      for (String field = in.firstField(); field != null; field = in.nextField()) {
        switch (field) {
          case "mediaType" -> mediaType = readMediaType();
          case "verificationMaterial" -> readMaterial();
          case "dsseEnvelope" -> envelope = readEnvelope();
          default -> in.skip();
        }
      }
      Bundle bundle =
          new Bundle(
              in.required("mediaType", mediaType),
              in.required("verificationMaterial", material),
              in.required("dsseEnvelope", envelope),
              timestamps,
              logEntries);
      in.finish();
      return bundle;
    }

    private String readMediaType() throws OmsException {
      String type = in.text(JsonInput.MAX_TERM_BYTES);
      if (!MEDIA_TYPES.contains(type)) {
        throw in.fault(
            "is \"%s\", and supported are %s and application/vnd.dev.sigstore.bundle+json with"
                + " version=0.1, 0.2 or 0.3",
            Printable.of(type), Bundle.MEDIA_TYPE);
      }
      return type;
    }

    private void readMaterial() throws OmsException {
      for (String field = in.firstField(); field != null; field = in.nextField()) {
        switch (field) {
          case "publicKey" -> accept(readPublicKey());
          case "x509CertificateChain" -> accept(readChain());
          case "certificate" -> accept(new SigstoreCertificate(readBytes("rawBytes")));
          case "tlogEntries" -> readLogEntries();
          case "timestampVerificationData" -> readTimestamps();
          default -> in.skip();
        }
      }
      if (material == null) {
        throw in.fault("has none of publicKey, x509CertificateChain and certificate");
      }
      if (material instanceof SigstoreCertificate alone && logEntries.isEmpty()) {
        // Format 0.3 has this field for any certificate, so the Go client writes its method
        // certificate in it. What makes a bundle Sigstore's is the log that the signature is in.
        material = new CertificateChain(List.of(alone.der()));
      }
    }

    private void readLogEntries() throws OmsException {
      if (!in.isNull()) {
        logEntries = in.list(Bundle.MAX_LOG_ENTRIES, () -> LogEntryJson.read(in));
      }
    }

    private void readTimestamps() throws OmsException {
      if (in.isNull()) {
        return;
      }
      List<SignedTimestamp> listed =
          in.only(
              "rfc3161Timestamps",
              () ->
                  in.list(
                      Bundle.MAX_TIMESTAMPS,
                      () -> new SignedTimestamp(readBytes("signedTimestamp"))));
      timestamps = listed == null ? List.of() : listed;
    }

    private void accept(VerificationMaterial found) throws OmsException {
      if (material != null) {
        throw in.fault(
            "is a second one of publicKey, x509CertificateChain and certificate; a bundle has one");
      }
      material = found;
    }

    private VerificationMaterial readPublicKey() throws OmsException {
      String hint = null;
      byte[] rawBytes = null;
      for (String field = in.firstField(); field != null; field = in.nextField()) {
        switch (field) {
          case "hint" -> hint = in.text(bounds.maxNameBytes());
          case "rawBytes" -> rawBytes = in.base64();
          default -> in.skip();
        }
      }
      if (hint == null && rawBytes != null) {
        return new PublicKeyRaw(rawBytes);
      }
      // The reference client warns of a key without a hint, and goes on: so it names no key.
      return new PublicKeyHint(hint == null ? "" : hint);
    }

    private VerificationMaterial readChain() throws OmsException {
      List<byte[]> chain =
          in.only(
              "certificates", () -> in.list(bounds.maxCertificates(), () -> readBytes("rawBytes")));
      if (chain == null || chain.isEmpty()) {
        throw in.fault("has no certificates");
      }
      return new CertificateChain(chain);
    }

    /** Reads an object whose only field of interest is {@code wanted}, which holds bytes. */
    private byte[] readBytes(String wanted) throws OmsException {
      return in.required(wanted, in.only(wanted, in::base64));
    }

    private Envelope readEnvelope() throws OmsException {
      byte[] payload = null;
      String payloadType = null;
      Signature signature = null;
      for (String field = in.firstField(); field != null; field = in.nextField()) {
        switch (field) {
          case "payload" -> payload = in.base64();
          case "payloadType" -> payloadType = readPayloadType();
          case "signatures" -> signature = readSignatures();
          default -> in.skip();
        }
      }
      byte[] signed = in.required("payload", payload);
      String type = in.required("payloadType", payloadType);
      Signature only = in.required("signatures", signature);
      return new Envelope(type, signed, only.bytes(), only.keyid());
    }

    private String readPayloadType() throws OmsException {
      String type = in.text(JsonInput.MAX_TERM_BYTES);
      if (!type.equals(Envelope.PAYLOAD_TYPE)) {
        throw in.fault(
            "is \"%s\", where OMS has \"%s\"", Printable.of(type), Envelope.PAYLOAD_TYPE);
      }
      return type;
    }

    private Signature readSignatures() throws OmsException {
      Signature only = null;
      in.enterArray();
      while (in.nextElement()) {
        if (only != null) {
          throw in.fault("is a second signature; a bundle has exactly one");
        }
        only = readSignature();
      }
      if (only == null) {
        throw in.fault("is empty; a bundle has exactly one signature");
      }
      return only;
    }

    private Signature readSignature() throws OmsException {
      byte[] sig = null;
      String keyid = "";
      for (String field = in.firstField(); field != null; field = in.nextField()) {
        switch (field) {
          case "sig" -> sig = in.base64();
          case "keyid" -> keyid = in.isNull() ? "" : in.text(bounds.maxNameBytes());
          default -> in.skip();
        }
      }
      return new Signature(in.required("sig", sig), keyid);
    }

    /** What stands in the only element of {@code signatures}. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Signature(byte[] bytes, String keyid) {}
  }
}
