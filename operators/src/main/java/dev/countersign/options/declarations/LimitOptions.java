package dev.countersign.options.declarations;

import static org.apache.flink.configuration.ConfigOptions.key;

import dev.countersign.oms.OmsBounds;
import dev.countersign.options.CommandSets;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.OptionGroup;
import dev.countersign.options.OptionSection;
import dev.countersign.options.ValueType;
import java.util.List;
import org.apache.flink.configuration.MemorySize;

/** Limits on models and bundles. */
public final class LimitOptions {

  private static final OmsBounds BOUNDS = OmsBounds.defaults();

  private static final OptionSection LIMITS =
      new OptionSection(OptionGroup.LIMITS, CommandSets.BUNDLES);

  public static final DeclaredOption<MemorySize> MAX_BUNDLE_SIZE =
      LIMITS.option(
          key("max-bundle-size").memoryType().defaultValue(new MemorySize(BOUNDS.maxBundleBytes())),
          ValueType.SIZE,
          "Maximum size of a bundle.");

  public static final DeclaredOption<Integer> MAX_RESOURCES =
      LIMITS
          .acceptedBy(CommandSets.READ)
          .option(
              key("max-resources").intType().defaultValue(BOUNDS.maxResources()),
              ValueType.number(1),
              "Maximum number of files or shards in a statement.");

  public static final DeclaredOption<Integer> MAX_JSON_DEPTH =
      LIMITS.option(
          key("max-json-depth").intType().defaultValue(BOUNDS.maxDepth()),
          ValueType.number(1),
          "Maximum depth of JSON in a bundle.");

  public static final DeclaredOption<Integer> MAX_NAME_BYTES =
      LIMITS.option(
          key("max-name-bytes").intType().defaultValue(BOUNDS.maxNameBytes()),
          ValueType.number(1),
          "Maximum length of a file's name within the model, in bytes of UTF-8.");

  public static final DeclaredOption<Integer> MAX_CERTIFICATES =
      LIMITS.option(
          key("max-certificates").intType().defaultValue(BOUNDS.maxCertificates()),
          ValueType.number(1),
          "Maximum number of certificates in a bundle.");

  public static final DeclaredOption<Integer> MAX_DEPTH =
      LIMITS
          .acceptedBy(CommandSets.FOLDERS)
          .option(
              key("max-depth").intType().defaultValue(100),
              ValueType.number(1),
              "Maximum depth of folders in a model; for catalog, below ROOT.");

  public static final DeclaredOption<Long> MAX_FILES =
      LIMITS
          .acceptedBy(CommandSets.RUNS)
          .option(
              key("max-files").longType().defaultValue((long) BOUNDS.maxResources()),
              ValueType.count(1),
              "Maximum number of files in a model.");

  public static final DeclaredOption<MemorySize> MAX_FILE_SIZE =
      LIMITS
          .acceptedBy(CommandSets.RUNS)
          .option(
              key("max-file-size").memoryType().noDefaultValue(),
              ValueType.SIZE,
              "Maximum size of a file in a model. Without the option, there is no limit.");

  static final List<DeclaredOption<?>> ALL = LIMITS.declared();

  private LimitOptions() {}
}
