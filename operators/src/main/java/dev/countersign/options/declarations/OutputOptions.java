package dev.countersign.options.declarations;

import static org.apache.flink.configuration.ConfigOptions.key;

import dev.countersign.options.Command;
import dev.countersign.options.CommandSets;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.LogLevel;
import dev.countersign.options.OptionGroup;
import dev.countersign.options.OutputFormat;
import dev.countersign.options.ValueType;
import dev.countersign.records.ResultFormat;
import java.util.EnumSet;
import java.util.List;

/** Options that say what is shown and written, and where options come from. */
public final class OutputOptions {

  /** How results are printed. */
  public static final DeclaredOption<OutputFormat> OUTPUT =
      DeclaredOption.of(
          key("output").enumType(OutputFormat.class).defaultValue(OutputFormat.TEXT),
          ValueType.choice(OutputFormat.class),
          OptionGroup.OUTPUT,
          CommandSets.PRINT,
          "How results are printed on standard output: lines for people, or one JSON object for"
              + " each model or bundle and nothing else.");

  /** Where results go. */
  public static final DeclaredOption<String> RESULTS =
      DeclaredOption.of(
          key("results").stringType().noDefaultValue(),
          ValueType.text("URI"),
          OptionGroup.OUTPUT,
          CommandSets.RUNS,
          "Folder that gets the results as files, and a record of the run. On a cluster: one that"
              + " its task managers and this machine reach.");

  /** What files of results are made of. */
  public static final DeclaredOption<ResultFormat> RESULTS_FORMAT =
      DeclaredOption.of(
          key("results-format").enumType(ResultFormat.class).defaultValue(ResultFormat.AVRO),
          ValueType.choice(ResultFormat.class),
          OptionGroup.OUTPUT,
          CommandSets.RUNS,
          "What the files of results are: Avro, Parquet for queries, or JSON Lines, one object for"
              + " each model as --output json prints it. Needs --results.");

  /** How many differences are shown. */
  public static final DeclaredOption<Integer> MAX_DIFFERENCES =
      DeclaredOption.of(
          key("max-differences").intType().defaultValue(20),
          ValueType.number(0),
          OptionGroup.OUTPUT,
          CommandSets.RUNS,
          "How many differences of one model are shown on the terminal.");

  /** How many differences are recorded. */
  public static final DeclaredOption<Integer> MAX_RECORDED_DIFFERENCES =
      DeclaredOption.of(
          key("max-recorded-differences").intType().defaultValue(10_000),
          ValueType.number(0),
          OptionGroup.OUTPUT,
          CommandSets.RUNS,
          "How many differences one result lists. The counts are exact in any case.");

  /** Whether only results and failures are shown. */
  public static final DeclaredOption<Boolean> QUIET =
      DeclaredOption.of(
          key("quiet").booleanType().defaultValue(false),
          ValueType.SWITCH,
          OptionGroup.OUTPUT,
          CommandSets.EACH,
          "Show results and failures only: no progress, no summary.");

  /** Whether the log is shown. */
  public static final DeclaredOption<Boolean> VERBOSE =
      DeclaredOption.of(
          key("verbose").booleanType().defaultValue(false),
          ValueType.SWITCH,
          OptionGroup.OUTPUT,
          CommandSets.EACH,
          "Show the log on standard error.");

  /** How much is logged. */
  public static final DeclaredOption<LogLevel> LOG_LEVEL =
      DeclaredOption.of(
          key("log-level").enumType(LogLevel.class).defaultValue(LogLevel.INFO),
          ValueType.choice(LogLevel.class),
          OptionGroup.OUTPUT,
          CommandSets.EACH,
          "How much is logged, where --verbose or --log-file asks for a log.");

  /** Where the log goes. */
  public static final DeclaredOption<String> LOG_FILE =
      DeclaredOption.of(
          key("log-file").stringType().noDefaultValue(),
          ValueType.text("FILE"),
          OptionGroup.OUTPUT,
          CommandSets.EACH,
          "File that the log is appended to. Without it and --verbose nothing is logged. On a"
              + " cluster Flink's own settings hold.");

  /** Where options come from. */
  public static final DeclaredOption<String> CONFIG =
      DeclaredOption.of(
          key("config").stringType().noDefaultValue(),
          ValueType.text("FILE"),
          OptionGroup.OUTPUT,
          CommandSets.EACH,
          "YAML file with options, each by its name without dashes. Flags and environment variables"
              + " come before it. Paths in it are relative to the working folder.");

  /** How many resources are shown. */
  public static final DeclaredOption<Integer> MAX_LISTED =
      DeclaredOption.of(
          key("max-listed").intType().defaultValue(20),
          ValueType.number(0),
          OptionGroup.OUTPUT,
          EnumSet.of(Command.INSPECT),
          "How many files or shards of one bundle are shown on the terminal; JSON has them all.");

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
