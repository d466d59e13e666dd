package dev.countersign.oms;

import dev.countersign.text.Printable;
import java.util.List;

/**
 * The text that release 0.2.0 of the reference client signed, before OMS 1.0: an in-toto statement
 * v1 whose subjects are the model's files, and whose predicate says nothing.
 *
 * <p>It goes with that release's own signatures alone, and is read, never written.
 */
public final class LegacyStatement {

  /** The {@code predicateType}. */
  public static final String PREDICATE_TYPE = "https://model_signing/Digests/v0.1";

  /**
   * The algorithm of whole files' digests. A digest is always filed under {@code sha256}, as the
   * libraries of the time knew no other; what it really is stands beside it.
   */
  private static final String FILE_ALGORITHM = "file-sha256";

  private LegacyStatement() {}

  /**
   * Returns the manifest that the statement in {@code payload} speaks of: whole files by SHA-256 in
   * the order listed, without links, of a model without a name. No ignored paths are recorded.
   *
   * <p>Its root digest is ours: the statement has none that could be checked.
   *
   * @throws OmsException if a rule of JSON, in-toto or OMS is broken, or a bound exceeded
   */
  public static Manifest read(byte[] payload, OmsBounds bounds) throws OmsException {
    try (JsonInput in = JsonInput.of(payload, "statement", bounds)) {
      String type = null;
      String predicateType = null;
      List<Resource> files = null;
      for (String field = in.firstField(); field != null; field = in.nextField()) {
        switch (field) {
          case "_type" -> type = in.text(JsonInput.MAX_TERM_BYTES);
          case "subject" -> files = in.list(bounds.maxResources(), () -> readFile(in, bounds));
          case "predicateType" -> predicateType = in.text(JsonInput.MAX_TERM_BYTES);
          default -> in.skip(); // The predicate too: it is a placeholder that libraries asked for.
        }
      }
      in.finish();
      StatementReader.checkTypes(type, predicateType, PREDICATE_TYPE);
      return Manifest.unnamed(
          new Serialization(
              SerializationMethod.FILES, HashAlgorithm.SHA256, false, List.of(), 0, false),
          StatementReader.require("subject", files),
          bounds.maxNameBytes());
    }
  }

  private static Resource readFile(JsonInput in, OmsBounds bounds) throws OmsException {
    String name = null;
    Digest digest = null;
    for (String field = in.firstField(); field != null; field = in.nextField()) {
      switch (field) {
        case "name" -> name = in.text(bounds.maxNameBytes());
        case "digest" -> digest = StatementReader.readSha256(in);
        case "annotations" -> checkAnnotations(in);
        default -> in.skip();
      }
    }
    return Resource.whole(in.required("name", name), in.required("digest/sha256", digest));
  }

  /** Checks that the digest is what it is filed as; without a word on that, it is. */
  private static void checkAnnotations(JsonInput in) throws OmsException {
    for (String field = in.firstField(); field != null; field = in.nextField()) {
      if (!field.equals("actual_hash_algorithm")) {
        in.skip();
        continue;
      }
      String algorithm = in.text(JsonInput.MAX_TERM_BYTES);
      if (!algorithm.equals(FILE_ALGORITHM)) {
        throw new OmsException(
            OmsException.Kind.UNSUPPORTED_ALGORITHM,
            "The statement uses the hash algorithm \"%s\"; with its predicate only \"%s\" is"
                + " supported. Have the model signed anew.",
            Printable.of(algorithm),
            FILE_ALGORITHM);
      }
    }
  }
}
