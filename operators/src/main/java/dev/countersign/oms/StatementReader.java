package dev.countersign.oms;

import dev.countersign.text.Printable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads one statement.
 *
 * <p>JSON has no order of fields, and the reference client's varies from run to run, so resources
 * may come before the serialization that gives them meaning. They are kept as text until the end.
 */
final class StatementReader {

  /** Two numbers of up to 19 digits with a colon each, in bytes. */
  private static final int MAX_RANGE_BYTES = 40;

  private final JsonInput in;
  private final OmsBounds bounds;

  private @Nullable String type;
  private @Nullable String predicateType;
  private int subjectCount;
  private @Nullable String subjectName;
  private @Nullable Digest subjectDigest;
  private @Nullable Serialization serialization;
  private @Nullable List<ListedResource> resources;

  /** The algorithm of the resource before: a million resources share one string. */
  private String lastAlgorithm = "";

  private StatementReader(JsonInput in, OmsBounds bounds) {
    this.in = in;
    this.bounds = bounds;
  }

  static Manifest read(byte[] payload, OmsBounds bounds) throws OmsException {
    try (JsonInput in = JsonInput.of(payload, "statement", bounds)) {
      return new StatementReader(in, bounds).read();
    }
  }

  /** Checks the types that a statement gives itself; null is one that it does not give. */
  static void checkTypes(
      @Nullable String type, @Nullable String predicateType, String expectedPredicateType)
      throws OmsException {
    if (!Statement.TYPE.equals(require("_type", type))) {
      throw unsupported("an in-toto statement of type", type, Statement.TYPE);
    }
    if (!expectedPredicateType.equals(require("predicateType", predicateType))) {
      throw unsupported("a predicate of type", predicateType, expectedPredicateType);
    }
  }

  private static OmsException unsupported(String what, @Nullable String type, String expected) {
    return new OmsException(
        OmsException.Kind.UNSUPPORTED_PREDICATE,
        "The signature is over %s \"%s\"; only \"%s\" is supported with a signature of this form.",
        what,
        Printable.of(String.valueOf(type)),
        expected);
  }

  /** Returns the value that was read at {@code pointer}, which null says was not there. */
  static <T> T require(String pointer, @Nullable T value) throws OmsException {
    return Optional.ofNullable(value)
        .orElseThrow(
            () -> OmsException.malformed("The statement's field /%s is missing.", pointer));
  }

  /** Returns the SHA-256 in the set of digests that {@code in} is on, or null if there is none. */
  static @Nullable Digest readSha256(JsonInput in) throws OmsException {
    return in.only(
        "sha256",
        () -> {
          Digest digest = in.digest();
          if (digest.length() != HashAlgorithm.SHA256.digestLength()) {
            throw in.fault("has %d bytes, where SHA-256 has 32", digest.length());
          }
          return digest;
        });
  }

