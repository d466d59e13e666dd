package dev.countersign.oms;

import dev.countersign.text.Printable;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads one statement of release 0.2.0. */
final class LegacyStatementReader {

  /**
   * The algorithm of whole files' digests. A digest is always filed under {@code sha256}, as the
   * libraries of the time knew no other; what it really is stands beside it.
   */
  private static final String FILE_ALGORITHM = "file-sha256";

  private final JsonInput in;
  private final OmsBounds bounds;

  private @Nullable String type;
  private @Nullable String predicateType;
  private @Nullable List<Resource> files;

  private LegacyStatementReader(JsonInput in, OmsBounds bounds) {
    this.in = in;
    this.bounds = bounds;
  }

  static Manifest read(byte[] payload, OmsBounds bounds) throws OmsException {
    try (JsonInput in = JsonInput.of(payload, "statement", bounds)) {
      return new LegacyStatementReader(in, bounds).read();
    }
  }

  private Manifest read() throws OmsException {
    in.enterObject();
    for (String field = in.nextField(); field != null; field = in.nextField()) {
      switch (field) {
        case "_type" -> type = in.text(JsonInput.MAX_TERM_BYTES);
        case "subject" -> files = readFiles();
        case "predicateType" -> predicateType = in.text(JsonInput.MAX_TERM_BYTES);
        default -> in.skip(); // The predicate too: it is a placeholder that libraries asked for.
      }
    }
    in.finish();
    StatementRules.checkTypes(type, predicateType, LegacyStatement.PREDICATE_TYPE);
    return Manifest.unnamed(
        new Serialization(
            SerializationMethod.FILES, HashAlgorithm.SHA256, false, List.of(), 0, false),
        StatementRules.require("subject", files),
        bounds.maxNameBytes());
  }

  private List<Resource> readFiles() throws OmsException {
    List<Resource> listed = new ArrayList<>();
    in.enterArray();
    while (in.nextElement()) {
      if (listed.size() == bounds.maxResources()) {
        throw in.tooMany(bounds.maxResources());
      }
      listed.add(readFile());
    }
    return listed;
  }

  private Resource readFile() throws OmsException {
    String name = null;
    Digest digest = null;
    in.enterObject();
    for (String field = in.nextField(); field != null; field = in.nextField()) {
      switch (field) {
        case "name" -> name = in.text(bounds.maxNameBytes());
        case "digest" -> digest = DigestSet.readSha256(in);
        case "annotations" -> checkAnnotations();
        default -> in.skip();
      }
    }
    if (name == null) {
      throw in.missing("name");
    }
    if (digest == null) {
      throw in.missing("digest/sha256");
    }
    return Resource.whole(name, digest);
  }

  /** Checks that the digest is what it is filed as; without a word on that, it is. */
  private void checkAnnotations() throws OmsException {
    in.enterObject();
    for (String field = in.nextField(); field != null; field = in.nextField()) {
      if (!field.equals("actual_hash_algorithm")) {
        in.skip();
        continue;
      }
      String algorithm = in.text(JsonInput.MAX_TERM_BYTES);
      if (!algorithm.equals(FILE_ALGORITHM)) {
        throw new OmsException(
            OmsException.Kind.UNSUPPORTED_ALGORITHM,
            "The statement uses the hash algorithm \""
                + Printable.of(algorithm)
                + "\"; with its predicate only \""
                + FILE_ALGORITHM
                + "\" is supported. Have the model signed anew.");
      }
    }
  }
}
