package dev.countersign.options.declarations;

import static org.apache.flink.configuration.ConfigOptions.key;

import dev.countersign.options.CommandSets;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.OptionGroup;
import dev.countersign.options.ValueType;
import dev.countersign.outcome.FaultSettings;
import dev.countersign.source.reading.ReadSettings;
import dev.countersign.source.units.WindowSettings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.flink.configuration.MemorySize;

/** Options that say how a run is done. */
public final class RunOptions {

  private static final WindowSettings WINDOW = WindowSettings.defaults();
  private static final ReadSettings READ = ReadSettings.defaults();
  private static final FaultSettings FAULTS = FaultSettings.defaults();

  /** How many slots. */
  public static final DeclaredOption<Integer> PARALLELISM =
      DeclaredOption.of(
          key("parallelism").intType().noDefaultValue(),
          ValueType.number(1),
          OptionGroup.RUN,
          CommandSets.RUNS,
          "How many readers work side by side. Without it: one for each processor of this machine,"
              + " or what the cluster is set to.");

  /** How many units at once. */
  public static final DeclaredOption<Integer> LANES =
      DeclaredOption.of(
          key("lanes").intType().defaultValue(READ.lanes()),
          ValueType.number(1),
          OptionGroup.RUN,
          CommandSets.RUNS,
          "How many units one reader hashes at the same time, each on a thread of its own.");

  /** How large a buffer is. */
  public static final DeclaredOption<MemorySize> BUFFER_SIZE =
      DeclaredOption.of(
          key("buffer-size").memoryType().defaultValue(new MemorySize(READ.bufferBytes())),
          ValueType.SIZE,
          OptionGroup.RUN,
          CommandSets.RUNS,
          "Size of one buffer; each lane has two. Memory does not grow with files.");

  /** How long a read may stall. */
  public static final DeclaredOption<Duration> STALL_TIMEOUT =
      DeclaredOption.of(
          key("stall-timeout").durationType().defaultValue(READ.stallTimeout()),
          ValueType.TIME,
          OptionGroup.RUN,
          CommandSets.RUNS,
          "How long a read may bring no byte, and a listing no name, before that attempt at it"
              + " fails. Each of --retries may take that long again.");

  /** How many models are planned ahead. */
  public static final DeclaredOption<Integer> WINDOW_MODELS =
      DeclaredOption.of(
          key("window-models").intType().defaultValue(WINDOW.models()),
          ValueType.number(1),
          OptionGroup.RUN,
          CommandSets.RUNS,
          "How many models may be planned and not done.");

  /** How much plan is kept. */
  public static final DeclaredOption<MemorySize> WINDOW_SIZE =
      DeclaredOption.of(
          key("window-size").memoryType().defaultValue(new MemorySize(WINDOW.bytes())),
          ValueType.SIZE,
          OptionGroup.RUN,
          CommandSets.RUNS,
          "How much memory the plans of those models may take, about.");

  /** How many threads plan. */
  public static final DeclaredOption<Integer> PLANNERS =
      DeclaredOption.of(
          key("planners").intType().defaultValue(WINDOW.planners()),
          ValueType.number(1),
          OptionGroup.RUN,
          CommandSets.RUNS,
          "How many threads list models.");

  /** How often results are committed. */
  public static final DeclaredOption<Duration> CHECKPOINT_INTERVAL =
      DeclaredOption.of(
          key("checkpoint-interval").durationType().defaultValue(Duration.ofSeconds(10)),
          ValueType.TIME,
          OptionGroup.RUN,
          CommandSets.RUNS,
          "How often results are committed, and what is lost at most when a worker dies.");

  /** Where checkpoints go. */
  public static final DeclaredOption<String> CHECKPOINT_DIR =
      DeclaredOption.of(
          key("checkpoint-dir").stringType().noDefaultValue(),
          ValueType.text("URI"),
          OptionGroup.RUN,
          CommandSets.RUNS,
          "Folder for the state of the run. Without it: a temporary one, or the cluster's. On a"
              + " cluster one of both is needed, since the job manager's memory is too small for"
              + " it.");

