package dev.countersign.oms;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.countersign.oms.VerificationMaterial.CertificateChain;
import dev.countersign.oms.VerificationMaterial.PublicKeyHint;
import dev.countersign.oms.VerificationMaterial.PublicKeyRaw;
import dev.countersign.oms.VerificationMaterial.SigstoreCertificate;
import java.io.IOException;
import java.util.List;

/** Bundles as files: Sigstore's bundle format in JSON, in the reference client's order of keys. */
public final class BundleJson {

  private BundleJson() {}

  /**
   * Returns {@code bundle} as compact JSON in UTF-8. The same bundle always gives the same bytes.
   *
   * @throws OmsException of kind {@code TOO_LARGE} if it would have more than 2 GiB
   * @throws IllegalArgumentException if the material is a {@link SigstoreCertificate}: without its
   *     log entries, which a {@link Bundle} does not hold, such a bundle is not valid
   */
  public static byte[] write(Bundle bundle) throws OmsException {
    if (bundle.material() instanceof SigstoreCertificate) {
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
    return BundleReader.read(json, bounds);
  }

  private static void write(Bundle bundle, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("mediaType", Bundle.MEDIA_TYPE);
    json.writeObjectFieldStart("verificationMaterial");
    writeMaterial(bundle.material(), json);
    // Empty, but the reference client's parser wants it.
    json.writeArrayFieldStart("tlogEntries");
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
}
