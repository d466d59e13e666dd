package dev.countersign.jobs.run;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.catalog.CatalogException;
import dev.countersign.catalog.CatalogSource;
import dev.countersign.catalog.EntryStream;
import dev.countersign.catalog.ReplacedBundle;
import dev.countersign.catalog.watch.WatchedModels;
import dev.countersign.jobs.results.CommittedResults;
import dev.countersign.jobs.state.SavedRun;
import dev.countersign.jobs.state.StateFolder;
import dev.countersign.jobs.terminal.Console;
import dev.countersign.jobs.terminal.Faults;
import dev.countersign.options.UsageException;
import dev.countersign.options.settings.FlinkPlaces;
import dev.countersign.source.RunSettings;
import dev.countersign.source.checkpoint.CommandFingerprint;
import dev.countersign.source.signals.RunSession;
import dev.countersign.storage.StorageException;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The run of a state folder: a new one, one that goes on, or one that has ended. */
final class StatefulRun implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(StatefulRun.class);

  private final Path folder;
  private final StateFolder state;
  private final CommandFingerprint command;
  private final CatalogSource entries;
  private final boolean resigns;
  private final String results;

  /**
   * Opens a folder for a command.
   *
   * @param command what the command does
   * @param entries what it works on
   * @param resigns whether it signs models again
   * @param results URI of the folder for results
   * @throws UsageException if the folder is in use, damaged, no state, or that of another command
   */
  StatefulRun(
      Path folder,
      CommandFingerprint command,
      CatalogSource entries,
      boolean resigns,
      String results) {
    this.folder = folder;
    this.command = command;
    this.entries = entries;
    this.resigns = resigns;
    this.results = FlinkPlaces.inFlinksForm(results);
    state = StateFolder.open(folder);
    try {
      state.run().ifPresent(saved -> requireSame(folder, saved.command(), command));
    } catch (UsageException e) {
      state.close();
      throw e;
    }
  }

  private static void requireSame(Path folder, CommandFingerprint then, CommandFingerprint now) {
    List<String> differences = then.differences(now);
    if (!differences.isEmpty()) {
      throw UsageException.of(
          "--state %s holds the state of another command. It differs in %s. Run that command"
              + " again, or name another folder.",
          Printable.of(folder.toString()), String.join(", ", differences));
    }
  }

  /** Returns the run if it has ended; its results are all committed. */
  Optional<SavedRun> ended() {
    Optional<SavedRun> saved = state.run();
    if (saved.isEmpty() || saved.get().finished().isPresent()) {
      return saved;
    }
    if (entries instanceof WatchedModels) {
      return Optional.empty();
    }
    // Flink deletes its checkpoints when a run ends, and the process may have been killed right
    // then.
    if (committed(saved.get()).count() != entries.size()) {
      return Optional.empty();
    }
    if (resigns) {
      deleteCopies(entries, saved.get().runId());
    }
    return saved;
  }

  /** Deletes the bundles that a run replaced and kept, once it can never go on. */
  static void deleteCopies(CatalogSource entries, String runId) {
    try (EntryStream stream = entries.open()) {
      for (Optional<CatalogEntry> next = stream.next(); next.isPresent(); next = stream.next()) {
        if (next.get().isGood()) {
          deleteCopy(next.get(), runId);
        }
      }
    } catch (CatalogException | StorageException | IOException e) {
      LOG.warn("Copies of replaced bundles may be left by run {}", runId, e);
    }
  }

  private static void deleteCopy(CatalogEntry entry, String runId) {
    try {
      ReplacedBundle.of(entry.settled().bundle(), runId).delete();
    } catch (StorageException e) {
      LOG.warn("A copy of a replaced bundle may be left by run {}", runId, e);
    }
  }

  /**
   * Puts down that the run is started now, once more or for the first time.
   *
   * @param parallelism with how many slots; 0 for as many as before
   * @throws UsageException if it cannot go on
   */
  RunStart start(int parallelism, Console console) {
    Optional<SavedRun> before = state.run();
    CommittedResults committed =
        before.isPresent() ? committed(before.get()) : new CommittedResults(0, Optional.empty());
    Optional<StateFolder.ResumePoint> resumeFrom = state.newestCheckpoint(committed);
    resumeFrom
        .filter(found -> found.damaged() > 0)
        .ifPresent(
            found ->
                console.say(
                    Message.of(
                        "countersign: the newest state in %s is damaged; going on from the one"
                            + " before, from which nothing is lost but time.",
                        Printable.of(folder.toString()))));
    SavedRun now =
        before.isPresent()
            ? before.get().again(parallelism > 0 ? parallelism : before.get().parallelism())
            : new SavedRun(
                RunSettings.newRunId(),
                Clock.systemUTC().instant(),
                1,
                0,
                parallelism > 0 ? parallelism : Runtime.getRuntime().availableProcessors(),
                entries.size(),
                command,
                Optional.empty());
    state.deleteOldCheckpoints();
    state.save(now);
    return new RunStart(
        now.runId(),
        new RunSession(Integer.toString(now.stops()), StateFolder.journal(folder).toString()),
        now.started(),
        before.isPresent(),
        state.checkpoints(now.attempt()),
        now.parallelism(),
        true,
        resumeFrom.map(StateFolder.ResumePoint::uri).orElse(""),
        committed.count(),
        command);
  }

  private CommittedResults committed(SavedRun saved) {
    try {
      return CommittedResults.of(results, saved.runId());
    } catch (IOException e) {
      throw UsageException.of(
          e,
          "The results of the run in %s cannot be read (%s). Let this user read them, or start"
              + " anew with another --state folder.",
          Printable.of(results),
          Faults.innermost(e));
    }
  }

  /**
   * Records that the process ends in good order before the run has ended: what it was reading did
   * not crash it. Any thread.
   */
  synchronized void stop() {
    save(SavedRun::stopped, "stop");
  }

  /**
   * Puts down that the run has ended. What it needed to go on is deleted. If that cannot be saved,
   * the next start sees that all results are committed.
   *
   * @param exitCode what the process says
   */
  synchronized void finish(int exitCode) {
    save(saved -> saved.ended(Clock.systemUTC().instant(), exitCode), "end");
    state.deleteCheckpoints();
  }

  private void save(UnaryOperator<SavedRun> change, String event) {
    SavedRun saved = state.run().orElseThrow();
    if (saved.finished().isEmpty()) {
      try {
        state.save(change.apply(saved));
      } catch (UsageException e) {
        LOG.warn("The {} of run {} is not in its state", event, saved.runId(), e);
      }
    }
  }

  @Override
  public void close() {
    state.close();
  }
}
