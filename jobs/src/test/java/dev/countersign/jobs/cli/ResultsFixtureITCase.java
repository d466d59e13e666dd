package dev.countersign.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.cli.ProgramRuns.Ended;
import dev.countersign.jobs.results.ClosedRun;
import dev.countersign.jobs.results.ResultFiles;
import dev.countersign.jobs.terminal.ExitCode;
import dev.countersign.listings.ListingFiles;
import dev.countersign.listings.ListingIndex;
import dev.countersign.records.ResultFormat;
import dev.countersign.schemas.FileListing;
import dev.countersign.schemas.ModelResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.flink.api.common.serialization.BulkWriter;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Reads what a release left of its runs, so that no later one breaks it unseen: {@code
 * src/test/resources/results/v1} holds {@link ResultsOfVersion1} in files of each format, listings
 * for {@code --since} and the record of a run. To record those of this version anew:
 *
 * <pre>
 * mvn -o verify -Dtest=none -Dit.test=ResultsFixtureITCase -Dresults.fixture=write -Dfatjar.skip
 * </pre>
 */
final class ResultsFixtureITCase {

  private static final Path FIXTURE =
      Path.of("src", "test", "resources", "results", "v1").toAbsolutePath();

  private static final Path LISTINGS =
      FIXTURE.resolve("listings").resolve("listings-20260101-000000-00000001-0.avro");

  private static final Path RUN = FIXTURE.resolve("run").resolve("run-fixture-v1.json");

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void results_ofVersion1_areReadAsTheyWereWritten(ResultFormat format) throws IOException {
    List<ModelResult> read = new ArrayList<>();

    ResultFiles.read(inFlinksForm(results(format)), read::add);

    assertThat(read).isEqualTo(ResultsOfVersion1.results());
  }

  @ParameterizedTest
  @EnumSource
  void report_ofVersion1sFiles_isWhole(ResultFormat format) {
    ProgramRuns program = new ProgramRuns(folder);

    Ended ended =
        program.run(
            "report",
            "--format",
            "markdown",
            results(format).getParent().toString(),
            RUN.getParent().toString());

    assertThat(ended.code()).as(ended.err()).isEqualTo(ExitCode.OK);
    assertThat(ended.err()).isEmpty();
    assertThat(ended.out())
        .startsWith("## Countersign: 2 of 2 models failed\n")
        .contains("| `fixture-v1` | `verify` | 1 | 1 | 1970-01-01 00:00:02 | 1 of 2 results |");
  }

  @Test
  void listings_ofVersion1_areFoundAsTheyWereWritten() throws IOException {
    List<String> files =
        ListingFiles.before("20270101-000000-00000000", FIXTURE.toUri().toString());

    List<FileListing> found = new ArrayList<>();
    try (ListingIndex index =
        ListingIndex.of(files, ListingIndex.CACHED_BYTES, (read, records) -> {})) {
      index.forEach(ResultsOfVersion1.scope(), found::add);
    }

    assertThat(found).isEqualTo(ResultsOfVersion1.listings());
  }

  @Test
  void run_sinceVersion1_takesItsListings() throws IOException {
    ProgramRuns program = new ProgramRuns(folder);
    program.file("lake/m/weights.bin", "weights");

    Ended ended = program.run("digest", "--since", FIXTURE.toString(), "lake/m");

    assertThat(ended.code()).as(ended.err()).isEqualTo(ExitCode.OK);
    assertThat(ended.outLines()).hasSize(1);
  }

  @Test
  void recordOfARun_ofVersion1_isReadAsItWasWritten() throws IOException {
    ClosedRun run = ClosedRun.read(inFlinksForm(RUN));

    assertThat(run)
        .isEqualTo(
            new ClosedRun(
                "fixture-v1",
                "verify",
                "2026-03-01T12:00:00.001Z",
                "2026-03-01T12:00:02Z",
                2,
                "0.1.0-SNAPSHOT",
                List.of("public-key=release.pub", "results=out")));
  }

  @Test
  @EnabledIfSystemProperty(named = "results.fixture", matches = "write")
  void results_ofThisVersion_areRecorded() throws IOException {
    for (ResultFormat format : ResultFormat.values()) {
      writeResults(format);
    }
    writeListings();

    Files.createDirectories(RUN.getParent());
    Files.writeString(RUN, recordOfARun());
  }

  private static void writeResults(ResultFormat format) throws IOException {
    Path file = results(format);
    Files.createDirectories(file.getParent());
    try (FSDataOutputStream output =
        FileSystem.getLocalFileSystem()
            .create(inFlinksForm(file), FileSystem.WriteMode.OVERWRITE)) {
      BulkWriter<ModelResult> writer = format.writers().create(output);
      for (ModelResult result : ResultsOfVersion1.results()) {
        writer.addElement(result);
      }
      writer.finish();
    }
  }

  private static void writeListings() throws IOException {
    Files.createDirectories(LISTINGS.getParent());
    try (DataFileWriter<FileListing> writer =
        new DataFileWriter<>(new SpecificDatumWriter<>(FileListing.class))) {
      writer.create(FileListing.getClassSchema(), Files.newOutputStream(LISTINGS));
      for (FileListing listing : ResultsOfVersion1.listings()) {
        writer.append(listing);
      }
    }
  }

  /** The record of a real run, with its times and places replaced. */
  private String recordOfARun() throws IOException {
    ProgramRuns program = new ProgramRuns(folder);
    program.keyPair("release");
    program.file("lake/signed/weights.bin", "weights");
    program.file("lake/unsigned/weights.bin", "weights");
    Ended signed = program.run("sign", "key", "--private-key", "release.key", "lake/signed");
    assertThat(signed.code()).as(signed.err()).isEqualTo(ExitCode.OK);
    Ended verified =
        program.run("verify", "key", "--public-key", "release.pub", "--results", "out", "lake/*");
    assertThat(verified.code()).as(verified.err()).isEqualTo(ExitCode.MODEL_FAILED);
    String written;
    try (Stream<Path> files = Files.list(folder.resolve("out"))) {
      written =
          Files.readString(
              files.filter(file -> file.toString().endsWith(".json")).findFirst().orElseThrow());
    }
    return written
        .replace(folder.toString(), "/fixture")
        .replaceFirst("\"runId\" : \"[^\"]*\"", "\"runId\" : \"fixture-v1\"")
        .replaceFirst("\"started\" : \"[^\"]*\"", "\"started\" : \"2026-03-01T12:00:00.001Z\"")
        .replaceFirst("\"finished\" : \"[^\"]*\"", "\"finished\" : \"2026-03-01T12:00:02Z\"");
  }

  private static Path results(ResultFormat format) {
    return FIXTURE
        .resolve(format.name().toLowerCase(Locale.ROOT))
        .resolve("results-fixture-v1-0" + format.suffix());
  }

  private static org.apache.flink.core.fs.Path inFlinksForm(Path file) {
    return new org.apache.flink.core.fs.Path(file.toUri());
  }
}
