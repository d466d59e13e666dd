package dev.countersign.oms;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import dev.countersign.text.CodePointOrder;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import dev.countersign.text.StrictUtf8;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * What a signature speaks for: a model's name, its resources in order, and how they came about.
 *
 * <p>A manifest always keeps the rules of OMS 1.0, whether it was made here or read: at least one
 * resource, digests of the right length, canonical names, none twice, and the shards of each file
 * cover it from byte 0 on without gap or overlap. Immutable.
 */
public final class Manifest {

  /**
   * The path under which the reference client lists a model that is a single file. Only the path of
   * all resources may be this one, and only when reading; it stands for the model's base name.
   */
  public static final String UNNAMED_FILE = ".";

  private static final Comparator<Resource> BY_PLACE =
      Comparator.comparing(Resource::path, CodePointOrder.comparator())
          .thenComparingLong(Resource::start)
          .thenComparingLong(Resource::end);

  private final String modelName;
  private final Serialization serialization;
  private final List<Resource> resources;
  private final Digest rootDigest;

  private Manifest(String modelName, Serialization serialization, Resource[] resources) {
    this.modelName = modelName;
    this.serialization = serialization;
    this.resources = Collections.unmodifiableList(Arrays.asList(resources));
    MessageDigest hash = Sha256.begin();
    for (Resource resource : resources) {
      resource.digest().update(hash);
    }
    this.rootDigest = Digest.of(hash.digest());
  }

  /**
   * Returns the manifest of {@code resources} in code point order by name, as it is signed.
   *
   * @param modelName base name of the model, not empty
   * @throws OmsException if a rule is broken, naming the resource
   */
  public static Manifest sorted(
      String modelName, Serialization serialization, Collection<Resource> resources)
      throws OmsException {
    Resource[] sorted = resources.toArray(Resource[]::new);
    if (serialization.method() == SerializationMethod.FILES) {
      Arrays.sort(sorted, Comparator.comparing(Resource::name, CodePointOrder.comparator()));
    } else {
      sortShards(sorted);
    }
    return named(modelName, serialization, sorted, CanonicalName.DEFAULT_MAX_BYTES);
  }

  /**
   * Returns the manifest of {@code resources} in the order given, as other clients signed it.
   *
   * @param modelName base name of the model, not empty
   * @throws OmsException if a rule is broken, naming the resource
   */
  static Manifest asListed(
      String modelName,
      Serialization serialization,
      Collection<Resource> resources,
      int maxNameBytes)
      throws OmsException {
    return named(modelName, serialization, resources.toArray(Resource[]::new), maxNameBytes);
  }

  private static Manifest named(
      String modelName, Serialization serialization, Resource[] resources, int maxNameBytes)
      throws OmsException {
    checkLabel("The model's name", modelName, maxNameBytes);
    checkResources(
        "The model \"" + Printable.of(modelName) + '"', serialization, resources, maxNameBytes);
    return new Manifest(modelName, serialization, resources);
  }

  /**
   * Returns the manifest of whole {@code files} in the order given, of a model that its statement
   * does not name.
   */
  static Manifest unnamed(Serialization serialization, Collection<Resource> files, int maxNameBytes)
      throws OmsException {
    Resource[] listed = files.toArray(Resource[]::new);
    checkResources("The model", serialization, listed, maxNameBytes);
    return new Manifest("", serialization, listed);
  }

  /**
   * Returns the base name of the model; a label, which need not be the name it bears now. Empty if
   * it was read from a {@link LegacyStatement}, which gives none.
   */
  public String modelName() {
    return modelName;
  }

  /** Returns how the model was enumerated and hashed. */
  public Serialization serialization() {
    return serialization;
  }

  /** Returns the resources, at least one, in the order they are signed; cannot be modified. */
  public List<Resource> resources() {
    return resources;
  }

  /** Returns the SHA-256 over all raw digests in order, whatever algorithm made those. */
  public Digest rootDigest() {
    return rootDigest;
  }

