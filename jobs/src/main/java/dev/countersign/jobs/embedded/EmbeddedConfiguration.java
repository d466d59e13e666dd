package dev.countersign.jobs.embedded;

import java.time.Duration;
import org.apache.flink.configuration.BlobServerOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.MetricOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.SecurityOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.configuration.WebOptions;

/**
 * How the cluster in this process is configured: it listens on the loopback interface only, takes
 * little memory, keeps everything in one folder, and gives up after a few attempts.
 */
final class EmbeddedConfiguration {

  static final String LOOPBACK = "127.0.0.1";

  private static final String REPORTER = "countersign";
  private static final long MIB = 1L << 20;

  /** Buffers that one channel between two tasks may need, of 32 KiB each. */
  private static final int BUFFERS_PER_CHANNEL = 4;

  private EmbeddedConfiguration() {}

  static Configuration of(EmbeddedSettings settings, String board) {
    Configuration cluster = new Configuration();
    String folder = settings.folder().resolve("flink").toString();
    cluster.set(CoreOptions.TMP_DIRS, folder);
    cluster.set(BlobServerOptions.STORAGE_DIRECTORY, folder);
    cluster.set(WebOptions.TMP_DIR, folder);

    cluster.set(JobManagerOptions.BIND_HOST, LOOPBACK);
    cluster.set(JobManagerOptions.ADDRESS, LOOPBACK);
    cluster.set(TaskManagerOptions.BIND_HOST, LOOPBACK);
    cluster.set(TaskManagerOptions.HOST, LOOPBACK);
    cluster.set(RestOptions.ADDRESS, LOOPBACK);
    cluster.set(RestOptions.BIND_ADDRESS, LOOPBACK);
    cluster.set(RestOptions.BIND_PORT, "0");
    cluster.set(RestOptions.PORT, 0);
    cluster.set(WebOptions.SUBMIT_ENABLE, false);
    // One process needs no tokens to pass on, and asking for them loads half of Hadoop.
    cluster.set(SecurityOptions.DELEGATION_TOKENS_ENABLED, false);

    MemorySize network = networkMemory(settings.parallelism());
    cluster.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ZERO);
    cluster.set(TaskManagerOptions.NETWORK_MEMORY_MIN, network);
    cluster.set(TaskManagerOptions.NETWORK_MEMORY_MAX, network);

    cluster.set(RestartStrategyOptions.RESTART_STRATEGY, "exponential-delay");
    cluster.set(
        RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_INITIAL_BACKOFF,
        Duration.ofMillis(200));
    cluster.set(
        RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_MAX_BACKOFF,
        Duration.ofSeconds(5));
    cluster.set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_ATTEMPTS, 5);

    cluster.set(MetricOptions.REPORTERS_LIST, REPORTER);
    Configuration reporter = MetricOptions.forReporter(cluster, REPORTER);
    reporter.set(MetricOptions.REPORTER_FACTORY_CLASS, ProgressReporter.Factory.class.getName());
    reporter.setString(ProgressReporter.BOARD, board);

    settings.fileSystems().forEach((key, value) -> cluster.setString("flink.hadoop." + key, value));
    return cluster;
  }

  static String checkpointFolder(EmbeddedSettings settings) {
    return settings.checkpointFolder().isEmpty()
        ? "file://" + settings.folder().resolve("checkpoints")
        : settings.checkpointFolder();
  }

  /** 32 MiB carry eight slots; beyond that channels grow with the square. */
  private static MemorySize networkMemory(int parallelism) {
    long channels = (long) parallelism * parallelism;
    long bytes = channels * BUFFERS_PER_CHANNEL * (32 << 10) + 16 * MIB;
    return new MemorySize(Math.max(32 * MIB, bytes));
  }
}
