package dev.countersign.jobs.embedded;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * How the cluster in this process is set up.
 *
 * @param folder where it keeps what it needs while it runs; the caller deletes it
 * @param parallelism how many slots it has
 * @param checkpointInterval how often results are committed
 * @param checkpointFolder URI of the folder for checkpoints; empty: within {@code folder}
 * @param keepsCheckpoints whether checkpoints stay when the run is stopped or breaks, and an
 *     interrupt takes one more
 * @param resumeFrom URI of the checkpoint to resume from; empty to begin
 * @param fileSystems settings for Hadoop's file systems
 */
public record EmbeddedSettings(
    Path folder,
    int parallelism,
    Duration checkpointInterval,
    String checkpointFolder,
    boolean keepsCheckpoints,
    String resumeFrom,
    Map<String, String> fileSystems) {

  /** Copies the map. */
  public EmbeddedSettings {
    fileSystems = Map.copyOf(fileSystems);
  }
}
