package dev.countersign.jobs.report;

import dev.countersign.jobs.results.ClosedRun;
import dev.countersign.jobs.results.FoundResults;
import dev.countersign.jobs.results.ResultFiles;
import dev.countersign.jobs.results.UnreadFile;
import dev.countersign.jobs.terminal.BuildVersion;
import dev.countersign.jobs.terminal.Console;
import dev.countersign.jobs.terminal.ExitCode;
import dev.countersign.jobs.terminal.Faults;
import dev.countersign.jobs.terminal.Figures;
import dev.countersign.options.ReportFormat;
import dev.countersign.options.UsageException;
import dev.countersign.options.declarations.OutputOptions;
import dev.countersign.options.settings.FlinkPlaces;
import dev.countersign.options.settings.HadoopOptions;
import dev.countersign.options.settings.OptionValues;
import dev.countersign.schemas.ModelResult;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.TemporaryNames;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Creates a report from the results of runs. Runs in this process. */
public record ReportCommand(Console console, OptionValues values, Path workingDirectory) {

  private static final String STANDARD_OUTPUT = "-";
  private static final String PAGE = "report.html";

  private static final String PAGE_MARK = "<title>Countersign: ";
  private static final int MARK_WITHIN = 1 << 10;
  private static final int MAX_RECORDS = 500;
  private static final int BUFFER = 1 << 16;

  /**
   * Makes the report.
   *
   * @param places paths and URIs of folders of results, and of files in them
   * @return the exit code
   * @throws UsageException if no results can be read, or the report cannot be written
   */
  public int run(List<String> places) {
    if (places.isEmpty()) {
      throw new UsageException(
          "No results were named. Name a folder that a run wrote with --results, or a file in it.");
    }
    Optional<Path> file = file().map(ReportCommand::replaced);
    List<String> absolute =
        places.stream()
            .map(place -> Storages.absolute(place, workingDirectory.toString()))
            .toList();
    Map<String, String> settings = HadoopOptions.of(values);
    Storages.configure(settings);
    FlinkPlaces.configure(settings, absolute);
    FoundResults found = FoundResults.in(absolute.stream().map(FlinkPlaces::inFlinksForm).toList());
    if (found.results().isEmpty()) {
      throw nothingFound(found, places);
    }
    ReportTotals totals = file.isPresent() ? write(found, file.get()) : print(found);
    totals.unread().forEach(unread -> console.say("countersign: " + unread.message()));
    if (totals.unread().isEmpty()) {
      return ExitCode.OK;
    }
    console.say(
        Message.of(
            "countersign: %s could not be read completely. The report covers the rest and says so.",
            Figures.count(totals.unread().size(), "input")));
    return ExitCode.MODEL_FAILED;
  }

  private static UsageException nothingFound(FoundResults found, List<String> places) {
    if (!found.unread().isEmpty()) {
      return new UsageException(found.unread().get(0).message());
    }
    return UsageException.of(
        "%s contains no results: no file results-*.avro, .parquet or .jsonl. Name the folder that a"
            + " run wrote with --results.",
        Printable.of(places.get(0)));
  }

  private ReportTotals print(FoundResults found) {
    try {
      return write(found, console.results());
    } catch (IOException e) {
      throw new UsageException("The report cannot be created (" + Faults.innermost(e) + ").", e);
    }
  }

  private ReportTotals write(FoundResults found, Path file) {
    ReportTotals totals;
    try {
      totals = replace(file, found);
    } catch (NoSuchFileException e) {
      throw notWritten(file, "its folder does not exist", e);
    } catch (AccessDeniedException e) {
      throw notWritten(file, "permission denied", e);
    } catch (IOException e) {
      throw notWritten(file, Faults.innermost(e), e);
    }
    if (!values.get(OutputOptions.QUIET)) {
      console.say(
          Message.of(
              "%s: %s, %,d failed",
              Printable.of(file.toString()),
              Figures.count(totals.models(), "model"),
              totals.failedModels()));
    }
    return totals;
  }

