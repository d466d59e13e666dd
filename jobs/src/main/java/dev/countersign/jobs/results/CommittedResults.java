package dev.countersign.jobs.results;

import java.io.IOException;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What a run has committed so far.
 *
 * @param count how many results
 * @param newest when the newest of their files was written; empty if there is none, or if another
 *     machine's clock says so
 */
public record CommittedResults(long count, Optional<FileTime> newest) {

  /**
   * Looks at what a run has committed.
   *
   * @param folder URI of its folder for results, in Flink's form
   * @throws IOException if the folder or a file in it cannot be read
   */
  public static CommittedResults of(String folder, String runId) throws IOException {
    AtomicLong count = new AtomicLong();
    ResultFollower follower =
        new ResultFollower(
            folder,
            runId,
            result -> {
              long unused = count.incrementAndGet();
            },
            () -> {});
    follower.readNew();
    return new CommittedResults(
        count.get(),
        folder.startsWith("file:")
            ? follower.newest().map(FileTime::fromMillis)
            : Optional.empty());
  }

  /**
   * Tells whether a result may have been committed by a checkpoint that came after one of this
   * disk's. What a checkpoint commits is written before that checkpoint is complete.
   *
   * @param completed when that checkpoint was complete
   * @param followed whether another one came after it
   */
  public boolean mayBeNewerThan(FileTime completed, boolean followed) {
    return newest.map(time -> time.compareTo(completed) > 0).orElse(followed && count > 0);
  }
}
