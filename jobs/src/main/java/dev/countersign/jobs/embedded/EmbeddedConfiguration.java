package dev.countersign.jobs.embedded;

import dev.countersign.pipeline.ModelStreams;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import org.apache.flink.configuration.BlobServerOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.MetricOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.SecurityOptions;
import org.apache.flink.configuration.TaskManagerOptions;

/**
 * Configuration of the cluster in this process: it listens nowhere, takes little memory, keeps
 * everything in one folder, and gives up after a few attempts.
 */
final class EmbeddedConfiguration {

  static final String LOOPBACK = "127.0.0.1";

  private static final String REPORTER = "countersign";
  private static final long MIB = 1L << 20;

  /** Buffers that one channel between two tasks may need, of 32 KiB each. */
  private static final int BUFFERS_PER_CHANNEL = 4;

  /** The group of all hosts. */
  private static final String GROUP = "224.0.0.1";

  private EmbeddedConfiguration() {}

  static Configuration of(EmbeddedEngine.Settings settings, String board) {
    Configuration cluster = new Configuration();
    String folder = settings.folder().resolve("flink").toString();
    cluster.set(CoreOptions.TMP_DIRS, folder);
    cluster.set(BlobServerOptions.STORAGE_DIRECTORY, folder);

    cluster.set(JobManagerOptions.BIND_HOST, unreachable());
    cluster.set(JobManagerOptions.ADDRESS, LOOPBACK);
    cluster.set(TaskManagerOptions.BIND_HOST, LOOPBACK);
    cluster.set(TaskManagerOptions.HOST, LOOPBACK);
    // The BLOB server is closed before there is a job, so no descriptor may go through it.
    cluster.set(BlobServerOptions.OFFLOAD_MINSIZE, Integer.MAX_VALUE);
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
    return cluster;
  }

  static String checkpointFolder(EmbeddedEngine.Settings settings) {
    return settings.checkpointFolder().isEmpty()
        ? "file://" + settings.folder().resolve("checkpoints")
        : settings.checkpointFolder();
  }

  /**
   * Returns the address for the BLOB server, which exists for an instant of the start. TCP connects
   * to no group address (RFC 1122, 4.2.3.10), so nobody reaches one that is bound there. Systems
   * other than Linux refuse such an address: there it is open to this machine for that instant,
   * when it holds nothing, and what it is given goes with it.
   */
  private static String unreachable() {
    try (ServerSocket bound = new ServerSocket(0, 1, InetAddress.getByName(GROUP))) {
      return bound.getInetAddress().getHostAddress();
    } catch (IOException e) {
      return LOOPBACK;
    }
  }

  /** 32 MiB carry eight slots; beyond that channels grow with the square at first. */
  static MemorySize networkMemory(int parallelism) {
    long channels = (long) parallelism * ModelStreams.laterParallelism(parallelism);
    long bytes = channels * BUFFERS_PER_CHANNEL * (32 << 10) + 16 * MIB;
    return new MemorySize(Math.max(32 * MIB, bytes));
  }
}