  /** Writes a file that appears when it is complete, in the place of one that is there. */
  private ReportTotals replace(Path file, FoundResults found) throws IOException {
    Path temporary = file.resolveSibling(TemporaryNames.next());
    try (FileChannel channel =
        FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ReportTotals totals =
          write(found, new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER));
      channel.force(true);
      channel.close();
      Files.move(
          temporary, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
      return totals;
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /**
   * Writes the report: reads the results once, one after the other. What cannot be read is named in
   * the report, which is made of the rest.
   *
   * @param stream is flushed and stays open
   * @throws IOException if the report cannot be written
   * @throws UsageException if nothing could be read: such a report would look like one of nothing
   *     that failed
   */
  private ReportTotals write(FoundResults found, OutputStream stream) throws IOException {
    ReportTotals totals = new ReportTotals();
    found.unread().forEach(totals::addUnread);
    try (ReportWriter writer = writer(new TextOutput(stream))) {
      for (var file : found.results()) {
        try {
          ResultFiles.read(
              file,
              result -> {
                totals.add(result);
                add(result, writer);
              });
        } catch (IOException e) {
          totals.addUnread(new UnreadFile(file.toString(), String.valueOf(e.getMessage())));
        }
      }
      for (var record : found.records().stream().limit(MAX_RECORDS).toList()) {
        try {
          totals.close(ClosedRun.read(record));
        } catch (IOException e) {
          totals.note(String.valueOf(e.getMessage()));
        }
      }
      writer.finish(totals);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    stream.flush();
    if (totals.models() == 0 && !totals.unread().isEmpty()) {
      throw new UsageException(totals.unread().get(0).message());
    }
    return totals;
  }

  private ReportWriter writer(TextOutput out) throws IOException {
    return switch (format()) {
      case HTML -> new HtmlReport(out, BuildVersion.current(), EmbeddedModels.MAX_MODELS);
      case MARKDOWN -> new MarkdownReport(out);
      case CSV -> new CsvReport(out);
      case JSON -> new JsonReport(out);
      case JUNIT -> new JunitReport(out);
    };
  }

  private static void add(ModelResult result, ReportWriter writer) {
    try {
      writer.add(result);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Optional<Path> file() {
    Optional<String> named = values.find(OutputOptions.REPORT_FILE);
    if (named.isEmpty()) {
      return format() == ReportFormat.HTML ? Optional.of(page()) : Optional.empty();
    }
    String text = named.get();
    if (text.equals(STANDARD_OUTPUT)) {
      return Optional.empty();
    }
    try {
      Path file = workingDirectory.resolve(text).normalize();
      if (!text.contains("://") && file.getFileName() != null) {
        return Optional.of(file);
      }
    } catch (InvalidPathException e) {
      // Said below.
    }
    throw UsageException.of(
        "--report-file is '%s', but must be a file on this machine, or - for standard output.",
        Printable.of(text));
  }

  /** Returns the file for a page when the user names none: it replaces an earlier page only. */
  private Path page() {
    Path page = workingDirectory.resolve(PAGE);
    if (Files.isRegularFile(page) && !isPage(page)) {
      throw UsageException.of(
          "%s exists and is not a Countersign report, so it is not replaced. Name another file, or"
              + " this one, with --report-file.",
          Printable.of(page.toString()));
    }
    return page;
  }

  private static boolean isPage(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(MARK_WITHIN), StandardCharsets.UTF_8).contains(PAGE_MARK);
    } catch (IOException e) {
      return false;
    }
  }

  private static Path replaced(Path file) {
    try {
      return Path.of(Storages.replaced(file.toString()));
    } catch (StorageException e) {
      throw new UsageException(String.valueOf(e.getMessage()), e);
    }
  }

  private static UsageException notWritten(Path file, String why, IOException cause) {
    return new UsageException(
        Message.of(
            "The report %s cannot be written: %s. Name another place with --report-file.",
            Printable.of(file.toString()), why),
        cause);
  }

  private ReportFormat format() {
    return values.get(OutputOptions.FORMAT);
  }
}
