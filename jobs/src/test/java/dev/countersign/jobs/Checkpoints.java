package dev.countersign.jobs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** The checkpoints of a job that tests look at, or make fail. */
public final class Checkpoints {

  private Checkpoints() {}

  /**
   * Waits until there is a job's folder, and has its first {@code count} checkpoints fail: their
   * metadata cannot be written.
   *
   * @param checkpoints the folder for the checkpoints of one job, in a folder of its own
   */
  public static void failFirst(Path checkpoints, int count) throws Exception {
    Path ofJob = awaitFolderIn(checkpoints);
    for (int checkpoint = 1; checkpoint <= count; checkpoint++) {
      Files.createDirectories(ofJob.resolve("chk-" + checkpoint).resolve("_metadata/in-the-way"));
    }
  }

  /** Returns the number of the newest complete checkpoint in a folder; 0 if there is none. */
  public static int newest(Path checkpoints) {
    try (Stream<Path> files = Files.walk(checkpoints)) {
      return files
          .filter(file -> file.endsWith("_metadata"))
          .map(file -> file.getParent().getFileName().toString())
          .mapToInt(name -> Integer.parseInt(name.substring("chk-".length())))
          .max()
          .orElse(0);
    } catch (IOException | UncheckedIOException e) {
      // Not there yet, or Flink deletes old ones meanwhile: there is another look.
      return 0;
    }
  }

  private static Path awaitFolderIn(Path folder) throws Exception {
    for (int hundredths = 0; hundredths < 18_000; hundredths++) {
      Optional<Path> first = firstIn(folder);
      if (first.isPresent()) {
        return first.get();
      }
      Thread.sleep(10);
    }
    throw new AssertionError("nothing in " + folder + " in 180 s");
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
