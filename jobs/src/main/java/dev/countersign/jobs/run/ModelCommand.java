package dev.countersign.jobs.run;

import dev.countersign.catalog.BundleTemplate;
import dev.countersign.catalog.CatalogException;
import dev.countersign.catalog.CatalogSource;
import dev.countersign.catalog.file.CatalogFile;
import dev.countersign.catalog.watch.WatchSettings;
import dev.countersign.catalog.watch.WatchedModels;
import dev.countersign.jobs.cluster.ClusterEngine;
import dev.countersign.jobs.embedded.EmbeddedEngine;
import dev.countersign.jobs.embedded.MetricsServer;
import dev.countersign.jobs.embedded.TemporaryFolder;
import dev.countersign.jobs.execution.Engine;
import dev.countersign.jobs.execution.EngineFigures;
import dev.countersign.jobs.execution.RunFailedException;
import dev.countersign.jobs.pipeline.RunPlan;
import dev.countersign.jobs.state.CommandFingerprints;
import dev.countersign.jobs.state.RunFolders;
import dev.countersign.jobs.state.SavedRun;
import dev.countersign.jobs.state.StateFolder;
import dev.countersign.jobs.terminal.BuildVersion;
import dev.countersign.jobs.terminal.Console;
import dev.countersign.jobs.terminal.ExitCode;
import dev.countersign.jobs.terminal.Faults;
import dev.countersign.jobs.terminal.Interruption;
import dev.countersign.jobs.terminal.ShownModel;
import dev.countersign.jobs.terminal.TextResults;
import dev.countersign.options.CommandSets;
import dev.countersign.options.OutputFormat;
import dev.countersign.options.UsageException;
import dev.countersign.options.declarations.CatalogOptions;
import dev.countersign.options.declarations.CertificateOptions;
import dev.countersign.options.declarations.ModelOptions;
import dev.countersign.options.declarations.OutputOptions;
import dev.countersign.options.declarations.RunOptions;
import dev.countersign.options.settings.FlinkPlaces;
import dev.countersign.options.settings.HadoopOptions;
import dev.countersign.options.settings.ModelRunOptions;
import dev.countersign.options.settings.OptionValues;
import dev.countersign.pipeline.ModelPipeline;
import dev.countersign.records.RecordJson;
import dev.countersign.records.ResultFormat;
import dev.countersign.schemas.ModelResult;
import dev.countersign.signing.SigningSettings;
import dev.countersign.sink.ResultSettings;
import dev.countersign.source.RunSettings;
import dev.countersign.source.checkpoint.CommandFingerprint;
import dev.countersign.source.planning.PlanSettings;
import dev.countersign.stage.SignSettings;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import dev.countersign.verification.RereadSettings;
import dev.countersign.verification.VerificationSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Signs, verifies, signs again or digests models: one plan, run in this process or on the given
 * cluster.
 */
public final class ModelCommand {

  private final Console console;
  private final Optional<ClusterEngine> cluster;
  private final ModelRunOptions options;
  private final OptionValues values;
  private final ShownModel shown;
  private final RunFolders folders;
  private final RunTrust trust;
  private final RunEnd end;

  /**
   * A command.
   *
   * @param cluster the cluster that this process was started for; empty to run in this process
   * @throws UsageException if options don't go together, or a key or certificate cannot be used
   */
  public ModelCommand(
      Console console,
      Optional<ClusterEngine> cluster,
      OptionValues values,
      Path workingDirectory) {
    this.console = console;
    this.cluster = cluster;
    this.values = values;
    if (cluster.isPresent()) {
      MetricsPort.refuse(values);
    }
    this.options = new ModelRunOptions(values, workingDirectory);
    this.shown = new ShownModel(workingDirectory.toString());
    this.folders = RunFolders.of(options);
    Map<String, String> fileSystems = HadoopOptions.of(values);
    Storages.configure(fileSystems);
    if (cluster.isEmpty()) {
      FlinkPlaces.configure(fileSystems, RunFolders.ofFlink(options));
    }
    this.trust = RunTrust.of(options, cluster.isEmpty());
    this.end = new RunEnd(console, options, cluster.isPresent(), folders.state().isPresent());
  }

