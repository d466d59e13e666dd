package dev.countersign.jobs.results;

import dev.countersign.records.MalformedResultsException;
import dev.countersign.records.ResultFormat;
import dev.countersign.records.ResultReader;
import dev.countersign.schemas.ModelResult;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.io.IOException;
import java.util.function.Consumer;
import org.apache.flink.core.fs.Path;

/** Reads files of results, of whatever format, which may come from anybody. */
public final class ResultFiles {

  private ResultFiles() {}

  /** Tells whether a name is that of a file of results that is committed. */
  public static boolean isCommitted(String name) {
    return !name.startsWith(".") && !name.startsWith("_") && ResultFormat.ofName(name).isPresent();
  }

  /**
   * Reads one file to its end.
   *
   * @param file the file; the end of its name tells its format
   * @param consumer gets each record, in the order of the file, on the calling thread; those before
   *     a fault, too; what it throws itself passes through
   * @throws MalformedResultsException if the file breaks a rule of its format
   * @throws IOException if the file cannot be read, or its name tells no format; its message names
   *     the file, what is wrong and what to do
   */
  public static void read(Path file, Consumer<ModelResult> consumer) throws IOException {
    ResultFormat format =
        ResultFormat.ofName(file.getName())
            .orElseThrow(
                () ->
                    new IOException(
                        Message.of(
                            "%s is not a results file: its name ends with none of %s. Name a file"
                                + " that a run wrote with --results, or its folder.",
                            Printable.of(file.toString()), ResultFormat.suffixes())));
    try (ResultReader results = format.open(file)) {
      for (ModelResult result = results.next(); result != null; result = results.next()) {
        consumer.accept(result);
      }
    }
  }
}
