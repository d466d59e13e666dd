package dev.countersign.jobs.results;

import dev.countersign.schemas.ModelResult;
import dev.countersign.sink.ResultSink;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * Reads a run's results from the files that it has committed, each record once, while the run goes
 * on and when it has ended. A file is complete when it has its name, so what is read here is what
 * anybody else will find.
 */
public final class ResultFollower {

  private final Path folder;
  private final String runId;
  private final Consumer<ModelResult> results;
  private final Runnable afterBatch;

  private final Set<String> finished = new HashSet<>();

  /** Records that were passed on from a file whose reading then failed. */
  private final Map<String, Long> passed = new HashMap<>();

  private long newestMillis = Long.MIN_VALUE;

  /**
   * A follower.
   *
   * @param folder URI of the folder that the run commits to, in Flink's form
   * @param runId the run whose files count
   * @param results gets each record, on the thread that reads
   * @param afterBatch called after new records
   */
  public ResultFollower(
      String folder, String runId, Consumer<ModelResult> results, Runnable afterBatch) {
    this.folder = new Path(folder);
    this.runId = runId;
    this.results = results;
    this.afterBatch = afterBatch;
  }

  /**
   * Reads all that is new. Not thread safe: one caller at a time.
   *
   * @throws IOException if the folder or a file in it cannot be read now
   */
  public void readNew() throws IOException {
    List<FileStatus> committed = newFiles();
    for (FileStatus file : committed) {
      String name = file.getPath().getName();
      read(file.getPath());
      finished.add(name);
      passed.remove(name);
      newestMillis = Math.max(newestMillis, file.getModificationTime());
    }
    if (!committed.isEmpty()) {
      afterBatch.run();
    }
  }

  /**
   * Takes all that is there for read.
   *
   * @throws IOException if the folder cannot be read
   */
  public void passOver() throws IOException {
    newFiles().forEach(file -> finished.add(file.getPath().getName()));
  }

  /** The files that are complete and were not read, by name. */
  private List<FileStatus> newFiles() throws IOException {
    FileSystem files = folder.getFileSystem();
    FileStatus[] listed;
    try {
      listed = files.listStatus(folder);
    } catch (FileNotFoundException e) {
      return List.of();
    } catch (RuntimeException e) {
      throw new IOException(e); // of an SDK
    }
    if (listed == null) {
      return List.of();
    }
    // What was moved away need not be remembered.
    finished.retainAll(
        Arrays.stream(listed).map(file -> file.getPath().getName()).collect(Collectors.toSet()));
    return Arrays.stream(listed)
        .filter(file -> isCommitted(file.getPath().getName()))
        .filter(file -> !finished.contains(file.getPath().getName()))
        .sorted(Comparator.comparing(file -> file.getPath().getName()))
        .toList();
  }

  /** Returns when the newest file that was read was written; empty if none was read. */
  Optional<Long> newest() {
    return finished.isEmpty() ? Optional.empty() : Optional.of(newestMillis);
  }

  private boolean isCommitted(String name) {
    return ResultFiles.isCommitted(name) && ResultSink.isOfRun(name, runId);
  }

  private void read(Path path) throws IOException {
    String name = path.getName();
    long known = passed.getOrDefault(name, 0L);
    long[] position = {0};
    ResultFiles.read(
        path,
        result -> {
          position[0]++;
          if (position[0] > known) {
            results.accept(result);
            passed.put(name, position[0]);
          }
        });
  }
}
