package dev.countersign.options.declarations;

import static org.apache.flink.configuration.ConfigOptions.key;

import dev.countersign.options.Command;
import dev.countersign.options.CommandSets;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.DeclaredOption.Identity;
import dev.countersign.options.OptionGroup;
import dev.countersign.options.OptionSection;
import dev.countersign.options.OutputFormat;
import dev.countersign.options.ReportFormat;
import dev.countersign.options.ValueType;
import dev.countersign.outcome.RecordedDifferences;
import dev.countersign.records.ResultFormat;
import java.util.EnumSet;
import java.util.List;
import org.slf4j.event.Level;

/** Options for printed and written output, reports among it, and the configuration file. */
public final class OutputOptions {

  private static final OptionSection RUNS = new OptionSection(OptionGroup.OUTPUT, CommandSets.RUNS);
  private static final OptionSection SHOWN =
      RUNS.acceptedBy(CommandSets.EACH).identifiedBy(Identity.NONE);
  private static final OptionSection REPORTS =
      RUNS.acceptedBy(EnumSet.of(Command.REPORT)).commonIn(CommandSets.EACH);

  public static final DeclaredOption<OutputFormat> OUTPUT =
      SHOWN
          .acceptedBy(CommandSets.PRINT)
          .commonIn(CommandSets.EACH)
          .option(
              key("output").enumType(OutputFormat.class).defaultValue(OutputFormat.TEXT),
              ValueType.choice(OutputFormat.class),
              "Output format. text: lines for people. json: one object per model or bundle on"
                  + " standard output, and nothing else.");

  public static final DeclaredOption<String> RESULTS =
      // CommandFingerprints adds the folder itself, as a URI: the text given may be relative.
      RUNS.commonIn(CommandSets.EACH)
          .identifiedBy(Identity.NONE)
          .option(
              key("results").stringType().noDefaultValue(),
              ValueType.text("URI"),
              "Folder to write results to. Also gets a record of the run. On a cluster, its task"
                  + " managers and this machine must be able to reach it.");

  public static final DeclaredOption<ResultFormat> RESULTS_FORMAT =
      RUNS.option(
          key("results-format").enumType(ResultFormat.class).defaultValue(ResultFormat.AVRO),
          ValueType.choice(ResultFormat.class),
          "Format of the result files: Avro, Parquet for queries, or JSON Lines with one object per"
              + " model, as --output json prints it. Requires --results.");

  public static final DeclaredOption<Integer> MAX_DIFFERENCES =
      RUNS.identifiedBy(Identity.NONE)
          .option(
              key("max-differences").intType().defaultValue(20),
              ValueType.number(0),
              "Maximum number of differences to show per model on the terminal.");

  public static final DeclaredOption<Integer> MAX_RECORDED_DIFFERENCES =
      RUNS.option(
          key("max-recorded-differences").intType().defaultValue(10_000),
          ValueType.number(0, RecordedDifferences.MAX_COUNT),
          "Maximum number of differences to list in a result, at most 1000000. Their texts can have"
              + " 16 MiB in total. The counts are always exact.");

  public static final DeclaredOption<Integer> MAX_LISTED =
      RUNS.acceptedBy(EnumSet.of(Command.INSPECT))
          .commonIn(CommandSets.EACH)
          .option(
              key("max-listed").intType().defaultValue(20),
              ValueType.number(0),
              "Maximum number of files shown per bundle. Counts shards, too. Applies to the"
                  + " terminal; JSON lists all.");

  public static final DeclaredOption<Boolean> QUIET =
      SHOWN.toggle("quiet", "Show only results and failures. No progress and no summary.");

  public static final DeclaredOption<Boolean> VERBOSE =
      SHOWN.toggle("verbose", "Show the log on standard error.");

  public static final DeclaredOption<Level> LOG_LEVEL =
      SHOWN.option(
          key("log-level").enumType(Level.class).defaultValue(Level.INFO),
          ValueType.choice(Level.class),
          "Log level, for --verbose and --log-file.");

  public static final DeclaredOption<String> LOG_FILE =
      SHOWN.option(
          key("log-file").stringType().noDefaultValue(),
          ValueType.text("FILE"),
          "File to append the log to. Without this option and --verbose, nothing is logged. On a"
              + " cluster, Flink's own settings apply.");

  public static final DeclaredOption<String> CONFIG =
      SHOWN.option(
          key("config").stringType().noDefaultValue(),
          ValueType.text("FILE"),
          "YAML file with options, under their names without dashes. Flags and environment"
              + " variables take precedence. Paths in it are relative to the working folder.");

  public static final DeclaredOption<ReportFormat> FORMAT =
      REPORTS.option(
          key("format").enumType(ReportFormat.class).defaultValue(ReportFormat.HTML),
          ValueType.choice(ReportFormat.class),
          "Report format. html: a page for a browser. markdown: a summary. csv: a table of all"
              + " models. json: the same for programs. junit: test results for a CI system.");

  public static final DeclaredOption<String> REPORT_FILE =
      REPORTS.option(
          key("report-file").stringType().noDefaultValue(),
          ValueType.text("FILE"),
          "Local file, or - for standard output. Without the option, html is written to report.html"
              + " in the working folder, and other formats to standard output.");

  static final List<DeclaredOption<?>> ALL = RUNS.declared();

  private OutputOptions() {}
}
