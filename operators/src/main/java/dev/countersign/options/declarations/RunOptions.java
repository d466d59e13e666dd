package dev.countersign.options.declarations;

import static org.apache.flink.configuration.ConfigOptions.key;

import dev.countersign.options.CommandSets;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.DeclaredOption.Identity;
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

/** Options for the execution of a run. */
public final class RunOptions {

  private static final WindowSettings WINDOW = WindowSettings.defaults();
  private static final ReadSettings READ = ReadSettings.defaults();
  private static final FaultSettings FAULTS = FaultSettings.defaults();

  /** Number of readers. */
  public static final DeclaredOption<Integer> PARALLELISM =
      DeclaredOption.of(
              key("parallelism").intType().noDefaultValue(),
              ValueType.number(1),
              OptionGroup.RUN,
              CommandSets.RUNS,
              "Number of parallel readers. Without the option: one per processor of this machine,"
                  + " or the default parallelism of the cluster.")
          .identifiedBy(Identity.NONE);

  /** Number of units that a reader hashes in parallel. */
  public static final DeclaredOption<Integer> LANES =
      DeclaredOption.of(
              key("lanes").intType().defaultValue(READ.lanes()),
              ValueType.number(1),
              OptionGroup.RUN,
              CommandSets.RUNS,
              "Number of units that a reader hashes in parallel, each on its own thread.")
          .identifiedBy(Identity.NONE);

  /** Size of a buffer. */
  public static final DeclaredOption<MemorySize> BUFFER_SIZE =
      DeclaredOption.of(
              key("buffer-size").memoryType().defaultValue(new MemorySize(READ.bufferBytes())),
              ValueType.SIZE,
              OptionGroup.RUN,
              CommandSets.RUNS,
              "Size of a buffer. Each lane has two. Memory does not grow with the size of files.")
          .identifiedBy(Identity.NONE);

  /** Time limit of a read without progress. */
  public static final DeclaredOption<Duration> STALL_TIMEOUT =
      DeclaredOption.of(
              key("stall-timeout").durationType().defaultValue(READ.stallTimeout()),
              ValueType.TIME,
              OptionGroup.RUN,
              CommandSets.RUNS,
              "Maximum time for a read without a byte, or a listing without a name. After that, the"
                  + " attempt fails. Each of the --retries may take as long again.")
          .identifiedBy(Identity.NONE);

  /** Number of models that are planned ahead. */
  public static final DeclaredOption<Integer> WINDOW_MODELS =
      DeclaredOption.of(
              key("window-models").intType().defaultValue(WINDOW.models()),
              ValueType.number(1),
              OptionGroup.RUN,
              CommandSets.RUNS,
              "Maximum number of models that are planned but not finished.")
          .identifiedBy(Identity.NONE);

  /** Memory for plans. */
  public static final DeclaredOption<MemorySize> WINDOW_SIZE =
      DeclaredOption.of(
              key("window-size").memoryType().defaultValue(new MemorySize(WINDOW.bytes())),
              ValueType.SIZE,
              OptionGroup.RUN,
              CommandSets.RUNS,
              "Approximate memory limit for the plans of these models.")
          .identifiedBy(Identity.NONE);

  /** Number of threads that list models. */
  public static final DeclaredOption<Integer> PLANNERS =
      DeclaredOption.of(
              key("planners").intType().defaultValue(WINDOW.planners()),
              ValueType.number(1),
              OptionGroup.RUN,
              CommandSets.RUNS,
              "Number of threads that list models.")
          .identifiedBy(Identity.NONE);

  /** Interval at which results are committed. */
  public static final DeclaredOption<Duration> CHECKPOINT_INTERVAL =
      DeclaredOption.of(
              key("checkpoint-interval").durationType().defaultValue(Duration.ofSeconds(10)),
              ValueType.TIME,
              OptionGroup.RUN,
              CommandSets.RUNS,
              "Interval at which results are committed. At most this much work is lost if a worker"
                  + " fails.")
          .identifiedBy(Identity.NONE);

