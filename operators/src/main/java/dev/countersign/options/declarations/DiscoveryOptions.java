package dev.countersign.options.declarations;

import static org.apache.flink.configuration.ConfigOptions.key;

import dev.countersign.catalog.discovery.DiscoverySettings;
import dev.countersign.catalog.discovery.LayoutName;
import dev.countersign.catalog.written.WrittenFormat;
import dev.countersign.options.Command;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.OptionGroup;
import dev.countersign.options.ValueType;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Options that say how models are found, and where the catalog of them goes. */
public final class DiscoveryOptions {

  private static final Set<Command> CATALOG = EnumSet.of(Command.CATALOG);

  /** {@code org/model/version}. */
  public static final int DEFAULT_VERSION_DEPTH = 3;

  /** How models are kept. */
  public static final DeclaredOption<LayoutName> LAYOUT =
      DeclaredOption.of(
          key("layout").enumType(LayoutName.class).defaultValue(LayoutName.AUTO),
          ValueType.choice(LayoutName.class),
          OptionGroup.DISCOVERY,
          CATALOG,
          "How models lie below ROOT. markers: a folder is a model if it holds a file that --marker"
              + " names. depth: each folder --depth levels below ROOT is one. versions: the same,"
              + " and it is named after its version, as in ORG/MODEL/VERSION. huggingface, mlflow,"
              + " kaggle: what these programs keep on disk. auto: whichever of these three is"
              + " recognized and alone there, else markers.");

  /** At which level models are. */
  public static final DeclaredOption<Integer> DEPTH =
      DeclaredOption.of(
          key("depth").intType().noDefaultValue(),
          ValueType.number(1),
          OptionGroup.DISCOVERY,
          CATALOG,
          "How many levels below ROOT the models are: 1 for the folders in ROOT. Alone it means"
              + " --layout depth. Under --layout versions it is "
              + DEFAULT_VERSION_DEPTH
              + " if not given.");

  /** What makes a folder a model. */
  public static final DeclaredOption<List<String>> MARKER =
      DeclaredOption.ofList(
          key("marker")
              .stringType()
              .asList()
              .defaultValues(DiscoverySettings.DEFAULT_MARKERS.toArray(new String[0])),
          ValueType.text("PATTERN"),
          OptionGroup.DISCOVERY,
          CATALOG,
          "Name of a file, or a quoted pattern (* ? [a-z] {a,b}), that makes the folder which"
              + " directly holds it a model; nothing below that is a model of its own. Repeat it"
              + " for more; what is given takes the place of the defaults. Means --layout"
              + " markers.");

  /** Where the catalog goes. */
  public static final DeclaredOption<String> WRITE =
      DeclaredOption.of(
          key("write").stringType().noDefaultValue(),
          ValueType.text("FILE"),
          OptionGroup.DISCOVERY,
          CATALOG,
          "File or URI that gets the catalog, whole or not at all; one that is there is replaced."
              + " Its ending says how it is written: .csv, .jsonl or .avro. Without it the catalog"
              + " goes to standard output.");

  /** How the catalog is written. */
  public static final DeclaredOption<WrittenFormat> CATALOG_FORMAT =
      DeclaredOption.of(
          key("catalog-format").enumType(WrittenFormat.class).noDefaultValue(),
          ValueType.choice(WrittenFormat.class),
          OptionGroup.DISCOVERY,
          CATALOG,
          "How the catalog is written, whatever the file's ending. Without it and --write: csv.");

  /** Whether models are named as seen from the catalog. */
  public static final DeclaredOption<Boolean> RELATIVE =
      DeclaredOption.of(
          key("relative").booleanType().defaultValue(false),
          ValueType.SWITCH,
          OptionGroup.DISCOVERY,
          CATALOG,
          "Name models relative to the catalog's folder, so that both may move together. Needs"
              + " --write.");

  static final List<DeclaredOption<?>> ALL =
      List.of(LAYOUT, DEPTH, MARKER, WRITE, CATALOG_FORMAT, RELATIVE);

  private DiscoveryOptions() {}
}