  /**
   * Works on models.
   *
   * @param models paths, URIs and globs
   * @return the exit code
   * @throws UsageException if nothing was started
   */
  public int run(List<String> models) {
    folders.requireUsable();
    if (values.get(CertificateOptions.LOG_FINGERPRINTS)) {
      trust.showFingerprints(console);
    }
    RunStart.requireOneWay(
        cluster,
        options.watch().isPresent(),
        folders.state().isPresent(),
        values.isGiven(RunOptions.RUN_ID));
    CatalogSource entries = entries(models);
    boolean resumable = cluster.isPresent() || folders.state().isPresent();
    CommandFingerprint command =
        resumable ? fingerprint(entries) : new CommandFingerprint(Map.of());
    RunStart start =
        RunStart.anew(
            values.find(RunOptions.RUN_ID).orElseGet(RunSettings::newRunId),
            folders.checkpoints().map(FlinkPlaces::inFlinksForm).orElse(""),
            values.isGiven(RunOptions.RUN_ID),
            command);
    if (values.get(ModelOptions.DRY_RUN)) {
      PlanSettings plan = options.plan(start.runId(), trust.trusted(), trust.own());
      boolean fine =
          new DryRun(plan, console, shown, values.get(OutputOptions.OUTPUT))
              .show(entries, !values.get(OutputOptions.QUIET));
      return fine ? ExitCode.OK : ExitCode.MODEL_FAILED;
    }
    if (cluster.isPresent()) {
      return runOn(cluster.get(), start, entries);
    }
    return folders.state().isPresent()
        ? runWithState(folders.state().get(), command, entries)
        : runHere(start, entries, () -> {});
  }

  /**
   * Returns the source of the run's entries, checked against each other and against what the run
   * writes.
   *
   * @param arguments paths, URIs and globs; none if there is a catalog
   * @throws UsageException if the arguments make no sense as a whole
   */
  private CatalogSource entries(List<String> arguments) {
    String workingDirectory = options.workingDirectory().toString();
    try {
      BundleTemplate template = options.bundles();
      Optional<String> catalog =
          values
              .find(CatalogOptions.CATALOG)
              .map(file -> Storages.absolute(file, workingDirectory));
      Optional<WatchSettings> watch = options.watch();
      if (watch.isPresent()) {
        return catalog.isPresent()
            ? WatchedModels.listed(
                catalog.get(), options.entryRules(template), folders.named(), watch.get(), isNew())
            : WatchedModels.named(
                arguments, workingDirectory, template, folders.named(), watch.get(), isNew());
      }
      if (catalog.isPresent()) {
        return CatalogFile.check(catalog.get(), options.entryRules(template), folders.named());
      }
      return ModelPipeline.entriesOf(arguments, workingDirectory, template, folders.named());
    } catch (CatalogException e) {
      throw new UsageException(e.getMessage(), e);
    }
  }

  /** Returns the files that a watch reads again; empty for other runs. */
  private Optional<TrustFiles> reread() {
    return options.watch().isPresent()
        ? TrustFiles.of(options, trust.trusted(), cluster.isPresent())
        : Optional.empty();
  }

  private @Nullable VerificationSettings planned() {
    VerificationSettings atStart = trust.trusted();
    Optional<TrustFiles> files = reread();
    return atStart == null || files.isEmpty() ? atStart : new RereadSettings(atStart, files.get());
  }

  private CommandFingerprint fingerprint(CatalogSource entries) {
    try {
      return CommandFingerprints.of(
          values,
          entries,
          // A watch reads these again, so that only their names tell one command from another.
          reread().map(TrustFiles::identity).orElse(trust.trusted()),
          trust.signer(cluster.isEmpty()),
          folders.results().orElse(""),
          options.workingDirectory());
    } catch (CatalogException | StorageException e) {
      throw new UsageException(String.valueOf(e.getMessage()), e);
    }
  }

  /** Tells whether the run begins, as far as can be told from here. */
  private boolean isNew() {
    return cluster.isPresent()
        ? !values.isGiven(RunOptions.RUN_ID)
        : folders.state().map(StateFolder::isFresh).orElse(true);
  }

