package dev.countersign.source.checkpoint;

import dev.countersign.text.Printable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.flink.core.fs.FileSystem.WriteMode;
import org.apache.flink.core.fs.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lines about the models that a job manager is planning, in a folder that reaches the job manager
 * that takes its place. The folder may be in any store, where a write takes long. So the first job
 * manager of a session writes only that there was one. Those after it know that another ended, and
 * write each line before its model is planned, in one write for all that wait.
 *
 * <p>Lines are written as a whole, to two files in turn: not every store replaces a file in one
 * step, so one file may be cut off when the process ends. A file begins with its number and the
 * number of lines that follow.
 *
 * <p>Thread safe. A line that cannot be written is missing after a crash, and the run continues.
 */
final class SharedPlans {

  private static final Logger LOG = LoggerFactory.getLogger(SharedPlans.class);

  private static final int MAX_BYTES = 16 << 20;

  private final List<Path> files;
  private long number;

  /** Whether another process wrote before. */
  private boolean careful;

  /** The lines that this process wrote last; null if it wrote none. */
  private @Nullable Set<String> written;

  /**
   * Lines that may be there.
   *
   * @param folder URI, in Flink's form
   */
  SharedPlans(String folder, String session) {
    this.files =
        Stream.of("a", "b")
            .map(turn -> new Path(folder, "countersign-plans-" + session + "-" + turn))
            .toList();
  }

  /** Returns the lines of the process before; none if there was none. */
  synchronized List<String> read() {
    List<String> newest = List.of();
    for (Path file : files) {
      List<String> lines = read(file);
      String[] head = lines.isEmpty() ? new String[0] : lines.get(0).split(" ", -1);
      if (head.length == 2
          && head[1].equals(Integer.toString(lines.size() - 1))
          && Long.parseLong(head[0]) > number) {
        number = Long.parseLong(head[0]);
        newest = lines.subList(1, lines.size());
        careful = true;
      }
    }
    return newest;
  }

  /** The lines of one file; none if it is not there or was cut off. */
  private static List<String> read(Path file) {
    try (InputStream in = file.getFileSystem().open(file)) {
      String text = new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8);
      return text.endsWith("\n") ? text.lines().toList() : List.of();
    } catch (FileNotFoundException e) {
      LOG.debug("The session begins");
    } catch (IOException | RuntimeException e) {
      LOG.warn("What a job manager planned when it ended cannot be read", e);
    }
    return List.of();
  }

  /**
   * Returns once the next process would find a line, if it is to.
   *
   * @param now makes all lines that are to be there now; null to write none any more
   */
  synchronized void require(String line, Supplier<@Nullable List<String>> now) {
    if (written == null || (careful && !written.contains(line))) {
      write(now.get());
    }
  }

  /** Writes what has changed, if the next process is to find it; see {@link #require}. */
  synchronized void refresh(Supplier<@Nullable List<String>> now) {
    List<String> lines = careful && written != null ? now.get() : null;
    if (lines != null && !Set.copyOf(lines).equals(written)) {
      write(lines);
    }
  }

  private void write(@Nullable List<String> lines) {
    if (lines == null) {
      return;
    }
    List<String> content = careful ? lines : List.of();
    written = new LinkedHashSet<>(content);
    number++;
    Path file = files.get((int) (number % files.size()));
    String text = number + " " + content.size() + "\n" + String.join("", content);
    try (OutputStream out = file.getFileSystem().create(file, WriteMode.OVERWRITE)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException | RuntimeException e) {
      LOG.warn("What is planned now cannot be kept for the next job manager", e);
    }
  }

  synchronized void delete() {
    written = null;
    for (Path file : files) {
      try {
        boolean unused = file.getFileSystem().delete(file, false);
      } catch (IOException | RuntimeException e) {
        LOG.info("{} cannot be deleted", Printable.of(file.toString()), e);
      }
    }
  }
}
