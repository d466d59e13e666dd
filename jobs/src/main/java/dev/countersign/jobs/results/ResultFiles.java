package dev.countersign.jobs.results;

import dev.countersign.oms.Printable;
import dev.countersign.schemas.ModelResult;
import dev.countersign.sink.ResultSink;
import java.io.IOException;
import java.util.Locale;
import java.util.function.Consumer;
import org.apache.flink.core.fs.Path;

/** Reads files of results, each in the way that its name's ending asks for. */
public final class ResultFiles {

  private ResultFiles() {}

  /** Tells whether a file of this name, without folders, can be one of results. */
  public static boolean canBe(String name) {
    return name.endsWith(ResultSink.SUFFIX);
  }

  /**
   * Reads one file, which may come from anybody.
   *
   * @param file where it lies, in Flink's form
   * @param consumer gets each result in the order of the file, on the calling thread; has got those
   *     before the fault if this throws; what it throws itself passes through
   * @throws IOException if the file cannot be read, is damaged or holds something else; its message
   *     names the file, what is wrong and what to do
   */
  public static void read(Path file, Consumer<ModelResult> consumer) throws IOException {
    if (file.getName().endsWith(ResultSink.SUFFIX)) {
      AvroResults.read(file, consumer);
    } else {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s is no file of results: its name does not end in %s. Name a file that a run wrote under --results, or its folder.",
              Printable.of(file.toString()),
              ResultSink.SUFFIX));
    }
  }
}
