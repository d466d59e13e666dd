package dev.countersign.options.declarations;

import static org.apache.flink.configuration.ConfigOptions.key;

import dev.countersign.oms.CanonicalName;
import dev.countersign.options.CommandSets;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.OptionGroup;
import dev.countersign.options.ValueType;
import dev.countersign.text.StoreUri;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

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

  /** How names on standard input end. */
  public static final DeclaredOption<Boolean> NULL =
      DeclaredOption.of(
          key("null").booleanType().defaultValue(false),
          ValueType.SWITCH,
          OptionGroup.MODELS,
          CommandSets.NAMES,
          "Names on standard input end in NUL rather than with their line, as find -print0 writes"
              + " them. Needs - among the arguments.");

  /** Where a catalog may place bundles. */
  public static final DeclaredOption<List<String>> SIGNATURE_ROOT =
      DeclaredOption.ofList(
          key("signature-root").stringType().asList().defaultValues(),
          ValueType.text("DIR"),
          OptionGroup.MODELS,
          CommandSets.RUNS,
          "Folder that a catalog's field signature may place bundles in, beside the model itself"
              + " and the folder that it lies in. Needs --catalog. Repeat it for more.");

  /** Which stores a catalog may name. */
  public static final DeclaredOption<List<String>> ALLOW_STORE =
      DeclaredOption.ofList(
          key("allow-store").stringType().asList().defaultValues(),
          new ValueType<>(
              "URI",
              "a scheme and a host, such as hdfs://namenode:8020",
              text -> Optional.of(text).filter(CatalogOptions::isStore),
              Function.identity()),
          OptionGroup.MODELS,
          CommandSets.RUNS,
          "Store that a catalog's models may be in, such as hdfs://namenode:8020, in addition to"
              + " this machine, the catalog's own store, those of --signature-root, and those that"
              + " Hadoop's configuration names (fs.defaultFS, dfs.nameservices). Needs --catalog."
              + " Repeat it for more.");

  /** Whether a catalog may leave files out. */
  public static final DeclaredOption<Boolean> ALLOW_CATALOG_IGNORES =
      DeclaredOption.of(
          key("allow-catalog-ignores").booleanType().defaultValue(false),
          ValueType.SWITCH,
          OptionGroup.MODELS,
          CommandSets.RUNS,
          "Let a catalog's field ignore_paths leave files out. Without it, such an entry is not"
              + " signed or digested, and is verified as its bundle says. Needs --catalog; when"
              + " signing again, --sign-unsigned too. The result says so.");

  /** How often to look for models. */
  public static final DeclaredOption<Duration> WATCH =
      DeclaredOption.of(
          key("watch").durationType().noDefaultValue(),
          ValueType.TIME,
          OptionGroup.MODELS,
          CommandSets.CHOOSE,
          "Go on for ever: look that often at MODEL or --catalog, and work on each model once it is"
              + " complete, on one that failed once more after a while, and on one that has changed"
              + " again. Signing passes over what has a valid bundle of this signer when it is seen"
              + " first. Needs --state, but for a cluster. Ctrl-C, or SIGTERM, stops it so that the"
              + " same command goes on.");

  /** When a watched model is complete. */
  public static final DeclaredOption<Duration> SETTLE =
      DeclaredOption.of(
          key("settle").durationType().defaultValue(Duration.ofMinutes(2)),
          ValueType.TIME,
          OptionGroup.MODELS,
          CommandSets.CHOOSE,
          "For how long a watched model must look the same before it counts as complete. Needs"
              + " --watch.");

  /** What says that a watched model is complete. */
  public static final DeclaredOption<String> COMPLETE_MARKER =
      DeclaredOption.of(
          key("complete-marker").stringType().noDefaultValue(),
          new ValueType<>(
              "NAME",
              "the path of a file from the model's root, such as _SUCCESS",
              text -> Optional.of(text).filter(CanonicalName::isCanonical),
              Function.identity()),
          OptionGroup.MODELS,
          CommandSets.CHOOSE,
          "File in a watched model that says that the model is complete: one without it is left"
              + " alone, one in which no file is newer does not have to --settle. The file is"
              + " signed as any other. Needs --watch.");

  static final List<DeclaredOption<?>> ALL =
      List.of(
          CATALOG,
          NULL,
          SIGNATURE_ROOT,
          ALLOW_STORE,
          ALLOW_CATALOG_IGNORES,
          WATCH,
          SETTLE,
          COMPLETE_MARKER);

  private CatalogOptions() {}

  private static boolean isStore(String text) {
    if (!StoreUri.isAbsolute(text)) {
      return false;
    }
    StoreUri uri = StoreUri.parse(text);
    return !uri.isLocal() && !uri.authority().isEmpty() && uri.path().equals("/");
  }
}