  /** Sorts by name, spelling each name once rather than at every comparison. */
  private static void sortShards(Resource[] shards) {
    record Named(String name, Resource shard) {}
    Named[] named = new Named[shards.length];
    Arrays.setAll(named, i -> new Named(shards[i].name(), shards[i]));
    Arrays.sort(named, Comparator.comparing(Named::name, CodePointOrder.comparator()));
    Arrays.setAll(shards, i -> named[i].shard());
  }

  private static void checkResources(
      String model, Serialization serialization, Resource[] resources, int maxNameBytes)
      throws OmsException {
    for (String path : serialization.ignorePaths()) {
      checkLabel("An ignored path", path, maxNameBytes);
    }
    if (resources.length == 0) {
      throw new OmsException(
          OmsException.Kind.EMPTY,
          "%s has no files that count: there is nothing a signature could speak for.",
          model);
    }
    boolean unnamed = resources[0].path().equals(UNNAMED_FILE);
    for (Resource resource : resources) {
      checkAlone(serialization, resource);
      if (!unnamed || !resource.path().equals(UNNAMED_FILE)) {
        CanonicalName.check(resource.path(), maxNameBytes);
      }
    }
    Resource[] placed = resources.clone();
    Arrays.sort(placed, BY_PLACE);
    if (unnamed && !placed[placed.length - 1].path().equals(UNNAMED_FILE)) {
      throw OmsException.malformed(
          "The name \".\" stands for a model that is a single file, but there are other files"
              + " next to it.");
    }
    if (serialization.method() == SerializationMethod.FILES) {
      checkFilesDiffer(placed);
    } else {
      checkShardsCover(placed);
    }
  }

  /** Checks what is shown and compared as text, but never opened as a file. */
  private static void checkLabel(String what, String label, int maxBytes) throws OmsException {
    long length = StrictUtf8.length(label);
    if (length < 0) {
      throw fault(what, label, "holds half of a surrogate pair, so it is not Unicode");
    }
    if (length == 0) {
      throw fault(what, label, "is empty");
    }
    if (length > maxBytes) {
      throw fault(what, label, "has " + length + " bytes, more than " + maxBytes);
    }
  }

  private static OmsException fault(String what, String label, String fault) {
    return new OmsException(
        OmsException.Kind.NAME, "%s, \"%s\", %s.", what, Printable.of(label), fault);
  }

  private static void checkAlone(Serialization serialization, Resource resource)
      throws OmsException {
    int expected = serialization.hash().digestLength();
    if (resource.digest().length() != expected) {
      throw broken(
          resource,
          "has a digest of %d bytes; one of %s has %d",
          resource.digest().length(),
          serialization.hash().omsName(),
          expected);
    }
    boolean shards = serialization.method() == SerializationMethod.SHARDS;
    if (resource.isShard() != shards) {
      throw broken(
          resource,
          shards ? "is a whole file among shards" : "is a shard, though whole files are listed");
    }
    if (shards && resource.end() - resource.start() > serialization.shardSize()) {
      throw broken(resource, "is longer than the shard size of %d", serialization.shardSize());
    }
  }

  private static void checkFilesDiffer(Resource[] placed) throws OmsException {
    for (int i = 1; i < placed.length; i++) {
      if (placed[i].path().equals(placed[i - 1].path())) {
        throw broken(placed[i], "is listed twice");
      }
    }
  }

  private static void checkShardsCover(Resource[] placed) throws OmsException {
    String path = "";
    long covered = 0;
    for (Resource shard : placed) {
      if (!shard.path().equals(path)) {
        path = shard.path();
        covered = 0;
      }
      if (shard.start() > covered) {
        throw broken(
            shard, "comes after a gap: bytes %d to %d are in no shard", covered, shard.start());
      }
      if (shard.start() < covered) {
        throw broken(shard, "overlaps the shard before it, which goes to byte %d", covered);
      }
      covered = shard.end();
    }
  }

  @FormatMethod
  private static OmsException broken(
      Resource resource, @FormatString String rule, Object... arguments) {
    return OmsException.malformed(
        "The resource \"%s\" %s.", Printable.of(resource.name()), Message.of(rule, arguments));
  }
}
