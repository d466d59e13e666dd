package dev.countersign.options.declarations;

import static org.apache.flink.configuration.ConfigOptions.key;

import dev.countersign.oms.OmsBounds;
import dev.countersign.options.CommandSets;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.OptionGroup;
import dev.countersign.options.ValueType;
import java.util.List;
import org.apache.flink.configuration.MemorySize;

/** Limits on models and bundles. */
public final class LimitOptions {

  private static final OmsBounds BOUNDS = OmsBounds.defaults();

  /** Size of a bundle. */
  public static final DeclaredOption<MemorySize> MAX_BUNDLE_SIZE =
      DeclaredOption.of(
          key("max-bundle-size").memoryType().defaultValue(new MemorySize(BOUNDS.maxBundleBytes())),
          ValueType.SIZE,
          OptionGroup.LIMITS,
          CommandSets.BUNDLES,
          "Maximum size of a bundle.");

  /** Resources of a statement. */
  public static final DeclaredOption<Integer> MAX_RESOURCES =
      DeclaredOption.of(
          key("max-resources").intType().defaultValue(BOUNDS.maxResources()),
          ValueType.number(1),
          OptionGroup.LIMITS,
          CommandSets.READ,
          "Maximum number of files or shards in a statement.");

  /** Depth of JSON. */
  public static final DeclaredOption<Integer> MAX_JSON_DEPTH =
      DeclaredOption.of(
          key("max-json-depth").intType().defaultValue(BOUNDS.maxDepth()),
          ValueType.number(1),
          OptionGroup.LIMITS,
          CommandSets.BUNDLES,
          "Maximum depth of JSON in a bundle.");

  /** Length of a name. */
  public static final DeclaredOption<Integer> MAX_NAME_BYTES =
      DeclaredOption.of(
          key("max-name-bytes").intType().defaultValue(BOUNDS.maxNameBytes()),
          ValueType.number(1),
          OptionGroup.LIMITS,
          CommandSets.BUNDLES,
          "Maximum length of a file's name within the model, in bytes of UTF-8.");

  /** Certificates in a bundle. */
  public static final DeclaredOption<Integer> MAX_CERTIFICATES =
      DeclaredOption.of(
          key("max-certificates").intType().defaultValue(BOUNDS.maxCertificates()),
          ValueType.number(1),
          OptionGroup.LIMITS,
          CommandSets.BUNDLES,
          "Maximum number of certificates in a bundle.");

  /** Depth of folders. */
  public static final DeclaredOption<Integer> MAX_DEPTH =
      DeclaredOption.of(
          key("max-depth").intType().defaultValue(100),
          ValueType.number(1),
          OptionGroup.LIMITS,
          CommandSets.FOLDERS,
          "Maximum depth of folders in a model; for catalog, below ROOT.");

  /** Files in a model. */
  public static final DeclaredOption<Long> MAX_FILES =
      DeclaredOption.of(
          key("max-files").longType().defaultValue((long) BOUNDS.maxResources()),
          ValueType.count(1),
          OptionGroup.LIMITS,
          CommandSets.RUNS,
          "Maximum number of files in a model.");

  /** Size of a file. */
  public static final DeclaredOption<MemorySize> MAX_FILE_SIZE =
      DeclaredOption.of(
          key("max-file-size").memoryType().noDefaultValue(),
          ValueType.SIZE,
          OptionGroup.LIMITS,
          CommandSets.RUNS,
          "Maximum size of a file in a model. Without the option, there is no limit.");

  static final List<DeclaredOption<?>> ALL =
      List.of(
          MAX_BUNDLE_SIZE,
          MAX_RESOURCES,
          MAX_JSON_DEPTH,
          MAX_NAME_BYTES,
          MAX_CERTIFICATES,
          MAX_DEPTH,
          MAX_FILES,
          MAX_FILE_SIZE);

  private LimitOptions() {}
}
