package dev.countersign.options.declarations;

import static org.apache.flink.configuration.ConfigOptions.key;

import dev.countersign.catalog.discovery.DiscoverySettings;
import dev.countersign.catalog.discovery.LayoutName;
import dev.countersign.catalog.written.WrittenFormat;
import dev.countersign.options.Command;
import dev.countersign.options.CommandSets;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.OptionGroup;
import dev.countersign.options.OptionSection;
import dev.countersign.options.ValueType;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Options for finding models and writing a catalog of them. */
public final class DiscoveryOptions {

  private static final Set<Command> CATALOG = EnumSet.of(Command.CATALOG);

  /** {@code org/model/version}. */
  public static final int DEFAULT_VERSION_DEPTH = 3;

  private static final OptionSection DISCOVERY =
      new OptionSection(OptionGroup.DISCOVERY, CATALOG).commonIn(CommandSets.EACH);

  public static final DeclaredOption<LayoutName> LAYOUT =
      DISCOVERY.option(
          key("layout").enumType(LayoutName.class).defaultValue(LayoutName.AUTO),
          ValueType.choice(LayoutName.class),
          "Layout of the models below ROOT. markers: a folder that contains a file named by"
              + " --marker is a model. depth: each folder --depth levels below ROOT is a model."
              + " versions: the same, named after its version, as in ORG/MODEL/VERSION."
              + " huggingface, mlflow, kaggle: what these programs store on disk. auto: one of"
              + " these three if it is recognized and nothing else is next to it, otherwise"
              + " markers.");

  public static final DeclaredOption<Integer> DEPTH =
      DISCOVERY.option(
          key("depth").intType().noDefaultValue(),
          ValueType.number(1),
          "Levels from ROOT to the models. 1 for the folders in ROOT. Alone, implies --layout"
              + " depth. With --layout versions, the default is "
              + DEFAULT_VERSION_DEPTH
              + ".");

  public static final DeclaredOption<List<String>> MARKER =
      DISCOVERY.list(
          key("marker")
              .stringType()
              .asList()
              .defaultValues(DiscoverySettings.DEFAULT_MARKERS.toArray(new String[0])),
          ValueType.text("PATTERN"),
          "Files that make a folder a model, as a name or pattern. The folder must contain such a"
              + " file directly; folders below it are not models of their own. Quote a pattern (* ?"
              + " [a-z] {a,b}). The option replaces the defaults and implies --layout markers.");

  public static final DeclaredOption<String> WRITE =
      DISCOVERY.option(
          key("write").stringType().noDefaultValue(),
          ValueType.text("FILE"),
          "File or URI to write the catalog to. An existing file is replaced, in one step. The"
              + " extension selects the format: .csv, .jsonl or .avro. Without the option, the"
              + " catalog is written to standard output.");

  public static final DeclaredOption<WrittenFormat> CATALOG_FORMAT =
      DISCOVERY
          .commonIn(Set.of())
          .option(
              key("catalog-format").enumType(WrittenFormat.class).noDefaultValue(),
              ValueType.choice(WrittenFormat.class),
              "Format of the catalog, whatever the extension. Without the option and --write:"
                  + " csv.");

  public static final DeclaredOption<Boolean> RELATIVE =
      DISCOVERY.toggle(
          "relative",
          "Write paths relative to the catalog's folder. The catalog and the models can then be"
              + " moved together. Requires --write.");

  static final List<DeclaredOption<?>> ALL = DISCOVERY.declared();

  private DiscoveryOptions() {}
}
