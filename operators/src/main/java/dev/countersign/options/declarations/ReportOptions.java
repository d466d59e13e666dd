package dev.countersign.options.declarations;

import static org.apache.flink.configuration.ConfigOptions.key;

import dev.countersign.options.Command;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.OptionGroup;
import dev.countersign.options.ReportFormat;
import dev.countersign.options.ValueType;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Options of reports. */
public final class ReportOptions {

  private static final Set<Command> REPORT = EnumSet.of(Command.REPORT);

  /** What a report is written as. */
  public static final DeclaredOption<ReportFormat> FORMAT =
      DeclaredOption.of(
          key("format").enumType(ReportFormat.class).defaultValue(ReportFormat.HTML),
          ValueType.choice(ReportFormat.class),
          OptionGroup.OUTPUT,
          REPORT,
          "What the report is: a page for a browser, a summary in Markdown, a table of all models,"
              + " the same for programs, or test results for a CI system.");

  /** Where a report goes. */
  public static final DeclaredOption<String> REPORT_FILE =
      DeclaredOption.of(
          key("report-file").stringType().noDefaultValue(),
          ValueType.text("FILE"),
          OptionGroup.OUTPUT,
          REPORT,
          "Local file that gets the report, or - for standard output. Without it a page goes to"
              + " report.html in the working folder, and anything else to standard output.");

  static final List<DeclaredOption<?>> ALL = List.of(FORMAT, REPORT_FILE);

  private ReportOptions() {}
}