  /** Runs what is left to do; if nothing is, shows again what was done. */
  private int runWithState(Path state, CommandFingerprint command, CatalogSource entries) {
    String results = folders.results().orElseThrow();
    try (StatefulRun run =
        new StatefulRun(state, command, entries, values.command().resigns(), results)) {
      Optional<SavedRun> ended = run.ended();
      if (ended.isEmpty()) {
        trust.requireToken(options);
      }
      int code =
          ended.isPresent()
              ? showAgain(ended.get(), entries.size(), results)
              : runHere(
                  run.start(values.find(RunOptions.PARALLELISM).orElse(0), console),
                  entries,
                  run::stop);
      if (isWhole(code)) {
        run.finish(code);
      } else {
        run.stop();
      }
      return code;
    }
  }

  private static boolean isWhole(int code) {
    return code == ExitCode.OK || code == ExitCode.MODEL_FAILED;
  }

  private int showAgain(SavedRun run, long models, String results) {
    RunView view = new RunView(console, printer(), values.get(OutputOptions.QUIET), 0);
    try {
      view.show(FlinkPlaces.inFlinksForm(results), run.runId());
    } catch (RunFailedException e) {
      return end.broken(run.runId(), e);
    }
    if (!values.get(OutputOptions.QUIET)) {
      console.say(view.tally().counts());
      console.say("This run has ended already; nothing was done now. Its results are shown again.");
    }
    return end.exitCode(Engine.Kind.EMBEDDED, view, models, results);
  }

  private int runHere(RunStart start, CatalogSource entries, Runnable onStop) {
    folders.requireUsable(true);
    try (Interruption interruption = Interruption.watch(onStop);
        TemporaryFolder temporary = TemporaryFolder.create()) {
      EmbeddedEngine engine =
          new EmbeddedEngine(
              new EmbeddedEngine.Settings(
                  temporary.path(),
                  parallelism(start),
                  options.checkpointInterval(),
                  start.checkpoints(),
                  start.keepsCheckpoints(),
                  start.resumeFrom()));
      String results =
          folders.results().orElseGet(() -> temporary.path().resolve("results").toString());
      try (MetricsServer metrics = MetricsPort.open(values, console, engine::metricsPage)) {
        int code = execute(engine, start, entries, results, interruption::isRequested);
        if (values.command().resigns() && folders.state().isEmpty() && !isWhole(code)) {
          // No run goes on with them, and whoever verifies would see files that are not signed.
          StatefulRun.deleteCopies(entries, start.runId());
        }
        return code;
      }
    } catch (IOException e) {
      throw UsageException.of(
          e,
          "The temporary folder %s cannot be written (%s). Name another with -Djava.io.tmpdir.",
          Printable.of(System.getProperty("java.io.tmpdir", "")),
          Faults.innermost(e));
    }
  }

  private int parallelism(RunStart start) {
    return values
        .find(RunOptions.PARALLELISM)
        .orElse(
            start.parallelism() > 0
                ? start.parallelism()
                : Runtime.getRuntime().availableProcessors());
  }

  private int runOn(ClusterEngine engine, RunStart start, CatalogSource entries) {
    boolean attached = engine.kind() == Engine.Kind.ATTACHED;
    if (!attached && folders.results().isEmpty()) {
      throw new UsageException(
          "Nobody waits for the results here. Name a folder that task managers reach with"
              + " --results.");
    }
    engine.configure(
        values.find(RunOptions.PARALLELISM).map(OptionalInt::of).orElse(OptionalInt.empty()),
        options.checkpointInterval(),
        start.checkpoints());
    if (!engine.hasCheckpointFolder()) {
      throw new UsageException(
          "There is no folder for checkpoints, and the job manager's memory is too small for them."
              + " Name one with --checkpoint-dir that the job manager and all task managers reach,"
              + " or set execution.checkpointing.dir in Flink's configuration.");
    }
    folders.requireUsable(false);
    engine.resumedCommand().ifPresent(then -> requireSame(then, start.command()));
    String temporary =
        Storages.child(
            Path.of(System.getProperty("java.io.tmpdir", "/tmp")).toAbsolutePath().toString(),
            "countersign-" + start.runId());
    String results = folders.results().orElse(temporary);
    if (engine.isInJobManager()) {
      return execute(engine, start, entries, results, () -> false);
    }
    try (Interruption interruption = Interruption.watch(() -> {})) {
      return execute(engine, start, entries, results, interruption::isRequested);
    } finally {
      if (folders.results().isEmpty()) {
        RunFolders.delete(temporary);
      }
    }
  }

