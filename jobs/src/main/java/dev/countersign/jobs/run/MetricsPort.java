package dev.countersign.jobs.run;

import dev.countersign.jobs.embedded.MetricsServer;
import dev.countersign.jobs.terminal.Console;
import dev.countersign.options.UsageException;
import dev.countersign.options.declarations.OutputOptions;
import dev.countersign.options.declarations.RunOptions;
import dev.countersign.options.settings.OptionValues;
import dev.countersign.text.Printable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Opens the port that {@code --metrics-port} asks for. */
final class MetricsPort {

  private MetricsPort() {}

  /**
   * Opens the port, if one is asked for, and says where it is.
   *
   * @param page gives the metrics as of now; called by any thread
   * @return null if none is asked for
   * @throws UsageException if it cannot be opened
   */
  static @Nullable MetricsServer open(OptionValues values, Console console, Supplier<String> page) {
    Integer port = values.find(RunOptions.METRICS_PORT).orElse(null);
    if (port == null) {
      return null;
    }
    String name = values.get(RunOptions.METRICS_ADDRESS);
    try {
      MetricsServer server =
          MetricsServer.start(new InetSocketAddress(InetAddress.getByName(name), port), page);
      if (port == 0 || !values.get(OutputOptions.QUIET)) {
        console.say("Metrics: " + server.url());
      }
      return server;
    } catch (UnknownHostException e) {
      throw UsageException.of(
          e,
          "--metrics-address %s is not an address that this machine can resolve. Give an address"
              + " of this machine, such as 127.0.0.1.",
          Printable.of(name));
    } catch (IOException e) {
      throw UsageException.of(
          e,
          "--metrics-port %d cannot be opened on %s (%s). Name a port that is free, or 0 for"
              + " any, and an address of this machine with --metrics-address.",
          port,
          Printable.of(name),
          Printable.of(String.valueOf(e.getMessage())));
    }
  }

  /**
   * Refuses the option for a cluster's run.
   *
   * @throws UsageException if it was given
   */
  static void refuse(OptionValues values) {
    if (values.isGiven(RunOptions.METRICS_PORT)) {
      throw new UsageException(
          "--metrics-port is for runs in this process. On a cluster set metrics.reporters in"
              + " Flink's configuration; its reporter for Prometheus shows the same metrics, in"
              + " the group countersign.");
    }
  }
}
