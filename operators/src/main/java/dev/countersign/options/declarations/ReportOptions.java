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

/** Options for reports. */
public final class ReportOptions {

  private static final Set<Command> REPORT = EnumSet.of(Command.REPORT);

  /** Format of a report. */
  public static final DeclaredOption<ReportFormat> FORMAT =
      DeclaredOption.of(
              key("format").enumType(ReportFormat.class).defaultValue(ReportFormat.HTML),
              ValueType.choice(ReportFormat.class),
              OptionGroup.OUTPUT,
              REPORT,
              "Report format. html: a page for a browser. markdown: a summary. csv: a table of all"
                  + " models. json: the same for programs. junit: test results for a CI system.")
          .commonIn(REPORT);

  /** File for a report. */
  public static final DeclaredOption<String> REPORT_FILE =
      DeclaredOption.of(
              key("report-file").stringType().noDefaultValue(),
              ValueType.text("FILE"),
              OptionGroup.OUTPUT,
              REPORT,
              "Local file, or - for standard output. Without the option, html is written to"
                  + " report.html in the working folder, and other formats to standard output.")
          .commonIn(REPORT);

  static final List<DeclaredOption<?>> ALL = List.of(FORMAT, REPORT_FILE);

  private ReportOptions() {}
}
