package dev.countersign.options.declarations;

import static org.apache.flink.configuration.ConfigOptions.key;

import dev.countersign.hashing.KernelChoice;
import dev.countersign.options.CommandSets;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.DeclaredOption.Identity;
import dev.countersign.options.OptionGroup;
import dev.countersign.options.OptionSection;
import dev.countersign.options.ValueType;
import dev.countersign.outcome.FaultSettings;
import dev.countersign.source.reading.ReadSettings;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.apache.flink.configuration.MemorySize;

/** Options for the execution of a run. */
public final class RunOptions {

  private static final ReadSettings READ = ReadSettings.defaults();
  private static final FaultSettings FAULTS = FaultSettings.defaults();

  private static final OptionSection RUN =
      new OptionSection(OptionGroup.RUN, CommandSets.RUNS).identifiedBy(Identity.NONE);
  private static final OptionSection LISTINGS =
      RUN.acceptedBy(CommandSets.CHOOSE).identifiedBy(Identity.VALUE);

  public static final DeclaredOption<Integer> PARALLELISM =
      RUN.option(
          key("parallelism").intType().noDefaultValue(),
          ValueType.number(1),
          "Number of parallel readers. Without the option: one per processor of this machine, or"
              + " the default parallelism of the cluster.");

  public static final DeclaredOption<Integer> LANES =
      RUN.option(
          key("lanes").intType().defaultValue(READ.lanes()),
          ValueType.number(1),
          "Number of units that a reader hashes in parallel, each on its own thread.");

  public static final DeclaredOption<Integer> READ_DEPTH =
      RUN.option(
          key("read-depth").intType().defaultValue(READ.depth()),
          ValueType.number(1),
          "Number of small files (less than 4 MiB) that a reader reads at once from a store other"
              + " than a local disk. Buffers do not take more memory than those of the lanes.");

  public static final DeclaredOption<MemorySize> BUFFER_SIZE =
      RUN.option(
          key("buffer-size").memoryType().defaultValue(new MemorySize(READ.bufferBytes())),
          ValueType.SIZE,
          "Size of a buffer. Each lane has two. Memory does not grow with the size of files. In an"
              + " object store, --range-size applies instead.");

  public static final DeclaredOption<MemorySize> RANGE_SIZE =
      RUN.option(
          key("range-size").memoryType().defaultValue(new MemorySize(READ.ranges().bytes())),
          ValueType.SIZE,
          "Maximum number of bytes that one request reads from an object store, where this option"
              + " takes the place of --buffer-size. A reader requests as many parts of a large file"
              + " at once as fit into its buffers: two for each lane, of the larger of both"
              + " sizes.");

  public static final DeclaredOption<MemorySize> MAX_READ_RATE =
      RUN.option(
          key("max-read-rate").memoryType().noDefaultValue(),
          ValueType.SIZE,
          "Maximum number of bytes that all readers of the run together read from files in one"
              + " second. Each process gets a share that corresponds to its number of readers."
              + " Waiting is not a stall. Without the option, there is no limit.");

  public static final DeclaredOption<KernelChoice> HASH_KERNEL =
      RUN.option(
          key("hash-kernel").enumType(KernelChoice.class).defaultValue(READ.kernels()),
          ValueType.choice(KernelChoice.class, choice -> choice.name().toLowerCase(Locale.ROOT)),
          "Code that hashes. auto measures once for each machine and JDK what is fastest. vector"
              + " needs a JVM that runs with --add-modules jdk.incubator.vector; without it, and"
              + " for an algorithm that has no such code, jdk applies. jdk is portable for all but"
              + " sha256. Digests are the same with each.");

  public static final DeclaredOption<Duration> STALL_TIMEOUT =
      RUN.option(
          key("stall-timeout").durationType().defaultValue(READ.stallTimeout()),
          ValueType.TIME,
          "Maximum time for a read without a byte, a listing without a name, or a write without"
              + " progress; in an object store, for a request for a part of a file. After that, the"
              + " attempt fails. Each of the --retries may take as long again.");

  public static final DeclaredOption<Integer> WINDOW_MODELS =
      RUN.option(
          key("window-models").intType().noDefaultValue(),
          ValueType.number(1),
          "Maximum number of models that are planned but not finished. Without the option: 1,000,"
              + " or four times the units that all readers take at once if that is more.");

  public static final DeclaredOption<MemorySize> WINDOW_SIZE =
      RUN.option(
          key("window-size").memoryType().noDefaultValue(),
          ValueType.SIZE,
          "Approximate size of the plans of these models, serialized. Without the option: 64 MiB,"
              + " or 1 MiB for each of these units if that is more, up to an eighth of the heap.");