  private static void requireSame(CommandFingerprint then, CommandFingerprint now) {
    List<String> differences = then.differences(now);
    if (!differences.isEmpty()) {
      throw UsageException.of(
          "The checkpoint that flink run -s names is of another command. It differs in %s. Run"
              + " that command again, or leave -s out.",
          String.join(", ", differences));
    }
  }

  private int execute(
      Engine engine,
      RunStart start,
      CatalogSource entries,
      String results,
      BooleanSupplier stopped) {
    RunPlan plan = plan(start, entries, results);
    RunView view =
        new RunView(console, printer(), values.get(OutputOptions.QUIET), start.committed());
    long began = System.nanoTime();
    try {
      view.run(engine, plan);
    } catch (InterruptedException | RunFailedException e) {
      if (stopped.getAsBoolean()) {
        if (plan.isWatch() && !values.get(OutputOptions.QUIET)) {
          console.say(view.tally().counts());
        }
        console.say(end.interrupted());
        return ExitCode.INTERRUPTED;
      }
      if (view.tally().models() > 0 && !values.get(OutputOptions.QUIET)) {
        console.say(view.tally().counts());
      }
      // An interrupt that nobody asked for is a fault like any other, not the user's stop.
      return end.broken(
          start.runId(),
          e instanceof RunFailedException failed
              ? failed
              : new RunFailedException("the run was interrupted from inside", e));
    }
    if (engine.kind() == Engine.Kind.DETACHED) {
      console.say(
          Message.of(
              "Handed over as run %s. Results will be in %s.",
              start.runId(), Printable.of(results)));
      return ExitCode.OK;
    }
    if (!values.get(OutputOptions.QUIET)) {
      if (start.resumeFrom().isEmpty()) {
        console.say(view.tally().summary(start.started(), Clock.systemUTC().instant()));
      } else {
        Duration time = Duration.ofNanos(System.nanoTime() - began);
        EngineFigures now = engine.figures().orElseThrow();
        view.tally()
            .resumedSummary(time, now.modelsDone(), now.bytesHashed())
            .forEach(console::say);
      }
      engine
          .figures()
          .flatMap(
              figures ->
                  RunView.hint(
                      figures,
                      parallelism(start),
                      CommandSets.HASH.contains(values.command()) && !values.command().resigns()))
          .ifPresent(console::say);
    }
    // A watch that was stopped in good order had no more models than it has results.
    long expected = plan.isWatch() ? view.tally().models() : entries.size();
    return end.exitCode(engine.kind(), view, expected, results);
  }

  private RunPlan plan(RunStart start, CatalogSource entries, String results) {
    boolean kept = folders.results().isPresent();
    return new RunPlan(
        entries,
        new RunSettings(
            start.command(),
            options.plan(start.runId(), planned(), trust.own()),
            options.window(),
            options.read(),
            options.faults(),
            start.session(),
            start.again()),
        start.started().toEpochMilli(),
        trust.signing().map(this::signSettings).orElse(null),
        new ResultSettings(
            FlinkPlaces.inFlinksForm(results),
            kept ? values.get(OutputOptions.RESULTS_FORMAT) : ResultFormat.AVRO),
        // The record closes a run, and a watch is never closed.
        options.watch().isPresent() ? "" : folders.runRecord(start.runId()),
        values.recorded(),
        trust.sigstore(),
        BuildVersion.current());
  }

  private SignSettings signSettings(SigningSettings signing) {
    return new SignSettings(
        signing,
        options.services().timestamps().orElse(null),
        options.shardAlgorithm(),
        options.existingBundle(),
        options.bounds(),
        folders.keepPrevious().orElse(""));
  }

  private Consumer<ModelResult> printer() {
    return values.get(OutputOptions.OUTPUT) == OutputFormat.JSON
        ? result -> console.result(RecordJson.line(result))
        : new TextResults(
            console,
            shown,
            values.get(OutputOptions.MAX_DIFFERENCES),
            values.get(CertificateOptions.LOG_FINGERPRINTS));
  }
}
