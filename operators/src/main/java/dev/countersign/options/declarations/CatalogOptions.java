package dev.countersign.options.declarations;

import static org.apache.flink.configuration.ConfigOptions.key;

import dev.countersign.oms.CanonicalName;
import dev.countersign.options.CommandSets;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.DeclaredOption.Identity;
import dev.countersign.options.OptionGroup;
import dev.countersign.options.OptionSection;
import dev.countersign.options.ValueType;
import dev.countersign.text.StoreUri;
import java.time.Duration;
import java.util.List;

/** Options that select models, in addition to those named on the command line. */
public final class CatalogOptions {

  private static final OptionSection MODELS =
      new OptionSection(OptionGroup.MODELS, CommandSets.RUNS);
  private static final OptionSection WATCHES =
      MODELS.acceptedBy(CommandSets.CHOOSE).identifiedBy(Identity.NONE);

  public static final DeclaredOption<String> CATALOG =
      MODELS
          .commonIn(CommandSets.EACH)
          .identifiedBy(Identity.CONTENT)
          .option(
              key("catalog").stringType().noDefaultValue(),
              ValueType.text("FILE"),
              "File that lists the models. Used instead of MODEL. Avro (.avro), JSON Lines (.jsonl,"
                  + " .ndjson) or CSV with a header (.csv), on this machine or any supported file"
                  + " system. The field model is a path or URI, relative to the catalog's folder.");

  public static final DeclaredOption<Boolean> NULL =
      MODELS
          .acceptedBy(CommandSets.NAMES)
          .toggle(
              "null",
              "Expect names on standard input to end with NUL instead of a line break, as find"
                  + " -print0 writes them. Requires - as an argument.");

  public static final DeclaredOption<List<String>> SIGNATURE_ROOT =
      MODELS.list(
          key("signature-root").stringType().asList().defaultValues(),
          ValueType.text("DIR"),
          "Folder in which a catalog's field signature may place bundles. The model itself and its"
              + " parent folder are always allowed. Requires --catalog.");

  public static final DeclaredOption<List<String>> ALLOW_STORE =
      MODELS.list(
          key("allow-store").stringType().asList().defaultValues(),
          ValueType.text(
              "URI", "a scheme and a host, such as hdfs://namenode:8020", CatalogOptions::isStore),
          "Store that a catalog's models may be in, such as hdfs://namenode:8020. Always allowed"
              + " are this machine, the catalog's own store, those of --signature-root, and those"
              + " named in Hadoop's configuration (fs.defaultFS, dfs.nameservices). Requires"
              + " --catalog.");

  public static final DeclaredOption<Boolean> ALLOW_CATALOG_IGNORES =
      MODELS.toggle(
          "allow-catalog-ignores",
          "Allow a catalog's field ignore_paths to exclude files. Without this option, such an"
              + " entry is not signed or digested, and is verified as its bundle says. Requires"
              + " --catalog, and with resign also --sign-unsigned. Recorded in the result.");

  public static final DeclaredOption<Duration> WATCH =
      WATCHES.option(
          key("watch").durationType().noDefaultValue(),
          ValueType.TIME,
          "Keep running, and scan MODEL or --catalog at this interval. A model is processed once it"
              + " is complete and again after it has changed; a failed model is retried after a"
              + " while. Signing skips models that already have a valid bundle of this signer when"
              + " they are first seen. Requires --state, except on a cluster. Ctrl-C or SIGTERM"
              + " stops the command; the same command resumes it.");

  public static final DeclaredOption<Duration> SETTLE =
      WATCHES.option(
          key("settle").durationType().defaultValue(Duration.ofMinutes(2)),
          ValueType.TIME,
          "Time without changes after which a watched model is complete. Requires --watch.");

  public static final DeclaredOption<String> COMPLETE_MARKER =
      WATCHES.option(
          key("complete-marker").stringType().noDefaultValue(),
          ValueType.text(
              "NAME",
              "the path of a file from the model's root, such as _SUCCESS",
              CanonicalName::isCanonical),
          "File that marks a watched model as complete. A model without this file is ignored; a"
              + " model that contains no newer file does not have to --settle. The file is signed"
              + " like any other. Requires --watch.");

  static final List<DeclaredOption<?>> ALL = MODELS.declared();

  private CatalogOptions() {}

  private static boolean isStore(String text) {
    if (!StoreUri.isAbsolute(text)) {
      return false;
    }
    StoreUri uri = StoreUri.parse(text);
    return !uri.isLocal() && !uri.authority().isEmpty() && uri.path().equals("/");
  }
}
