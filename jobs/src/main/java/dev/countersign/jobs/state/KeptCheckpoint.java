package dev.countersign.jobs.state;

import dev.countersign.jobs.embedded.TemporaryFolder;
import dev.countersign.text.Printable;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
 * <p>Each start of a run has a folder, in that Flink one for its job, in that one for each
 * checkpoint. Beside the job's lies the savepoint that a watch was stopped with.
 *
 * @param folder the folder
 * @param attempt at which start of the run it was made
 * @param number its number, which goes on rising from one start to the next
 */
record KeptCheckpoint(Path folder, int attempt, long number) {

  private static final Logger LOG = LoggerFactory.getLogger(KeptCheckpoint.class);

  /** What a complete checkpoint has. */
  private static final String METADATA = "_metadata";

  private static final Pattern ATTEMPT = Pattern.compile("attempt-([0-9]{1,9})");
  private static final Pattern CHECKPOINT = Pattern.compile("chk-([0-9]{1,18})");

  private static final Pattern SAVEPOINT = Pattern.compile("savepoint-[0-9a-f]+-[0-9a-f]+");

  /** Returns all in a run's folder that were complete once, newest first. */
  static List<KeptCheckpoint> newestFirst(Path folder) throws IOException {
    List<KeptCheckpoint> found = new ArrayList<>();
    for (Path attempt : foldersIn(folder)) {
      OptionalLong number = number(ATTEMPT, attempt);
      if (number.isEmpty()) {
        continue;
      }
      for (Path job : foldersIn(attempt)) {
        if (isSavepoint(job) && isComplete(job)) {
          found.add(new KeptCheckpoint(job, (int) number.getAsLong(), numberIn(job)));
        }
        for (Path checkpoint : foldersIn(job)) {
          OptionalLong id = number(CHECKPOINT, checkpoint);
          if (id.isPresent() && isComplete(checkpoint)) {
            found.add(new KeptCheckpoint(checkpoint, (int) number.getAsLong(), id.getAsLong()));
          }
        }
      }
    }
    found.sort(
        Comparator.comparingInt(KeptCheckpoint::attempt)
            .thenComparingLong(KeptCheckpoint::number)
            .reversed());
    return found;
  }

  /** Deletes the folders of all starts of a run, except for those that {@code kept} lie in. */
  static void deleteAllBut(Path folder, List<KeptCheckpoint> kept) throws IOException {
    for (Path attempt : foldersIn(folder)) {
      if (kept.stream().noneMatch(checkpoint -> checkpoint.folder().startsWith(attempt))) {
        TemporaryFolder.delete(attempt);
      } else {
        deleteOthers(attempt, kept);
      }
    }
  }

  private static void deleteOthers(Path attempt, List<KeptCheckpoint> kept) throws IOException {
    for (Path job : foldersIn(attempt)) {
      if (isSavepoint(job) && kept.stream().noneMatch(other -> other.folder().equals(job))) {
        TemporaryFolder.delete(job);
        continue;
      }
      for (Path checkpoint : foldersIn(job)) {
        if (number(CHECKPOINT, checkpoint).isPresent()
            && kept.stream().noneMatch(other -> other.folder().equals(checkpoint))) {
          TemporaryFolder.delete(checkpoint);
        }
      }
    }
  }

  private static boolean isSavepoint(Path path) {
    return SAVEPOINT.matcher(path.getFileName().toString()).matches();
  }

  private static boolean isComplete(Path checkpoint) {
    return Files.isRegularFile(checkpoint.resolve(METADATA), LinkOption.NOFOLLOW_LINKS);
  }

  private static OptionalLong number(Pattern pattern, Path path) {
    Matcher matcher = pattern.matcher(path.getFileName().toString());
    return matcher.matches()
        ? OptionalLong.of(Long.parseLong(matcher.group(1)))
        : OptionalLong.empty();
  }

  private static List<Path> foldersIn(Path parent) throws IOException {
    List<Path> folders = new ArrayList<>();
    try (DirectoryStream<Path> children = Files.newDirectoryStream(parent)) {
      for (Path child : children) {
        if (Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS)) {
          folders.add(child);
        }
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    }
    return folders;
  }

  /** Orders by age, oldest first. */
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
  private static long numberIn(Path folder) {
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
