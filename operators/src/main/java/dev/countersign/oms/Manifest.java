package dev.countersign.oms;

import dev.countersign.text.CodePointOrder;
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

  private final String modelName;
  private final Serialization serialization;
  private final List<Resource> resources;
  private final Digest rootDigest;

  private Manifest(String modelName, Serialization serialization, Resource[] resources) {
    this.modelName = modelName;
    this.serialization = serialization;
    this.resources = Collections.unmodifiableList(Arrays.asList(resources));
    this.rootDigest = RootDigest.of(this.resources);
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
    ManifestRules.check(modelName, serialization, sorted, CanonicalName.DEFAULT_MAX_BYTES);
    return new Manifest(modelName, serialization, sorted);
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
    Resource[] listed = resources.toArray(Resource[]::new);
    ManifestRules.check(modelName, serialization, listed, maxNameBytes);
    return new Manifest(modelName, serialization, listed);
  }

  /**
   * Returns the manifest of whole {@code files} in the order given, of a model that its statement
   * does not name.
   */
  static Manifest unnamed(Serialization serialization, Collection<Resource> files, int maxNameBytes)
      throws OmsException {
    Resource[] listed = files.toArray(Resource[]::new);
    ManifestRules.checkUnnamed(serialization, listed, maxNameBytes);
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
}
