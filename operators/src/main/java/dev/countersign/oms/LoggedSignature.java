package dev.countersign.oms;

import dev.countersign.text.Printable;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Signature as a log recorded it: the body of a {@link LogEntry} of one of the kinds that are used
 * for models.
 *
 * @param type kind and version
 * @param hash JCA name of the hash algorithm of {@code digest}
 * @param digest digest of what the entry's {@link Type} says
 * @param signature the signature
 * @param certificate the signer's certificate, or key, encoded as the {@link Type} says
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record LoggedSignature(
    Type type, String hash, byte[] digest, byte[] signature, byte[] certificate) {

  /** Kinds of entries, with their versions. */
  public enum Type {
    /** Rekor's version 1, of envelopes: digest of the payload, certificate in PEM. */
    DSSE_1("dsse", "0.0.1"),
    /** Rekor's version 1, of any signature: digest of what is signed, certificate in PEM. */
    HASHEDREKORD_1("hashedrekord", "0.0.1"),
    /** Rekor's version 2: digest of what is signed, certificate in DER. */
    HASHEDREKORD_2("hashedrekord", "0.0.2");

    private final String kind;
    private final String version;

    Type(String kind, String version) {
      this.kind = kind;
      this.version = version;
    }

    boolean isNamed(String name, String number) {
      return kind.equals(name) && version.equals(number);
    }

    /** Returns whether the digest is the payload's rather than that of what is signed. */
    public boolean isOverPayload() {
      return this == DSSE_1;
    }

    /** Returns whether the certificate is in PEM rather than in DER. */
    public boolean isPem() {
      return this != HASHEDREKORD_2;
    }
  }

  /** JCA names of hash algorithms by their names in both versions of Rekor. */
  private static final Map<String, String> HASHES =
      Map.of(
          "sha256", "SHA-256",
          "sha384", "SHA-384",
          "sha512", "SHA-512",
          "SHA2_256", "SHA-256",
          "SHA2_384", "SHA-384",
          "SHA2_512", "SHA-512");

  private static final OmsBounds BOUNDS = OmsBounds.defaults();

  /**
   * Reads what a log recorded. Whether it did is for others to check.
   *
   * @throws OmsException of kind {@code MALFORMED} if the body is not of the kind and version that
   *     the entry has, or not well-formed; of kind {@code UNSUPPORTED_ALGORITHM} if models are not
   *     recorded like this
   */
  public static LoggedSignature read(LogEntry entry) throws OmsException {
    for (Type type : Type.values()) {
      if (type.isNamed(entry.kind(), entry.version())) {
        try (JsonInput in =
            JsonInput.of(entry.canonicalizedBody(), "body of the log entry", BOUNDS)) {
          return new Reader(in, type).read();
        }
      }
    }
    throw new OmsException(
        OmsException.Kind.UNSUPPORTED_ALGORITHM,
        "The log entry is of kind '%s', version '%s'; signatures of models are recorded as dsse"
            + " 0.0.1, hashedrekord 0.0.1 or hashedrekord 0.0.2. Have the model signed again.",
        Printable.of(entry.kind()),
        Printable.of(entry.version()));
  }

  private static final class Reader {

    private final JsonInput in;
    private final Type type;

    private @Nullable String kind;
    private @Nullable String version;
    private @Nullable String hash;
    private byte @Nullable [] digest;
    private byte @Nullable [] signature;
    private byte @Nullable [] certificate;

    Reader(JsonInput in, Type type) {
      this.in = in;
      this.type = type;
    }

    LoggedSignature read() throws OmsException {
      for (String field = in.firstField(); field != null; field = in.nextField()) {
        switch (field) {
          case "kind" -> kind = in.text(JsonInput.MAX_TERM_BYTES);
          case "apiVersion" -> version = in.text(JsonInput.MAX_TERM_BYTES);
          case "spec" -> readSpec();
          default -> in.skip();
        }
      }
      String stated = in.required("kind", kind);
      String number = in.required("apiVersion", version);
      if (!type.isNamed(stated, number)) {
        throw OmsException.malformed(
            "The log entry says that its body is of kind %s, version %s, and the body is of kind"
                + " '%s', version '%s'.",
            type.kind, type.version, Printable.of(stated), Printable.of(number));
      }
      LoggedSignature read =
          new LoggedSignature(
              type,
              in.required("spec (hash algorithm)", hash),
              in.required("spec (digest)", digest),
              in.required("spec (signature)", signature),
              in.required("spec (certificate)", certificate));
      in.finish();
      return read;
    }

    private void readSpec() throws OmsException {
      switch (type) {
        case DSSE_1 -> readDsse();
        case HASHEDREKORD_1 -> readHashedRekord("publicKey", "content");
        case HASHEDREKORD_2 -> {
          Object unused =
              in.only(
                  "hashedRekordV002",
                  () -> {
                    readHashedRekord("verifier", "");
                    return Boolean.TRUE;
                  });
        }
      }
    }

    private void readDsse() throws OmsException {
      for (String field = in.firstField(); field != null; field = in.nextField()) {
        switch (field) {
          case "payloadHash" -> readDigest("algorithm", "value");
          case "signatures" -> readOnlySignature();
          default -> in.skip();
        }
      }
    }

    private void readOnlySignature() throws OmsException {
      List<Boolean> unused =
          in.list(
              1,
              () -> {
                for (String field = in.firstField(); field != null; field = in.nextField()) {
                  switch (field) {
                    case "signature" -> signature = in.base64();
                    case "verifier" -> certificate = in.base64();
                    default -> in.skip();
                  }
                }
                return true;
              });
    }

    /** Reads the fields that both versions have, with the name that one has for the signer. */
    private void readHashedRekord(String signer, String content) throws OmsException {
      for (String field = in.firstField(); field != null; field = in.nextField()) {
        switch (field) {
          case "data" -> readData();
          case "signature" -> readSignature(signer, content);
          default -> in.skip();
        }
      }
    }

    private void readData() throws OmsException {
      if (type == Type.HASHEDREKORD_2) {
        readDigest("algorithm", "digest");
        return;
      }
      Object unused =
          in.only(
              "hash",
              () -> {
                readDigest("algorithm", "value");
                return Boolean.TRUE;
              });
    }

    private void readSignature(String signer, String content) throws OmsException {
      for (String field = in.firstField(); field != null; field = in.nextField()) {
        if (field.equals("content")) {
          signature = in.base64();
        } else if (field.equals(signer)) {
          certificate =
              content.isEmpty()
                  ? in.only("x509Certificate", () -> bytes("rawBytes"))
                  : bytes(content);
        } else {
          in.skip();
        }
      }
    }

    private byte[] bytes(String field) throws OmsException {
      return in.required(field, in.only(field, in::base64));
    }

    private void readDigest(String algorithm, String value) throws OmsException {
      for (String field = in.firstField(); field != null; field = in.nextField()) {
        if (field.equals(algorithm)) {
          String name = in.text(JsonInput.MAX_TERM_BYTES);
          hash = HASHES.get(name);
          if (hash == null) {
            throw in.fault("is \"%s\", which is not supported", Printable.of(name));
          }
        } else if (field.equals(value)) {
          digest = type == Type.HASHEDREKORD_2 ? in.base64() : hex();
        } else {
          in.skip();
        }
      }
    }

    private byte[] hex() throws OmsException {
      String text = in.text(JsonInput.MAX_TERM_BYTES);
      try {
        return HexFormat.of().parseHex(text);
      } catch (IllegalArgumentException e) {
        throw in.fault("is not a digest in hexadecimal digits");
      }
    }
  }
}
