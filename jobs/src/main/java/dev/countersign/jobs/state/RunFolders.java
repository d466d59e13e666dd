package dev.countersign.jobs.state;

import dev.countersign.jobs.terminal.Faults;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.UsageException;
import dev.countersign.options.declarations.OutputOptions;
import dev.countersign.options.declarations.PolicyOptions;
import dev.countersign.options.declarations.RunOptions;
import dev.countersign.options.settings.FlinkPlaces;
import dev.countersign.options.settings.ModelRunOptions;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.text.Printable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.flink.core.fs.FileSystem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folders that a run writes beside bundles, absolute, as the user named them.
 *
 * @param results URI of the folder for results; empty if the user named none and no state
 * @param checkpoints URI of the folder for checkpoints; empty if the user named none
 * @param state the folder that lets the run go on later; empty if the user named none
 * @param keepPrevious URI of the folder for bundles that are replaced; empty if the user named none
 */
public record RunFolders(
    Optional<String> results,
    Optional<String> checkpoints,
    Optional<Path> state,
    Optional<String> keepPrevious) {

  private static final Logger LOG = LoggerFactory.getLogger(RunFolders.class);

  public static RunFolders of(ModelRunOptions options) {
    Optional<Path> state = options.state().map(RunFolders::withoutLinks);
    return new RunFolders(
        absolute(options, OutputOptions.RESULTS)
            .or(() -> state.map(folder -> StateFolder.results(folder).toString())),
        absolute(options, RunOptions.CHECKPOINT_DIR),
        state,
        absolute(options, PolicyOptions.KEEP_PREVIOUS));
  }

  /** Links are followed once, so that all that is done with the folder is done with one folder. */
  private static Path withoutLinks(Path folder) {
    try {
      return Path.of(Storages.resolveLinks(folder.toString()));
    } catch (StorageException e) {
      throw new UsageException(String.valueOf(e.getMessage()), e);
    }
  }

  private static Optional<String> absolute(ModelRunOptions options, DeclaredOption<String> option) {
    return options
        .values()
        .find(option)
        .map(uri -> Storages.absolute(uri, options.workingDirectory().toString()));
  }

  /**
   * Refuses folders on stores that are not set up. The caller's settings for file systems must be
   * known by then.
   *
   * @throws UsageException if there is one
   */
  public void requireUsable() {
    results.ifPresent(uri -> FlinkPlaces.requireWritable(OutputOptions.RESULTS, uri));
    checkpoints.ifPresent(uri -> FlinkPlaces.requireWritable(RunOptions.CHECKPOINT_DIR, uri));
  }

  /** Returns the places of the options that Flink itself reads and writes. */
  public static List<String> ofFlink(ModelRunOptions options) {
    return Stream.of(OutputOptions.RESULTS, RunOptions.CHECKPOINT_DIR, RunOptions.SINCE)
        .flatMap(option -> absolute(options, option).stream())
        .toList();
  }

  /** Returns all folders that were named. */
  public List<String> named() {
    return Stream.of(results, checkpoints, state.map(Path::toString), keepPrevious)
        .flatMap(Optional::stream)
        .toList();
  }

  /**
   * Returns where the record of the run goes: beside the results.
   *
   * @return a URI; empty for none
   */
  public String runRecord(String runId) {
    return results.map(folder -> Storages.child(folder, "run-" + runId + ".json")).orElse("");
  }

  /** Deletes a temporary folder that task managers wrote to, as far as this machine can. */
  public static void delete(String uri) {
    try {
      org.apache.flink.core.fs.Path folder =
          new org.apache.flink.core.fs.Path(FlinkPlaces.inFlinksForm(uri));
      var unused = folder.getFileSystem().delete(folder, true);
    } catch (IOException | RuntimeException e) {
      LOG.warn("Cannot delete {}; it may be deleted by hand", Printable.of(uri), e);
    }
  }

  /**
   * Refuses, before anything is started, a folder for results that Flink cannot commit files to and
   * one for checkpoints that it cannot use; makes both.
   *
   * @param here whether the run is in this process; elsewhere a folder on a local disk is that of
   *     other machines, and is not looked at
   * @throws UsageException if so
   */
  public void requireUsable(boolean here) {
    if (results.isPresent()) {
      requireCommittable(results.get());
      make("--results", results.get(), here);
    }
    checkpoints.ifPresent(folder -> make("--checkpoint-dir", folder, here));
  }

  private static void requireCommittable(String uri) {
    try {
      org.apache.flink.core.fs.Path folder =
          new org.apache.flink.core.fs.Path(FlinkPlaces.inFlinksForm(uri));
      var unused = folder.getFileSystem().createRecoverableWriter();
    } catch (UnsupportedOperationException e) {
      throw notCommittable(uri, "it cannot take back what a broken run left", e);
    } catch (IOException | RuntimeException | LinkageError e) {
      throw notCommittable(uri, Faults.innermost(e), e);
    }
  }

  private static void make(String option, String uri, boolean here) {
    try {
      org.apache.flink.core.fs.Path folder =
          new org.apache.flink.core.fs.Path(FlinkPlaces.inFlinksForm(uri));
      FileSystem files = folder.getFileSystem();
      if (!here && !files.isDistributedFS()) {
        return;
      }
      if (files.exists(folder) && !files.getFileStatus(folder).isDir()) {
        throw UsageException.of("%s %s is a file. Name a folder.", option, Printable.of(uri));
      }
      if (!files.mkdirs(folder)) {
        throw UsageException.of(
            "%s %s cannot be made. Name a folder that you may write to.",
            option, Printable.of(uri));
      }
    } catch (UsageException e) {
      throw e;
    } catch (IOException | RuntimeException | LinkageError e) {
      // That of S3 throws what its SDK does, such as for a connection that is refused.
      throw UsageException.of(
          e,
          "%s %s cannot be made (%s). Name a folder that you may write to.",
          option,
          Printable.of(uri),
          Faults.innermost(e));
    }
  }

  private static UsageException notCommittable(String uri, String why, Throwable cause) {
    return UsageException.of(
        cause,
        "--results %s is on a file system that results cannot be committed to: %s. Name a local"
            + " folder, or one on HDFS or S3.",
        Printable.of(uri),
        why);
  }
}