  public static final DeclaredOption<Integer> PLANNERS =
      RUN.option(
          key("planners").intType().noDefaultValue(),
          ValueType.number(1),
          "Number of models that are listed at once. Without the option: 4 on local disks, and 256"
              + " in other stores.");

  public static final DeclaredOption<Duration> CHECKPOINT_INTERVAL =
      RUN.option(
          key("checkpoint-interval").durationType().defaultValue(Duration.ofSeconds(10)),
          ValueType.TIME,
          "Interval at which results are committed. At most this much work is lost if a worker"
              + " fails.");

  public static final DeclaredOption<String> CHECKPOINT_DIR =
      RUN.option(
          key("checkpoint-dir").stringType().noDefaultValue(),
          ValueType.text("URI"),
          "Folder for checkpoints. Without the option: a temporary folder, or the one configured on"
              + " the cluster. A cluster needs one of the two, because the state is too large for"
              + " the memory of its job manager.");

  public static final DeclaredOption<String> STATE =
      RUN.option(
          key("state").stringType().noDefaultValue(),
          ValueType.text("DIR"),
          "Local folder for the state of the run. After Ctrl-C or a crash, run the same command"
              + " again to resume. On a cluster, Flink's checkpoints serve this purpose.");

  public static final DeclaredOption<String> RUN_ID =
      RUN.option(
          key("run-id").stringType().noDefaultValue(),
          ValueType.text(
              "ID",
              "at most 64 letters, digits and hyphens",
              id -> id.matches("[0-9A-Za-z-]{1,64}")),
          "ID of the run that flink run -s resumes on a cluster, as in the names of its result"
              + " files. In application mode with high availability: any ID that is used only once,"
              + " so that a restarted job manager recognizes its run.");

  public static final DeclaredOption<List<String>> FS_OPTION =
      LISTINGS
          .acceptedBy(CommandSets.STORES)
          .list(
              key("fs-option").stringType().asList().defaultValues(),
              ValueType.text("KEY=VALUE"),
              "Setting for Hadoop's file systems, such as fs.defaultFS=hdfs://namenode:8020. Takes"
                  + " precedence over the files in HADOOP_CONF_DIR. A cluster's processes get it"
                  + " with the job. Secrets are refused; they belong in core-site.xml or in a"
                  + " credential provider.");

  public static final DeclaredOption<Boolean> FAIL_JOB_ON_FAILURES =
      RUN.toggle(
          "fail-job-on-failures",
          "In application mode, end the application as failed if a model failed. In other modes,"
              + " the exit code reports this.");

  public static final DeclaredOption<Integer> METRICS_PORT =
      RUN.option(
          key("metrics-port").intType().noDefaultValue(),
          ValueType.port(),
          "Port that serves the metrics of the run at /metrics, in Prometheus text format. 0"
              + " selects a free port and prints it. On a cluster, use Flink's own reporters.");

  public static final DeclaredOption<String> METRICS_ADDRESS =
      RUN.option(
          key("metrics-address").stringType().defaultValue("127.0.0.1"),
          ValueType.text("ADDRESS"),
          "Local address for --metrics-port. On an address other than the default, everyone who can"
              + " reach it can read the metrics; there is no password.");

  public static final DeclaredOption<Integer> RETRIES =
      RUN.option(
          key("retries").intType().defaultValue(FAULTS.retries()),
          ValueType.number(0),
          "Number of retries after a transient fault, such as a broken connection, a busy server or"
              + " a stalled read. Applies to planning a model, reading a part of it and writing its"
              + " bundle. The delays are about 1 s, 2 s, 4 s and so on, up to 30 s. In an object"
              + " store, it applies to each request for a part of a file, with delays that begin at"
              + " 0.1 s, or at 0.5 s if the store is busy. 0 disables retries.");

  public static final DeclaredOption<String> MAX_FAILURES =
      RUN.option(
          key("max-failures").stringType().noDefaultValue(),
          ValueType.FAILURE_LIMIT,
          "Number or percentage of models that may fail. One more ends the run early, with exit"
              + " code 1. Without the option, all models are processed.");

  public static final DeclaredOption<Boolean> RECORD_LISTINGS =
      LISTINGS.toggle(
          "record-listings",
          "Store a list of what was hashed, for --since. It contains the size, times, version and"
              + " digest of each file and is written to the folder listings in --results, which is"
              + " required.");

  public static final DeclaredOption<String> SINCE =
      LISTINGS.option(
          key("since").stringType().noDefaultValue(),
          ValueType.text("URI"),
          "Folder with the results of an earlier run with --record-listings. Files that the storage"
              + " reports as unchanged since then are not read; their digests are reused. This"
              + " trusts the storage and the folder. On a cluster, its job manager and this machine"
              + " must be able to reach the folder.");

  static final List<DeclaredOption<?>> ALL = RUN.declared();

  private RunOptions() {}
}
