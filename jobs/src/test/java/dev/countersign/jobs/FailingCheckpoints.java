package dev.countersign.jobs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Has the first checkpoints of a job fail: their metadata cannot be written. */
public final class FailingCheckpoints {

  private FailingCheckpoints() {}

  /**
   * Waits until there is a job's folder, and has its first {@code count} checkpoints fail.
   *
   * @param checkpoints the folder for the checkpoints of one job, in a folder of its own
   */
  public static void inFolder(Path checkpoints, int count) throws Exception {
    Path ofJob = awaitFolderIn(checkpoints);
    for (int checkpoint = 1; checkpoint <= count; checkpoint++) {
      Files.createDirectories(ofJob.resolve("chk-" + checkpoint).resolve("_metadata/in-the-way"));
    }
  }

  private static Path awaitFolderIn(Path folder) throws Exception {
    for (int hundredths = 0; hundredths < 6_000; hundredths++) {
      Optional<Path> first = firstIn(folder);
      if (first.isPresent()) {
        return first.get();
      }
      Thread.sleep(10);
    }
    throw new AssertionError("nothing in " + folder + " in 60 s");
  }

  private static Optional<Path> firstIn(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return Optional.empty();
    }
    try (Stream<Path> made = Files.list(folder)) {
      return made.findFirst();
    }
  }
}
