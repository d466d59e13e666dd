package dev.countersign.jobs.cli;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.jobs.cluster.ClusterEngine;
import dev.countersign.jobs.embedded.EmbeddedEngine;
import dev.countersign.jobs.embedded.EmbeddedSettings;
import dev.countersign.jobs.embedded.TemporaryFolder;
import dev.countersign.jobs.execution.Engine;
import dev.countersign.jobs.execution.RunFailedException;
import dev.countersign.jobs.pipeline.RunPlan;
import dev.countersign.jobs.terminal.Console;
import dev.countersign.jobs.terminal.Interruption;
import dev.countersign.jobs.terminal.JsonResults;
import dev.countersign.jobs.terminal.ResultPrinter;
import dev.countersign.jobs.terminal.ShownModel;
import dev.countersign.jobs.terminal.TextResults;
import dev.countersign.oms.Printable;
import dev.countersign.options.CertificateOptions;
import dev.countersign.options.HadoopOptions;
import dev.countersign.options.ModelOptions;
import dev.countersign.options.ModelRunOptions;
import dev.countersign.options.OptionValues;
import dev.countersign.options.OutputFormat;
import dev.countersign.options.OutputOptions;
import dev.countersign.options.RunOptions;
import dev.countersign.options.UsageException;
import dev.countersign.records.ResultFormat;
import dev.countersign.signing.SigningSettings;
import dev.countersign.sink.ResultSettings;
import dev.countersign.source.PlanSettings;
import dev.countersign.stage.SignSettings;
import dev.countersign.storage.Storages;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signs, verifies, signs again or digests models: one plan, run in this process or on the given
 * cluster.
 */
final class ModelCommand {

  private final Console console;
  private final Optional<ClusterEngine> cluster;
  private final ModelRunOptions options;
  private final OptionValues values;
  private final ShownModel shown;
  private final RunFolders folders;
  private final RunTrust trust;
  private final String runId = RunId.create();

  /**
   * A command.
   *
   * @param cluster the cluster that this process was started for; empty to run in this process
   * @throws UsageException if options don't go together, or a key or certificate cannot be used
   */
  ModelCommand(
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
    this.options = ModelRunOptions.of(values, workingDirectory);
    this.shown = new ShownModel(workingDirectory.toString());
    this.folders = RunFolders.of(options);
    this.trust = RunTrust.of(options, cluster.isEmpty());
  }

  /**
   * Works on models.
   *
   * @param models paths, URIs and globs
   * @return the exit code
   * @throws UsageException if nothing was started
   */
  int run(List<String> models) {
    Map<String, String> fileSystems = HadoopOptions.of(values);
    if (!fileSystems.isEmpty()) {
      refuseOnCluster();
      Storages.configure(fileSystems);
    }
    if (values.get(CertificateOptions.LOG_FINGERPRINTS)) {
      Fingerprints.show(console, trust.trusted());
    }
    PlanSettings plan = options.plan(runId, trust.trusted(), trust.own());
    List<CatalogEntry> entries = Entries.of(options, models, folders.named());
    if (values.get(ModelOptions.DRY_RUN)) {
      boolean fine =
          new DryRun(plan, console, shown, values.get(OutputOptions.OUTPUT))
              .show(entries, !values.get(OutputOptions.QUIET));
      return fine ? ExitCode.OK : ExitCode.MODEL_FAILED;
    }
    return cluster.isPresent()
        ? runOn(cluster.get(), plan, entries)
        : runHere(plan, entries, fileSystems);
  }

  private void refuseOnCluster() {
    if (cluster.isPresent()) {
      throw new UsageException(
          "--fs-option reaches this process only, not the cluster's. Set it in core-site.xml on"
              + " every machine of the cluster, or as flink.hadoop.fs.... in Flink's configuration.");
    }
  }

  private int runHere(
      PlanSettings plan, List<CatalogEntry> entries, Map<String, String> fileSystems) {
    folders.demandCommittable();
    try (Interruption interruption = Interruption.watch();
        TemporaryFolder temporary = TemporaryFolder.create()) {
      EmbeddedEngine engine =
          new EmbeddedEngine(
              new EmbeddedSettings(
                  temporary.path(),
                  values
                      .find(RunOptions.PARALLELISM)
                      .orElseGet(() -> Runtime.getRuntime().availableProcessors()),
                  values.get(RunOptions.CHECKPOINT_INTERVAL),
                  folders.checkpoints().map(RunFolders::inFlinksForm).orElse(""),
                  fileSystems));
      String results =
          folders.results().orElseGet(() -> temporary.path().resolve("results").toString());
      try (MetricsPort metrics = MetricsPort.open(values, console, engine::metricsPage)) {
        return execute(engine, plan, entries, results, interruption::isRequested);
      }
    } catch (IOException e) {
      throw new UsageException(
          String.format(
              Locale.ROOT,
              "The temporary folder %s cannot be written (%s). Name another with -Djava.io.tmpdir.",
              Printable.of(System.getProperty("java.io.tmpdir", "")),
              Faults.innermost(e)),
          e);
    }
  }

