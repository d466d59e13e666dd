package dev.countersign.oms;

import dev.countersign.text.Printable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A resource as a statement spells it, before its serialization is known. */
record ListedResource(String name, Digest digest, String algorithm) {

  /** Two numbers of up to 19 digits with a colon each, in bytes. */
  private static final int MAX_RANGE_BYTES = 40;

  /** The path takes all it can: only the last two colons count, since a path may hold some too. */
  private static final Pattern SHARD =
      Pattern.compile("(.*):(0|[1-9][0-9]{0,18}):([1-9][0-9]{0,18})", Pattern.DOTALL);

  /**
   * Reads the resource that {@code in} is on.
   *
   * @param previous the one before it, whose algorithm is most likely the same; null if none
   */
  static ListedResource read(JsonInput in, OmsBounds bounds, @Nullable ListedResource previous)
      throws OmsException {
    String name = null;
    Digest digest = null;
    String algorithm = null;
    in.enterObject();
    for (String field = in.nextField(); field != null; field = in.nextField()) {
      switch (field) {
        case "name" -> name = in.text(bounds.maxNameBytes() + MAX_RANGE_BYTES);
        case "digest" -> digest = in.digest();
        case "algorithm" -> algorithm = in.text(JsonInput.MAX_TERM_BYTES);
        default -> in.skip();
      }
    }
    if (name == null) {
      throw in.missing("name");
    }
    if (digest == null) {
      throw in.missing("digest");
    }
    if (algorithm == null) {
      throw in.missing("algorithm");
    }
    if (previous != null && previous.algorithm.equals(algorithm)) {
      algorithm = previous.algorithm;
    }
    return new ListedResource(name, digest, algorithm);
  }

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
          "The resource \""
              + Printable.of(name)
              + "\" has the algorithm \""
              + Printable.of(algorithm)
              + "\", which does not go with the serialization by "
              + serialization.method().omsName()
              + " and "
              + serialization.hash().omsName()
              + (shards ? " in shards of " + serialization.shardSize() + " bytes." : "."));
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
    return OmsException.malformed("The resource \"" + Printable.of(name) + "\" " + fault + ".");
  }
}