  private Manifest read() throws OmsException {
    for (String field = in.firstField(); field != null; field = in.nextField()) {
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
    checkTypes(type, predicateType, Statement.PREDICATE_TYPE);
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
    for (String field = in.firstField(); field != null; field = in.nextField()) {
      switch (field) {
        case "name" -> subjectName = in.text(bounds.maxNameBytes());
        case "digest" -> subjectDigest = readSha256(in);
        default -> in.skip();
      }
    }
  }

  private void readPredicate() throws OmsException {
    for (String field = in.firstField(); field != null; field = in.nextField()) {
      switch (field) {
        case "serialization" -> serialization = readSerialization();
        case "resources" -> resources = in.list(bounds.maxResources(), this::readResource);
        default -> in.skip();
      }
    }
  }

  private Serialization readSerialization() throws OmsException {
    SerializationMethod method = null;
    String hashType = null;
    Boolean allowSymlinks = null;
    Long shardSize = null;
    List<String> ignorePaths = null;
    for (String field = in.firstField(); field != null; field = in.nextField()) {
      switch (field) {
        case "method" -> method = readMethod();
        case "hash_type" -> hashType = in.text(JsonInput.MAX_TERM_BYTES);
        case "allow_symlinks" -> allowSymlinks = in.flag();
        case "shard_size" -> shardSize = readShardSize();
        case "ignore_paths" ->
            ignorePaths = in.list(bounds.maxResources(), () -> in.text(bounds.maxNameBytes()));
        default -> in.skip();
      }
    }
    SerializationMethod cut = in.required("method", method);
    String hash = in.required("hash_type", hashType);
    boolean links = in.required("allow_symlinks", allowSymlinks);
    long size = 0;
    if (cut == SerializationMethod.SHARDS) {
      size = in.required("shard_size", shardSize);
    } else if (shardSize != null) {
      throw in.fault("has a shard_size, though its method is \"files\"");
    }
    return new Serialization(
        cut,
        hash(hash, size),
        links,
        ignorePaths == null ? List.of() : ignorePaths,
        size,
        ignorePaths != null);
  }

  private SerializationMethod readMethod() throws OmsException {
    String name = in.text(JsonInput.MAX_TERM_BYTES);
    return SerializationMethod.named(name)
        .orElseThrow(() -> unknown("serialization method", name, "\"files\" and \"shards\""));
  }

  private long readShardSize() throws OmsException {
    long size = in.wholeNumber();
    if (size <= 0) {
      throw in.fault("is %d, but a shard has at least one byte", size);
    }
    return size;
  }

  /**
   * Returns the algorithm that a {@code hash_type} names. Releases 0.3 of the reference client
   * wrote there under shards what is a shard's {@code algorithm}.
   *
   * @param shardSize in bytes; 0 if there are no shards
   */
  private static HashAlgorithm hash(String hashType, long shardSize) throws OmsException {
    String name = shardSize == 0 ? hashType : ShardAlgorithm.hashName(hashType, shardSize);
    return HashAlgorithm.named(name)
        .orElseThrow(
            () -> unknown("hash algorithm", hashType, "\"sha256\", \"blake2b\" and \"blake3\""));
  }

  private static OmsException unknown(String what, String name, String known) {
    return new OmsException(
        OmsException.Kind.UNSUPPORTED_ALGORITHM,
        "The statement uses the %s \"%s\"; OMS 1.0 knows %s.",
        what,
        Printable.of(name),
        known);
  }

  private ListedResource readResource() throws OmsException {
    String name = null;
    Digest digest = null;
    String algorithm = null;
    for (String field = in.firstField(); field != null; field = in.nextField()) {
      switch (field) {
        case "name" -> name = in.text(bounds.maxNameBytes() + MAX_RANGE_BYTES);
        case "digest" -> digest = in.digest();
        case "algorithm" -> algorithm = shared(in.text(JsonInput.MAX_TERM_BYTES));
        default -> in.skip();
      }
    }
    return new ListedResource(
        in.required("name", name),
        in.required("digest", digest),
        in.required("algorithm", algorithm));
  }

  /** Returns the text of the resource before, if it is the same: then only one is kept. */
  private String shared(String algorithm) {
    if (!algorithm.equals(lastAlgorithm)) {
      lastAlgorithm = algorithm;
    }
    return lastAlgorithm;
  }

  private Manifest manifest() throws OmsException {
    Serialization recorded = require("predicate/serialization", serialization);
    List<ListedResource> listed = require("predicate/resources", resources);
    if (subjectCount != 1) {
      throw OmsException.malformed(
          "The statement has %d subjects, where a statement about a model has exactly one.",
          subjectCount);
    }
    String name = require("subject/0/name", subjectName);
    Digest claimed = require("subject/0/digest/sha256", subjectDigest);
    List<Resource> parsed = new ArrayList<>(listed.size());
    for (ListedResource resource : listed) {
      parsed.add(resource.under(recorded));
    }
    Manifest manifest = Manifest.asListed(name, recorded, parsed, bounds.maxNameBytes());
    if (!manifest.rootDigest().equals(claimed)) {
      throw new OmsException(
          OmsException.Kind.ROOT_DIGEST_MISMATCH,
          "The statement contradicts itself: its subject's digest is %s, but the resources it lists"
              + " give %s.",
          claimed,
          manifest.rootDigest());
    }
    return manifest;
  }

  /** A resource as a statement spells it, before its serialization is known. */
  record ListedResource(String name, Digest digest, String algorithm) {

    /**
     * The path takes all it can: only the last two colons count, since a path may hold some too.
     */
    private static final Pattern SHARD =
        Pattern.compile("(.*):(0|[1-9][0-9]{0,18}):([1-9][0-9]{0,18})", Pattern.DOTALL);

    /** Returns the resource that this is under {@code serialization}. */
    Resource under(Serialization serialization) throws OmsException {
      boolean shards = serialization.method() == SerializationMethod.SHARDS;
      checkAlgorithm(serialization, shards);
      return shards ? shard() : Resource.whole(name, digest);
    }

    private void checkAlgorithm(Serialization serialization, boolean shards) throws OmsException {
      boolean expected =
          algorithm.equals(ShardAlgorithm.SPEC.written(serialization))
              || (shards && algorithm.equals(ShardAlgorithm.CLIENT.written(serialization)));
      if (!expected) {
        throw new OmsException(
            OmsException.Kind.UNSUPPORTED_ALGORITHM,
            "The resource \"%s\" has the algorithm \"%s\", which does not go with the serialization"
                + " by %s and %s%s.",
            Printable.of(name),
            Printable.of(algorithm),
            serialization.method().omsName(),
            serialization.hash().omsName(),
            shards ? " in shards of " + serialization.shardSize() + " bytes" : "");
      }
    }

    private Resource shard() throws OmsException {
      Matcher parts = SHARD.matcher(name);
      if (!parts.matches()) {
        throw notShard("is not the name of a shard, which is written path:start:end");
      }
      long start;
      long end;
      try {
        start = Long.parseLong(parts.group(2));
        end = Long.parseLong(parts.group(3));
      } catch (NumberFormatException e) {
        throw notShard("has a position beyond 64 bits");
      }
      if (end <= start) {
        throw notShard("ends before it starts, or has no bytes");
      }
      return new Resource(parts.group(1), start, end, digest);
    }

    private OmsException notShard(String fault) {
      return OmsException.malformed("The resource \"%s\" %s.", Printable.of(name), fault);
    }
  }
}
