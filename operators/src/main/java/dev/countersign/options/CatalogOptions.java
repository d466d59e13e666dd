package dev.countersign.options;

import static org.apache.flink.configuration.ConfigOptions.key;

import java.util.List;

/** Options that say which models a run works on, beside those that the command line names. */
public final class CatalogOptions {

  /** A file that names models. */
  public static final DeclaredOption<String> CATALOG =
      DeclaredOption.of(
          key("catalog").stringType().noDefaultValue(),
          ValueType.text("FILE"),
          OptionGroup.MODELS,
          CommandSets.RUNS,
          "Work on the models that this file names, instead of MODEL: Avro (.avro), JSON Lines"
              + " (.jsonl, .ndjson) or CSV with a header (.csv), on this machine or any supported"
              + " file system. Its field model is a path or URI, relative to the catalog's"
              + " folder.");

  /** Where a catalog may place bundles. */
  public static final DeclaredOption<List<String>> SIGNATURE_ROOT =
      DeclaredOption.ofList(
          key("signature-root").stringType().asList().defaultValues(),
          ValueType.text("DIR"),
          OptionGroup.MODELS,
          CommandSets.RUNS,
          "Folder that a catalog's field signature may place bundles in, beside the model itself"
              + " and the folder that it lies in. Needs --catalog. Repeat it for more.");

  /** Whether a catalog may leave files out. */
  public static final DeclaredOption<Boolean> ALLOW_CATALOG_IGNORES =
      DeclaredOption.of(
          key("allow-catalog-ignores").booleanType().defaultValue(false),
          ValueType.SWITCH,
          OptionGroup.MODELS,
          CommandSets.VERIFY,
          "Let a catalog's field ignore_paths count when verifying, as it does when signing. Needs"
              + " --catalog. The result says so.");

  static final List<DeclaredOption<?>> ALL =
      List.of(CATALOG, SIGNATURE_ROOT, ALLOW_CATALOG_IGNORES);

  private CatalogOptions() {}
}
