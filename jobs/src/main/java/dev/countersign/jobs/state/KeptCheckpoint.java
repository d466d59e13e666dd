package dev.countersign.jobs.state;

import dev.countersign.text.Printable;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A completed checkpoint that Flink kept: the folder that it is in. Flink gives a checkpoint its
 * metadata when it is complete, and not before.
 *
 * @param folder the folder
 * @param attempt at which start of the run it was made
 * @param number its number, which goes on rising from one start to the next
 */
record KeptCheckpoint(Path folder, int attempt, long number) implements Comparable<KeptCheckpoint> {

  private static final Logger LOG = LoggerFactory.getLogger(KeptCheckpoint.class);

  /** What a complete checkpoint has. */
  static final String METADATA = "_metadata";

  /** Orders by age, oldest first. */
  @Override
  public int compareTo(KeptCheckpoint other) {
    int byAttempt = Integer.compare(attempt, other.attempt);
    return byAttempt == 0 ? Long.compare(number, other.number) : byAttempt;
  }

  /** Returns what Flink restores from. */
  String uri() {
    return "file://" + folder;
  }

  /** Returns when it was complete. */
  FileTime completed() throws IOException {
    return Files.getLastModifiedTime(folder.resolve(METADATA));
  }

  /**
   * Returns the number of a checkpoint whose folder's name does not say it, as it stands in its
   * metadata; of one that is damaged, a number behind all others.
   */
  static long numberIn(Path folder) {
    try {
      return metadata(folder).getCheckpointId();
    } catch (IOException | RuntimeException e) {
      LOG.warn("The checkpoint {} is damaged", Printable.of(folder.toString()), e);
      return Long.MAX_VALUE;
    }
  }

  private static CheckpointMetadata metadata(Path folder) throws IOException {
    try (DataInputStream in =
        new DataInputStream(
            new BufferedInputStream(Files.newInputStream(folder.resolve(METADATA))))) {
      return Checkpoints.loadCheckpointMetadata(
          in, KeptCheckpoint.class.getClassLoader(), folder.toString());
    }
  }

  /** Tells whether all that it consists of is there and can be read. */
  boolean isIntact() {
    try {
      for (OperatorState operator : metadata(folder).getOperatorStates()) {
        for (StreamStateHandle part : parts(operator)) {
          read(part);
        }
      }
      return true;
    } catch (IOException | RuntimeException e) {
      LOG.warn("The checkpoint {} is damaged", Printable.of(folder.toString()), e);
      return false;
    }
  }

  /** Reads a part to its end, as restoring it would. */
  private static void read(StreamStateHandle part) throws IOException {
    long length = 0;
    byte[] buffer = new byte[64 << 10];
    try (FSDataInputStream in = part.openInputStream()) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        length += read;
      }
    }
    if (length != part.getStateSize()) {
      throw new IOException("a part has " + length + " bytes, not " + part.getStateSize());
    }
  }

  private static List<StreamStateHandle> parts(OperatorState operator) {
    List<StreamStateHandle> parts = new ArrayList<>();
    if (operator.getCoordinatorState() != null) {
      parts.add(operator.getCoordinatorState());
    }
    for (OperatorSubtaskState subtask : operator.getStates()) {
      Stream.concat(
              subtask.getManagedOperatorState().stream(), subtask.getRawOperatorState().stream())
          .map(OperatorStateHandle::getDelegateStateHandle)
          .forEach(parts::add);
      for (KeyedStateHandle keyed :
          Stream.concat(
                  subtask.getManagedKeyedState().stream(), subtask.getRawKeyedState().stream())
              .toList()) {
        if (keyed instanceof KeyGroupsStateHandle groups) {
          parts.add(groups.getDelegateStateHandle());
        }
      }
    }
    return parts;
  }
}
