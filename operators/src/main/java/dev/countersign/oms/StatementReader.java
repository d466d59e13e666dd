package dev.countersign.oms;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads one statement.
 *
 * <p>JSON has no order of fields, and the reference client's varies from run to run, so resources
 * may come before the serialization that gives them meaning. They are kept as text until the end.
 */
final class StatementReader {

  private static final String WHAT = "statement";

  private final JsonInput in;
  private final OmsBounds bounds;

  private @Nullable String type;
  private @Nullable String predicateType;
  private int subjectCount;
  private @Nullable String subjectName;
  private @Nullable Digest subjectDigest;
  private @Nullable Serialization serialization;
  private @Nullable List<ListedResource> resources;

  private StatementReader(JsonInput in, OmsBounds bounds) {
    this.in = in;
    this.bounds = bounds;
  }

  static Manifest read(byte[] payload, OmsBounds bounds) throws OmsException {
    try (JsonInput in = JsonInput.of(payload, WHAT, bounds)) {
      return new StatementReader(in, bounds).read();
    }
  }

  private Manifest read() throws OmsException {
    in.enterObject();
    for (String field = in.nextField(); field != null; field = in.nextField()) {
      switch (field) {
        case "_type" -> type = in.text(JsonInput.MAX_TERM_BYTES);
        case "subject" -> readSubjects();
        case "predicateType" -> predicateType = in.text(JsonInput.MAX_TERM_BYTES);
        // Another type's predicate may hold anything; that it is another is said at the end.
        case "predicate" -> {
          if (predicateType == null || predicateType.equals(Statement.PREDICATE_TYPE)) {
            readPredicate();
          } else {
            in.skip();
          }
        }
        default -> in.skip();
      }
    }
    in.finish();
    StatementRules.checkTypes(type, predicateType, Statement.PREDICATE_TYPE);
    return manifest();
  }

  /** Reads the first subject; that there is exactly one is demanded once the type is known. */
  private void readSubjects() throws OmsException {
    in.enterArray();
    while (in.nextElement()) {
      subjectCount++;
      if (subjectCount == 1) {
        readSubject();
      } else {
        in.skip();
      }
    }
  }

  private void readSubject() throws OmsException {
    in.enterObject();
    for (String field = in.nextField(); field != null; field = in.nextField()) {
      switch (field) {
        case "name" -> subjectName = in.text(bounds.maxNameBytes());
        case "digest" -> subjectDigest = DigestSet.readSha256(in);
        default -> in.skip();
      }
    }
  }

  private void readPredicate() throws OmsException {
    in.enterObject();
    for (String field = in.nextField(); field != null; field = in.nextField()) {
      switch (field) {
        case "serialization" -> serialization = SerializationReader.read(in, bounds);
        case "resources" -> resources = readResources();
        default -> in.skip();
      }
    }
  }

  private List<ListedResource> readResources() throws OmsException {
    List<ListedResource> listed = new ArrayList<>();
    ListedResource last = null;
    in.enterArray();
    while (in.nextElement()) {
      if (listed.size() == bounds.maxResources()) {
        throw in.tooMany(bounds.maxResources());
      }
      last = ListedResource.read(in, bounds, last);
      listed.add(last);
    }
    return listed;
  }

  private Manifest manifest() throws OmsException {
    Serialization recorded = StatementRules.require("predicate/serialization", serialization);
    List<ListedResource> listed = StatementRules.require("predicate/resources", resources);
    if (subjectCount != 1) {
      throw OmsException.malformed(
          "The statement has "
              + subjectCount
              + " subjects, where a statement about a model has exactly one.");
    }
    String name = StatementRules.require("subject/0/name", subjectName);
    Digest claimed = StatementRules.require("subject/0/digest/sha256", subjectDigest);
    List<Resource> parsed = new ArrayList<>(listed.size());
    for (ListedResource resource : listed) {
      parsed.add(resource.under(recorded));
    }
    Manifest manifest = Manifest.asListed(name, recorded, parsed, bounds.maxNameBytes());
    if (!manifest.rootDigest().equals(claimed)) {
      throw new OmsException(
          OmsException.Kind.ROOT_DIGEST_MISMATCH,
          "The statement contradicts itself: its subject's digest is "
              + claimed.hex()
              + ", but the resources it lists give "
              + manifest.rootDigest().hex()
              + ".");
    }
    return manifest;
  }
}
