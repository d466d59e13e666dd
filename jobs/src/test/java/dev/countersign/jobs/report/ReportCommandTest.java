package dev.countersign.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.cli.ProgramRuns;
import dev.countersign.jobs.cli.ProgramRuns.Ended;
import dev.countersign.jobs.terminal.ExitCode;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.specific.SpecificDatumWriter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReportCommandTest {

  @TempDir Path folder;
  private ProgramRuns program;

  @BeforeEach
  void results() throws IOException {
    program = new ProgramRuns(folder);
    write("results/results-1-0.avro", 3);
  }

  @Test
  void page_withoutAName_isInTheWorkingFolder() throws IOException {
    program.run("report", "results");
    write("results/results-1-0.avro", 3);

    Ended ended = program.run("report", "results");

    assertThat(ended.code()).as(ended.err()).isEqualTo(ExitCode.OK);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.err()).isEqualTo(folder.resolve("report.html") + ": 3 models, 1 failed\n");
    assertThat(folder.resolve("report.html")).content().startsWith("<!DOCTYPE html>");
    try (var left = Files.list(folder)) {
      assertThat(left).hasSize(2);
    }
  }

  @Test
  void page_withoutAName_replacesNoOtherFile() throws IOException {
    Files.writeString(folder.resolve("report.html"), "<title>Test report</title>");

    assertUsage(
        program.run("report", "results"),
        folder.resolve("report.html")
            + " exists and is not a Countersign report, so it is not replaced. Name another file,"
            + " or this one, with --report-file.");

    assertThat(folder.resolve("report.html")).hasContent("<title>Test report</title>");
    assertThat(program.run("report", "--report-file", "report.html", "results").code()).isZero();
    assertThat(folder.resolve("report.html")).content().startsWith("<!DOCTYPE html>");
  }

  @Test
  void formats_otherThanAPage_goToStandardOutput() {
    assertThat(program.run("report", "--format", "markdown", "results").out())
        .startsWith("## Countersign: 1 of 3 models failed\n");
    assertThat(program.run("report", "--format", "csv", "results").outLines()).hasSize(4);
    assertThat(program.run("report", "--format", "json", "results").out())
        .startsWith("{\"models\":[\n{\"runId\":\"1\"");
    assertThat(program.run("report", "--format", "junit", "results").out()).startsWith("<?xml");
    assertThat(program.run("report", "--report-file", "-", "results").out())
        .startsWith("<!DOCTYPE");
    assertThat(folder.resolve("report.html")).doesNotExist();
  }

  @Test
  void file_thatIsNamed_getsTheReport() {
    Ended ended =
        program.run("report", "--format", "junit", "--report-file", "x.xml", "--quiet", "results");

    assertThat(ended.code()).isEqualTo(ExitCode.OK);
    assertThat(ended.err()).isEmpty();
    assertThat(folder.resolve("x.xml"))
        .content()
        .contains("<testsuites name=\"countersign\" tests=\"3\" failures=\"1\"");
  }

  @Test
  void file_thatIsCutOff_isNamedAndTheRestReported() throws IOException {
    Path cut = write("results/results-2-0.avro", 2);
    byte[] whole = Files.readAllBytes(cut);
    Files.write(cut, java.util.Arrays.copyOf(whole, whole.length - 3));

    Ended ended = program.run("report", "--format", "markdown", "results", "nothing-there");

    assertThat(ended.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(ended.err())
        .contains("results-2-0.avro is cut off behind record 1.")
        .contains("nothing-there is not there.")
        .contains("2 inputs could not be read completely. The report covers the rest and says so.")
        .doesNotContain("Exception at");
    assertThat(ended.out()).contains("> **Not read:** `");
  }

  @Test
  void nothing_thatCanBeRead_isWrongUsage() throws IOException {
    Files.createDirectories(folder.resolve("empty"));
    Files.createDirectories(folder.resolve("bad"));
    Files.writeString(folder.resolve("bad/results-1.avro"), "text");
    program.run("report", "results");
    byte[] before = Files.readAllBytes(folder.resolve("report.html"));

    assertUsage(program.run("report"), "No results were named.");
    assertUsage(program.run("report", "none"), "none is not there. Check its name.");
    assertUsage(
        program.run("report", "empty"),
        "empty contains no results: no file results-*.avro, .parquet or .jsonl.");
    assertUsage(program.run("report", "bad"), "results-1.avro is not an Avro container file");
    assertThat(folder.resolve("report.html")).hasBinaryContent(before);
  }

  @Test
  void report_overAPipe_isRefusedBeforeAnyWork() throws Exception {
    program.assertReplacesNoPipe(
        "html", named -> program.run("report", "--report-file", named, "results"));
  }

  @Test
  void report_overALink_replacesTheFileItLeadsTo() throws Exception {
    program.assertReplacesWhatALinkLeadsTo(
        "html",
        "<!DOCTYPE html>",
        named -> program.run("report", "--report-file", named, "results"));
  }

  @Test
  void place_thatCannotBeWritten_isWrongUsage() {
    assertUsage(
        program.run("report", "--report-file", "no/such/report.html", "results"),
        "cannot be written: its folder does not exist. Name another place with --report-file.");
    assertUsage(
        program.run("report", "--report-file", "hdfs://nn/report.html", "results"),
        "must be a file on this machine, or - for standard output.");
    assertUsage(
        program.run("report", "--report-file", "/", "results"), "must be a file on this machine");
    assertUsage(
        program.run("report", "--format", "pdf", "results"), "must be one of html, markdown");
  }

  private static void assertUsage(Ended ended, String message) {
    assertThat(ended.code()).as(ended.err()).isEqualTo(ExitCode.USAGE);
    assertThat(ended.err()).contains(message);
    assertThat(ended.out()).isEmpty();
  }

  private Path write(String name, int models) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    try (DataFileWriter<ModelResult> writer =
        new DataFileWriter<>(new SpecificDatumWriter<>(ModelResult.class))) {
      writer.create(ModelResult.getClassSchema(), file.toFile());
      for (int i = 0; i < models; i++) {
        writer.append(
            ModelResult.newBuilder()
                .setRunId("1")
                .setModel("/lake/m" + i)
                .setOutcome(i == 1 ? Outcome.FAILED : Outcome.VERIFIED)
                .setReason(i == 1 ? FailureReason.BAD_SIGNATURE : FailureReason.NONE)
                .build());
        writer.sync();
      }
    }
    return file;
  }
}