  /** Folder for checkpoints. */
  public static final DeclaredOption<String> CHECKPOINT_DIR =
      DeclaredOption.of(
              key("checkpoint-dir").stringType().noDefaultValue(),
              ValueType.text("URI"),
              OptionGroup.RUN,
              CommandSets.RUNS,
              "Folder for checkpoints. Without the option: a temporary folder, or the one"
                  + " configured on the cluster. A cluster needs one of the two, because the state"
                  + " is too large for the memory of its job manager.")
          .identifiedBy(Identity.NONE);

  /** Settings for Hadoop's file systems. */
  public static final DeclaredOption<List<String>> FS_OPTION =
      DeclaredOption.ofList(
          key("fs-option").stringType().asList().defaultValues(),
          ValueType.text("KEY=VALUE"),
          OptionGroup.RUN,
          CommandSets.STORES,
          "Setting for Hadoop's file systems, such as fs.defaultFS=hdfs://namenode:8020. Takes"
              + " precedence over the files in HADOOP_CONF_DIR. Secrets are refused; they belong in"
              + " core-site.xml. On a cluster, set the option there as well.");

  /** Whether a failed model fails the application. */
  public static final DeclaredOption<Boolean> FAIL_JOB_ON_FAILURES =
      DeclaredOption.of(
              key("fail-job-on-failures").booleanType().defaultValue(false),
              ValueType.SWITCH,
              OptionGroup.RUN,
              CommandSets.RUNS,
              "In application mode, end the application as failed if a model failed. In other"
                  + " modes, the exit code reports this.")
          .identifiedBy(Identity.NONE);

  /** Port for metrics. */
  public static final DeclaredOption<Integer> METRICS_PORT =
      DeclaredOption.of(
              key("metrics-port").intType().noDefaultValue(),
              ValueType.port(),
              OptionGroup.RUN,
              CommandSets.RUNS,
              "Port that serves the metrics of the run at /metrics, in Prometheus text format. 0"
                  + " selects a free port and prints it. On a cluster, use Flink's own reporters.")
          .identifiedBy(Identity.NONE);

  /** Address for metrics. */
  public static final DeclaredOption<String> METRICS_ADDRESS =
      DeclaredOption.of(
              key("metrics-address").stringType().defaultValue("127.0.0.1"),
              ValueType.text("ADDRESS"),
              OptionGroup.RUN,
              CommandSets.RUNS,
              "Local address for --metrics-port. On an address other than the default, everyone who"
                  + " can reach it can read the metrics; there is no password.")
          .identifiedBy(Identity.NONE);

  /** Number of retries after a transient fault. */
  public static final DeclaredOption<Integer> RETRIES =
      DeclaredOption.of(
              key("retries").intType().defaultValue(FAULTS.retries()),
              ValueType.number(0),
              OptionGroup.RUN,
              CommandSets.RUNS,
              "Number of retries after a transient fault, such as a broken connection, a busy"
                  + " server or a stalled read. Applies to planning a model, reading a part of it"
                  + " and writing its bundle. The delays are about 1 s, 2 s, 4 s and so on, up to"
                  + " 30 s. 0 disables retries.")
          .identifiedBy(Identity.NONE);

  /** Number of failures after which a run ends. */
  public static final DeclaredOption<String> MAX_FAILURES =
      DeclaredOption.of(
              key("max-failures").stringType().noDefaultValue(),
              ValueType.FAILURE_LIMIT,
              OptionGroup.RUN,
              CommandSets.RUNS,
              "Number or percentage of models that may fail. One more ends the run early, with exit"
                  + " code 1. Without the option, all models are processed.")
          .identifiedBy(Identity.NONE);

  /** Folder from which a run resumes. */
  public static final DeclaredOption<String> STATE =
      DeclaredOption.of(
              key("state").stringType().noDefaultValue(),
              ValueType.text("DIR"),
              OptionGroup.RUN,
              CommandSets.RUNS,
              "Local folder for the state of the run. After Ctrl-C or a crash, run the same command"
                  + " again to resume. On a cluster, Flink's checkpoints serve this purpose.")
          .identifiedBy(Identity.NONE);

  /** Run to resume. */
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
              "ID of the run that flink run -s resumes on a cluster, as in the names of its result"
                  + " files. In application mode with high availability: any ID that is used only"
                  + " once, so that a restarted job manager recognizes its run.")
          .identifiedBy(Identity.NONE);

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