  private int runOn(ClusterEngine engine, PlanSettings plan, List<CatalogEntry> entries) {
    boolean attached = engine.kind() == Engine.Kind.ATTACHED;
    if (!attached && folders.results().isEmpty()) {
      throw new UsageException(
          "Nobody waits for the results here. Name a folder that task managers reach with"
              + " --results.");
    }
    engine.configure(
        values.find(RunOptions.PARALLELISM).map(OptionalInt::of).orElse(OptionalInt.empty()),
        values.get(RunOptions.CHECKPOINT_INTERVAL),
        folders.checkpoints().map(RunFolders::inFlinksForm).orElse(""));
    String temporary =
        Storages.child(
            Path.of(System.getProperty("java.io.tmpdir", "/tmp")).toAbsolutePath().toString(),
            "countersign-" + runId);
    String results = folders.results().orElse(temporary);
    if (engine.isInJobManager()) {
      return execute(engine, plan, entries, results, () -> false);
    }
    try (Interruption interruption = Interruption.watch()) {
      return execute(engine, plan, entries, results, interruption::isRequested);
    } finally {
      if (folders.results().isEmpty()) {
        RunFolders.delete(temporary);
      }
    }
  }

  private int execute(
      Engine engine,
      PlanSettings settings,
      List<CatalogEntry> entries,
      String results,
      BooleanSupplier stopped) {
    RunPlan plan = plan(settings, entries, results);
    RunView view = new RunView(console, printer(), values.get(OutputOptions.QUIET));
    long started = System.nanoTime();
    try {
      view.run(engine, plan);
    } catch (InterruptedException | RunFailedException e) {
      if (stopped.getAsBoolean()) {
        console.say(interrupted());
        return ExitCode.INTERRUPTED;
      }
      // An interrupt that nobody asked for is a fault like any other, not the user's stop.
      return broken(
          e instanceof RunFailedException failed
              ? failed
              : new RunFailedException("the run was interrupted from inside", e));
    }
    if (engine.kind() == Engine.Kind.DETACHED) {
      console.say(
          String.format(
              Locale.ROOT,
              "Handed over as run %s. Results will be in %s.",
              runId,
              Printable.of(results)));
      return ExitCode.OK;
    }
    if (!values.get(OutputOptions.QUIET)) {
      console.say(view.tally().summary(Duration.ofNanos(System.nanoTime() - started)));
    }
    return exitCode(engine, view, entries.size(), results);
  }

  private int exitCode(Engine engine, RunView view, int expected, String results) {
    long shownResults = view.tally().models();
    if (shownResults != expected) {
      console.say(
          String.format(
              Locale.ROOT,
              "countersign: the run ended, but %d of %d results are in %s as seen from here. %s",
              shownResults,
              expected,
              Printable.of(results),
              engine.kind() == Engine.Kind.EMBEDDED
                  ? "Please report this with the log of --verbose."
                  : "Name a folder that task managers and this machine reach with --results."));
      return ExitCode.BROKEN;
    }
    boolean counts =
        engine.kind() != Engine.Kind.APPLICATION || values.get(RunOptions.FAIL_JOB_ON_FAILURES);
    return counts && view.tally().failed() > 0 ? ExitCode.MODEL_FAILED : ExitCode.OK;
  }

  private RunPlan plan(PlanSettings settings, List<CatalogEntry> entries, String results) {
    boolean kept = folders.results().isPresent();
    return new RunPlan(
        runId,
        entries,
        settings,
        options.window(),
        options.read(),
        trust.signing().map(this::signSettings).orElse(null),
        new ResultSettings(
            RunFolders.inFlinksForm(results),
            kept ? values.get(OutputOptions.RESULTS_FORMAT) : ResultFormat.AVRO,
            kept),
        folders.runRecord(runId),
        values.recorded(),
        BuildVersion.current());
  }

  private SignSettings signSettings(SigningSettings signing) {
    return new SignSettings(
        signing,
        options.timestamps().orElse(null),
        options.shardAlgorithm(),
        options.existingBundle(),
        options.bounds(),
        folders.keepPrevious().orElse(""));
  }

  private ResultPrinter printer() {
    return values.get(OutputOptions.OUTPUT) == OutputFormat.JSON
        ? new JsonResults(console)
        : new TextResults(
            console,
            shown,
            values.get(OutputOptions.MAX_DIFFERENCES),
            values.get(CertificateOptions.LOG_FINGERPRINTS));
  }

  private String interrupted() {
    return values.command().signs()
        ? "Stopped. What was signed stays signed. To go on, run the same command with --skip-signed."
        : "Stopped. Nothing was changed. To start again, run the same command.";
  }

  private int broken(RunFailedException failure) {
    Logger log = LoggerFactory.getLogger(ModelCommand.class);
    log.error("Run {} broke", runId, failure);
    Optional<String> usage = Faults.usage(failure);
    if (usage.isPresent()) {
      console.say("countersign: " + usage.get());
      return ExitCode.USAGE;
    }
    console.say(
        String.format(
            Locale.ROOT,
            "countersign: the run broke (%s). Results above are valid. %s",
            Faults.innermost(failure),
            whereTheLogIs()));
    return ExitCode.BROKEN;
  }

  private String whereTheLogIs() {
    if (cluster.isPresent()) {
      return "The cluster's logs say more.";
    }
    return values
        .find(OutputOptions.LOG_FILE)
        .map(file -> String.format(Locale.ROOT, "The log is in %s.", Printable.of(file)))
        .orElse(
            values.get(OutputOptions.VERBOSE)
                ? "The log is above."
                : "Run again with --log-file FILE or --verbose for the log.");
  }
}