  /** What Hadoop is told. */
  public static final DeclaredOption<List<String>> FS_OPTION =
      DeclaredOption.ofList(
          key("fs-option").stringType().asList().defaultValues(),
          ValueType.text("KEY=VALUE"),
          OptionGroup.RUN,
          CommandSets.STORES,
          "Setting for Hadoop's file systems, such as fs.defaultFS=hdfs://namenode:8020; comes"
              + " before the files in HADOOP_CONF_DIR. Repeat it for more. No secrets: those belong"
              + " into core-site.xml. On a cluster set them there, too.");

  /** Whether a failed model fails the job. */
  public static final DeclaredOption<Boolean> FAIL_JOB_ON_FAILURES =
      DeclaredOption.of(
          key("fail-job-on-failures").booleanType().defaultValue(false),
          ValueType.SWITCH,
          OptionGroup.RUN,
          CommandSets.RUNS,
          "In application mode: end the application as failed if a model failed. Elsewhere the exit"
              + " code says so.");

  /** Where metrics can be read. */
  public static final DeclaredOption<Integer> METRICS_PORT =
      DeclaredOption.of(
          key("metrics-port").intType().noDefaultValue(),
          ValueType.port(),
          OptionGroup.RUN,
          CommandSets.RUNS,
          "Port at which the run's metrics can be read while it lasts, as /metrics in Prometheus's"
              + " text format; 0 takes one that is free and says which. On a cluster Flink's own"
              + " reporters do that.");

  /** Which address that port is of. */
  public static final DeclaredOption<String> METRICS_ADDRESS =
      DeclaredOption.of(
          key("metrics-address").stringType().defaultValue("127.0.0.1"),
          ValueType.text("ADDRESS"),
          OptionGroup.RUN,
          CommandSets.RUNS,
          "Address of this machine that the port of --metrics-port is opened on. With another than"
              + " the default whoever reaches it can read the metrics: nobody is asked for a"
              + " password.");

  /** How often a fault that may pass is met again. */
  public static final DeclaredOption<Integer> RETRIES =
      DeclaredOption.of(
          key("retries").intType().defaultValue(FAULTS.retries()),
          ValueType.number(0),
          OptionGroup.RUN,
          CommandSets.RUNS,
          "How often planning a model, reading a part of it or writing its bundle is tried again"
              + " after a fault that may pass, such as a broken connection, a busy server or a"
              + " stalled read; after about 1 s, 2 s, 4 s and so on, up to 30 s. 0 for never.");

  /** When a run is hopeless. */
  public static final DeclaredOption<String> MAX_FAILURES =
      DeclaredOption.of(
          key("max-failures").stringType().noDefaultValue(),
          ValueType.FAILURE_LIMIT,
          OptionGroup.RUN,
          CommandSets.RUNS,
          "How many models may fail, as a number or as a percentage of all: one more ends the run"
              + " early, with exit code 1. Without it the run goes on to the last model.");

  /** Where a run keeps what it needs to go on. */
  public static final DeclaredOption<String> STATE =
      DeclaredOption.of(
          key("state").stringType().noDefaultValue(),
          ValueType.text("DIR"),
          OptionGroup.RUN,
          CommandSets.RUNS,
          "Local folder for all that the run needs to go on where it was: after Ctrl-C or a crash,"
              + " start the same command again. On a cluster Flink's checkpoints do that.");

  /** Which run goes on. */
  public static final DeclaredOption<String> RUN_ID =
      DeclaredOption.of(
          key("run-id").stringType().noDefaultValue(),
          new ValueType<>(
              "ID",
              "at most 64 letters, digits and hyphens",
              text -> Optional.of(text).filter(id -> id.matches("[0-9A-Za-z-]{1,64}")),
              Function.identity()),
          OptionGroup.RUN,
          CommandSets.RUNS,
          "On a cluster: the run that flink run -s goes on with, as its files of results call it."
              + " In application mode under high availability: any id that is used once, so that a"
              + " job manager that starts again knows its run.");

  static final List<DeclaredOption<?>> ALL =
      List.of(
          PARALLELISM,
          LANES,
          BUFFER_SIZE,
          STALL_TIMEOUT,
          WINDOW_MODELS,
          WINDOW_SIZE,
          PLANNERS,
          CHECKPOINT_INTERVAL,
          CHECKPOINT_DIR,
          STATE,
          RUN_ID,
          FS_OPTION,
          FAIL_JOB_ON_FAILURES,
          METRICS_PORT,
          METRICS_ADDRESS,
          RETRIES,
          MAX_FAILURES);

  private RunOptions() {}
}
