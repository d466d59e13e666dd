package dev.countersign.oms;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import dev.countersign.text.CodePointOrder;
import dev.countersign.text.Printable;
import dev.countersign.text.StrictUtf8;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;

/** What OMS 1.0 demands of a manifest as a whole, beyond the form of its parts. */
final class ManifestRules {

  private static final Comparator<Resource> BY_PLACE =
      Comparator.comparing(Resource::path, CodePointOrder.comparator())
          .thenComparingLong(Resource::start)
          .thenComparingLong(Resource::end);

  private ManifestRules() {}

  static void check(
      String modelName, Serialization serialization, Resource[] resources, int maxNameBytes)
      throws OmsException {
    checkLabel("The model's name", modelName, maxNameBytes);
    checkResources(
        "The model \"" + Printable.of(modelName) + '"', serialization, resources, maxNameBytes);
  }

  /** As the other one, but for a model without a name. */
  static void checkUnnamed(Serialization serialization, Resource[] resources, int maxNameBytes)
      throws OmsException {
    checkResources("The model", serialization, resources, maxNameBytes);
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
          model + " has no files that count: there is nothing a signature could speak for.");
    }
    boolean unnamed = resources[0].path().equals(Manifest.UNNAMED_FILE);
    for (Resource resource : resources) {
      checkAlone(serialization, resource);
      if (!unnamed || !resource.path().equals(Manifest.UNNAMED_FILE)) {
        CanonicalName.check(resource.path(), maxNameBytes);
      }
    }
    Resource[] placed = resources.clone();
    Arrays.sort(placed, BY_PLACE);
    if (unnamed && !placed[placed.length - 1].path().equals(Manifest.UNNAMED_FILE)) {
      throw OmsException.malformed(
          "The name \".\" stands for a model that is a single file, but there are other files"
              + " beside it.");
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
        OmsException.Kind.NAME, what + ", \"" + Printable.of(label) + "\", " + fault + ".");
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
        "The resource \""
            + Printable.of(resource.name())
            + "\" "
            + String.format(Locale.ROOT, rule, arguments)
            + ".");
  }
}
