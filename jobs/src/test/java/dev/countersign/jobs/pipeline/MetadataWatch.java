package dev.countersign.jobs.pipeline;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** Watches how large the metadata of checkpoints grows, which are deleted when a job ends. */
final class MetadataWatch implements AutoCloseable {

  private final Path checkpoints;
  private final AtomicLong largest = new AtomicLong();
  private final Thread watcher = new Thread(this::watch, "metadata-watch");

  /** Begins to watch what lies or will lie below {@code checkpoints}. */
  MetadataWatch(Path checkpoints) {
    this.checkpoints = checkpoints;
    watcher.setDaemon(true);
    watcher.start();
  }

  /** Bytes of the largest metadata seen; 0 if there was none. */
  long largest() {
    return largest.get();
  }

  @Override
  public void close() {
    watcher.interrupt();
  }

  private void watch() {
    try {
      while (true) {
        look();
        Thread.sleep(50);
      }
    } catch (InterruptedException e) {
      // Closed.
      Thread.currentThread().interrupt();
    }
  }

  private void look() {
    try (Stream<Path> files = Files.walk(checkpoints)) {
      files
          .filter(file -> file.endsWith("_metadata"))
          .mapToLong(file -> file.toFile().length())
          .forEach(bytes -> largest.accumulateAndGet(bytes, Math::max));
    } catch (IOException | UncheckedIOException e) {
      // Not there yet, or deleted meanwhile: there is another look.
    }
  }
}
