package dev.countersign.oms;

import dev.countersign.oms.VerificationMaterial.CertificateChain;
import dev.countersign.oms.VerificationMaterial.PublicKeyHint;
import dev.countersign.oms.VerificationMaterial.PublicKeyRaw;
import dev.countersign.oms.VerificationMaterial.SigstoreCertificate;
import dev.countersign.text.Printable;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads one bundle. */
final class BundleReader {

  /** The media type that is written, and those before it (OMS 1.0 §8.1). */
  private static final Set<String> MEDIA_TYPES =
      Set.of(
          Bundle.MEDIA_TYPE,
          "application/vnd.dev.sigstore.bundle+json;version=0.1",
          "application/vnd.dev.sigstore.bundle+json;version=0.2",
          "application/vnd.dev.sigstore.bundle+json;version=0.3");

  private final JsonInput in;
  private final OmsBounds bounds;

  private final List<SignedTimestamp> timestamps = new ArrayList<>();
  private @Nullable VerificationMaterial material;
  private @Nullable Envelope envelope;
  private int logEntries;

  private BundleReader(JsonInput in, OmsBounds bounds) {
    this.in = in;
    this.bounds = bounds;
  }

  static Bundle read(byte[] json, OmsBounds bounds) throws OmsException {
    try (JsonInput in = JsonInput.of(json, "bundle", bounds)) {
      return new BundleReader(in, bounds).read();
    }
  }

  private Bundle read() throws OmsException {
    boolean typed = false;
    in.enterObject();
    for (String field = in.nextField(); field != null; field = in.nextField()) {
      switch (field) {
        case "mediaType" -> {
          checkMediaType();
          typed = true;
        }
        case "verificationMaterial" -> readMaterial();
        case "dsseEnvelope" -> envelope = readEnvelope();
        default -> in.skip();
      }
    }
    if (!typed) {
      throw in.missing("mediaType");
    }
    if (material == null) {
      throw in.missing("verificationMaterial");
    }
    if (envelope == null) {
      throw in.missing("dsseEnvelope");
    }
    in.finish();
    return new Bundle(material, envelope, timestamps, logEntries);
  }

  private void checkMediaType() throws OmsException {
    String type = in.text(JsonInput.MAX_TERM_BYTES);
    if (!MEDIA_TYPES.contains(type)) {
      throw in.fault(
          "is \""
              + Printable.of(type)
              + "\", and supported are "
              + Bundle.MEDIA_TYPE
              + " and application/vnd.dev.sigstore.bundle+json with version=0.1, 0.2 or 0.3");
    }
  }

  private void readMaterial() throws OmsException {
    in.enterObject();
    for (String field = in.nextField(); field != null; field = in.nextField()) {
      switch (field) {
        case "publicKey" -> accept(readPublicKey());
        case "x509CertificateChain" -> accept(readChain());
        case "certificate" -> accept(new SigstoreCertificate(readBytes("rawBytes")));
        case "tlogEntries" -> countLogEntries();
        case "timestampVerificationData" -> readTimestamps();
        default -> in.skip();
      }
    }
    if (material == null) {
      throw in.fault("has none of publicKey, x509CertificateChain and certificate");
    }
    if (material instanceof SigstoreCertificate alone && logEntries == 0) {
      // Format 0.3 has this field for any certificate, so the Go client writes its method
      // certificate in it. What makes a bundle Sigstore's is the log that the signature is in.
      material = new CertificateChain(List.of(alone.der()));
    }
  }

  private void countLogEntries() throws OmsException {
    if (in.isNull()) {
      return;
    }
    in.enterArray();
    while (in.nextElement()) {
      logEntries++;
      in.skip();
    }
  }

  private void readTimestamps() throws OmsException {
    if (in.isNull()) {
      return;
    }
    in.enterObject();
    for (String field = in.nextField(); field != null; field = in.nextField()) {
      if (!field.equals("rfc3161Timestamps")) {
        in.skip();
        continue;
      }
      in.enterArray();
      while (in.nextElement()) {
        if (timestamps.size() == Bundle.MAX_TIMESTAMPS) {
          throw in.tooMany(Bundle.MAX_TIMESTAMPS);
        }
        timestamps.add(new SignedTimestamp(readBytes("signedTimestamp")));
      }
    }
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
    in.enterObject();
    for (String field = in.nextField(); field != null; field = in.nextField()) {
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
    List<byte[]> chain = new ArrayList<>();
    in.enterObject();
    for (String field = in.nextField(); field != null; field = in.nextField()) {
      if (!field.equals("certificates")) {
        in.skip();
        continue;
      }
      in.enterArray();
      while (in.nextElement()) {
        if (chain.size() == bounds.maxCertificates()) {
          throw in.tooMany(bounds.maxCertificates());
        }
        chain.add(readBytes("rawBytes"));
      }
    }
    if (chain.isEmpty()) {
      throw in.fault("has no certificates");
    }
    return new CertificateChain(chain);
  }

  /** Reads an object whose only field of interest is {@code wanted}, which holds bytes. */
  private byte[] readBytes(String wanted) throws OmsException {
    byte[] bytes = null;
    in.enterObject();
    for (String field = in.nextField(); field != null; field = in.nextField()) {
      if (field.equals(wanted)) {
        bytes = in.base64();
      } else {
        in.skip();
      }
    }
    if (bytes == null) {
      throw in.missing(wanted);
    }
    return bytes;
  }

  private Envelope readEnvelope() throws OmsException {
    byte[] payload = null;
    String payloadType = null;
    Signature signature = null;
    in.enterObject();
    for (String field = in.nextField(); field != null; field = in.nextField()) {
      switch (field) {
        case "payload" -> payload = in.base64();
        case "payloadType" -> payloadType = readPayloadType();
        case "signatures" -> signature = readSignatures();
        default -> in.skip();
      }
    }
    if (payload == null) {
      throw in.missing("payload");
    }
    if (payloadType == null) {
      throw in.missing("payloadType");
    }
    if (signature == null) {
      throw in.missing("signatures");
    }
    return new Envelope(payloadType, payload, signature.bytes(), signature.keyid());
  }

  private String readPayloadType() throws OmsException {
    String type = in.text(JsonInput.MAX_TERM_BYTES);
    if (!type.equals(Envelope.PAYLOAD_TYPE)) {
      throw in.fault(
          "is \"" + Printable.of(type) + "\", where OMS has \"" + Envelope.PAYLOAD_TYPE + "\"");
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
    in.enterObject();
    for (String field = in.nextField(); field != null; field = in.nextField()) {
      switch (field) {
        case "sig" -> sig = in.base64();
        case "keyid" -> keyid = in.isNull() ? "" : in.text(bounds.maxNameBytes());
        default -> in.skip();
      }
    }
    if (sig == null) {
      throw in.missing("sig");
    }
    return new Signature(sig, keyid);
  }

  /** What stands in the only element of {@code signatures}. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Signature(byte[] bytes, String keyid) {}
}
