package dev.countersign.jobs.state;

import dev.countersign.jobs.embedded.FolderDeletion;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The checkpoints of a run: each start of it has a folder, in that Flink one for its job, in that
 * one for each checkpoint. Beside the job's lies the savepoint that a watch was stopped with.
 */
final class KeptCheckpoints {

  private static final Pattern ATTEMPT = Pattern.compile("attempt-([0-9]{1,9})");
  private static final Pattern CHECKPOINT = Pattern.compile("chk-([0-9]{1,18})");

  private static final Pattern SAVEPOINT = Pattern.compile("savepoint-[0-9a-f]+-[0-9a-f]+");

  private final Path folder;

  KeptCheckpoints(Path folder) {
    this.folder = folder;
  }

  /** Returns the folder for the checkpoints of one start. */
  Path ofAttempt(int attempt) {
    return folder.resolve(String.format(Locale.ROOT, "attempt-%06d", attempt));
  }

  /** Returns all that were complete once, newest first. */
  List<KeptCheckpoint> newestFirst() throws IOException {
    List<KeptCheckpoint> found = new ArrayList<>();
    for (Path attempt : foldersIn(folder)) {
      OptionalLong number = number(ATTEMPT, attempt);
      if (number.isEmpty()) {
        continue;
      }
      for (Path job : foldersIn(attempt)) {
        if (isSavepoint(job) && isComplete(job)) {
          found.add(
              new KeptCheckpoint(job, (int) number.getAsLong(), KeptCheckpoint.numberIn(job)));
        }
        for (Path checkpoint : foldersIn(job)) {
          OptionalLong id = number(CHECKPOINT, checkpoint);
          if (id.isPresent() && isComplete(checkpoint)) {
            found.add(new KeptCheckpoint(checkpoint, (int) number.getAsLong(), id.getAsLong()));
          }
        }
      }
    }
    found.sort(Collections.reverseOrder());
    return found;
  }

  /** Deletes the folders of all starts, except for those that {@code kept} lie in. */
  void deleteAllBut(List<KeptCheckpoint> kept) throws IOException {
    for (Path attempt : foldersIn(folder)) {
      if (kept.stream().noneMatch(checkpoint -> checkpoint.folder().startsWith(attempt))) {
        FolderDeletion.delete(attempt);
      } else {
        deleteOthers(attempt, kept);
      }
    }
  }

  private static void deleteOthers(Path attempt, List<KeptCheckpoint> kept) throws IOException {
    for (Path job : foldersIn(attempt)) {
      if (isSavepoint(job) && kept.stream().noneMatch(other -> other.folder().equals(job))) {
        FolderDeletion.delete(job);
        continue;
      }
      for (Path checkpoint : foldersIn(job)) {
        if (number(CHECKPOINT, checkpoint).isPresent()
            && kept.stream().noneMatch(other -> other.folder().equals(checkpoint))) {
          FolderDeletion.delete(checkpoint);
        }
      }
    }
  }

  private static boolean isSavepoint(Path path) {
    return SAVEPOINT.matcher(path.getFileName().toString()).matches();
  }

  private static boolean isComplete(Path checkpoint) {
    return Files.isRegularFile(
        checkpoint.resolve(KeptCheckpoint.METADATA), LinkOption.NOFOLLOW_LINKS);
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
}
