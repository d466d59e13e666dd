package dev.countersign.oms;

import dev.countersign.text.Printable;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the {@code serialization} of a predicate. */
final class SerializationReader {

  private final JsonInput in;
  private final OmsBounds bounds;

  private @Nullable SerializationMethod method;
  private @Nullable String hashType;
  private @Nullable Boolean allowSymlinks;
  private @Nullable Long shardSize;
  private @Nullable List<String> ignorePaths;

  private SerializationReader(JsonInput in, OmsBounds bounds) {
    this.in = in;
    this.bounds = bounds;
  }

  static Serialization read(JsonInput in, OmsBounds bounds) throws OmsException {
    return new SerializationReader(in, bounds).read();
  }

  private Serialization read() throws OmsException {
    in.enterObject();
    for (String field = in.nextField(); field != null; field = in.nextField()) {
      switch (field) {
        case "method" -> method = readMethod();
        case "hash_type" -> hashType = in.text(JsonInput.MAX_TERM_BYTES);
        case "allow_symlinks" -> allowSymlinks = in.flag();
        case "shard_size" -> shardSize = readShardSize();
        case "ignore_paths" -> ignorePaths = readIgnorePaths();
        default -> in.skip();
      }
    }
    if (method == null) {
      throw in.missing("method");
    }
    if (hashType == null) {
      throw in.missing("hash_type");
    }
    if (allowSymlinks == null) {
      throw in.missing("allow_symlinks");
    }
    boolean shards = method == SerializationMethod.SHARDS;
    if (shards && shardSize == null) {
      throw in.missing("shard_size");
    }
    if (!shards && shardSize != null) {
      throw in.fault("has a shard_size, though its method is \"files\"");
    }
    return new Serialization(
        method,
        hash(hashType, shards && shardSize != null ? shardSize : 0),
        allowSymlinks,
        ignorePaths == null ? List.of() : ignorePaths,
        shardSize == null ? 0 : shardSize,
        ignorePaths != null);
  }

  private SerializationMethod readMethod() throws OmsException {
    String name = in.text(JsonInput.MAX_TERM_BYTES);
    return SerializationMethod.named(name)
        .orElseThrow(() -> unsupported("serialization method", name, "\"files\" and \"shards\""));
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
            () ->
                unsupported("hash algorithm", hashType, "\"sha256\", \"blake2b\" and \"blake3\""));
  }

  private static OmsException unsupported(String what, String name, String known) {
    return new OmsException(
        OmsException.Kind.UNSUPPORTED_ALGORITHM,
        "The statement uses the "
            + what
            + " \""
            + Printable.of(name)
            + "\"; OMS 1.0 knows "
            + known
            + ".");
  }

  private long readShardSize() throws OmsException {
    long size = in.wholeNumber();
    if (size <= 0) {
      throw in.fault("is " + size + ", but a shard has at least one byte");
    }
    return size;
  }

  private List<String> readIgnorePaths() throws OmsException {
    List<String> paths = new ArrayList<>();
    in.enterArray();
    while (in.nextElement()) {
      if (paths.size() == bounds.maxResources()) {
        throw in.tooMany(bounds.maxResources());
      }
      paths.add(in.text(bounds.maxNameBytes()));
    }
    return paths;
  }
}
