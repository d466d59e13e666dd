package dev.countersign.options.declarations;

import static org.apache.flink.configuration.ConfigOptions.key;

import dev.countersign.options.Command;
import dev.countersign.options.CommandSets;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.DeclaredOption.Identity;
import dev.countersign.options.LogLevel;
import dev.countersign.options.OptionGroup;
import dev.countersign.options.OutputFormat;
import dev.countersign.options.ValueType;
import dev.countersign.outcome.RecordedDifferences;
import dev.countersign.records.ResultFormat;
import java.util.EnumSet;
import java.util.List;

/** Options for printed and written output, and the configuration file. */
public final class OutputOptions {

  /** Format of printed results. */
  public static final DeclaredOption<OutputFormat> OUTPUT =
      DeclaredOption.of(
              key("output").enumType(OutputFormat.class).defaultValue(OutputFormat.TEXT),
              ValueType.choice(OutputFormat.class),
              OptionGroup.OUTPUT,
              CommandSets.PRINT,
              "Output format. text: lines for people. json: one object per model or bundle on"
                  + " standard output, and nothing else.")
          .commonIn(CommandSets.PRINT)
          .identifiedBy(Identity.NONE);

  /** Folder for the results. */
  public static final DeclaredOption<String> RESULTS =
      DeclaredOption.of(
              key("results").stringType().noDefaultValue(),
              ValueType.text("URI"),
              OptionGroup.OUTPUT,
              CommandSets.RUNS,
              "Folder to write results to. Also gets a record of the run. On a cluster, its task"
                  + " managers and this machine must be able to reach it.")
          .commonIn(CommandSets.RUNS)
          // CommandFingerprints adds the folder itself, as a URI: the text given may be relative.
          .identifiedBy(Identity.NONE);

  /** Format of the result files. */
  public static final DeclaredOption<ResultFormat> RESULTS_FORMAT =
      DeclaredOption.of(
          key("results-format").enumType(ResultFormat.class).defaultValue(ResultFormat.AVRO),
          ValueType.choice(ResultFormat.class),
          OptionGroup.OUTPUT,
          CommandSets.RUNS,
          "Format of the result files: Avro, Parquet for queries, or JSON Lines with one object per"
              + " model, as --output json prints it. Requires --results.");

  /** Number of differences that are printed. */
  public static final DeclaredOption<Integer> MAX_DIFFERENCES =
      DeclaredOption.of(
              key("max-differences").intType().defaultValue(20),
              ValueType.number(0),
              OptionGroup.OUTPUT,
              CommandSets.RUNS,
              "Maximum number of differences to show per model on the terminal.")
          .identifiedBy(Identity.NONE);

  /** Number of differences that are recorded. */
  public static final DeclaredOption<Integer> MAX_RECORDED_DIFFERENCES =
      DeclaredOption.of(
          key("max-recorded-differences").intType().defaultValue(10_000),
          ValueType.number(0, RecordedDifferences.MAX_COUNT),
          OptionGroup.OUTPUT,
          CommandSets.RUNS,
          "Maximum number of differences to list in a result, at most 1000000. Their texts can have"
              + " 16 MiB in total. The counts are always exact.");

  /** Whether only results and failures are printed. */
  public static final DeclaredOption<Boolean> QUIET =
      DeclaredOption.of(
              key("quiet").booleanType().defaultValue(false),
              ValueType.SWITCH,
              OptionGroup.OUTPUT,
              CommandSets.EACH,
              "Show only results and failures. No progress and no summary.")
          .identifiedBy(Identity.NONE);

  /** Whether the log is printed. */
  public static final DeclaredOption<Boolean> VERBOSE =
      DeclaredOption.of(
              key("verbose").booleanType().defaultValue(false),
              ValueType.SWITCH,
              OptionGroup.OUTPUT,
              CommandSets.EACH,
              "Show the log on standard error.")
          .identifiedBy(Identity.NONE);

  /** Level of the log. */
  public static final DeclaredOption<LogLevel> LOG_LEVEL =
      DeclaredOption.of(
              key("log-level").enumType(LogLevel.class).defaultValue(LogLevel.INFO),
              ValueType.choice(LogLevel.class),
              OptionGroup.OUTPUT,
              CommandSets.EACH,
              "Log level, for --verbose and --log-file.")
          .identifiedBy(Identity.NONE);

  /** File for the log. */
  public static final DeclaredOption<String> LOG_FILE =
      DeclaredOption.of(
              key("log-file").stringType().noDefaultValue(),
              ValueType.text("FILE"),
              OptionGroup.OUTPUT,
              CommandSets.EACH,
              "File to append the log to. Without this option and --verbose, nothing is logged. On"
                  + " a cluster, Flink's own settings apply.")
          .identifiedBy(Identity.NONE);

  /** File with options. */
  public static final DeclaredOption<String> CONFIG =
      DeclaredOption.of(
              key("config").stringType().noDefaultValue(),
              ValueType.text("FILE"),
              OptionGroup.OUTPUT,
              CommandSets.EACH,
              "YAML file with options, under their names without dashes. Flags and environment"
                  + " variables take precedence. Paths in it are relative to the working folder.")
          .identifiedBy(Identity.NONE);

  /** Number of resources that are printed. */
  public static final DeclaredOption<Integer> MAX_LISTED =
      DeclaredOption.of(
              key("max-listed").intType().defaultValue(20),
              ValueType.number(0),
              OptionGroup.OUTPUT,
              EnumSet.of(Command.INSPECT),
              "Maximum number of files shown per bundle. Counts shards, too. Applies to the"
                  + " terminal; JSON lists all.")
          .commonIn(CommandSets.EACH);

  static final List<DeclaredOption<?>> ALL =
      List.of(
          OUTPUT,
          RESULTS,
          RESULTS_FORMAT,
          MAX_DIFFERENCES,
          MAX_RECORDED_DIFFERENCES,
          MAX_LISTED,
          QUIET,
          VERBOSE,
          LOG_LEVEL,
          LOG_FILE,
          CONFIG);

  private OutputOptions() {}
}
