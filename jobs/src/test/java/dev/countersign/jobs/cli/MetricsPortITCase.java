package dev.countersign.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.FreePort;
import dev.countersign.jobs.cli.ProgramRuns.Ended;
import dev.countersign.jobs.embedded.PrometheusText;
import dev.countersign.jobs.terminal.ExitCode;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code --metrics-port}, scraped as Prometheus would while a run goes on. */
@Timeout(300)
final class MetricsPortITCase {

  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final int SLOW_BYTES = 100 * (64 << 10);

  @TempDir Path folder;
  private ProgramRuns program;

  @BeforeEach
  void setUp() throws IOException {
    program = new ProgramRuns(folder);
    program.keyPair("release");
    program.file("lake/quick/weights.bin", "weights");
    program.file("lake/empty/.gitignore", "nothing else");
    // Takes 100 pieces of a tenth of a second each.
    Files.createDirectories(folder.resolve("lake/slow"));
    Files.write(folder.resolve("lake/slow/weights.slow"), new byte[SLOW_BYTES]);
  }

  @Test
  void run_whileItGoesOn_showsHowFarItIs() throws Exception {
    int port = FreePort.next();
    CompletableFuture<Ended> run =
        CompletableFuture.supplyAsync(
            () ->
                program.run(
                    "sign",
                    "key",
                    "--private-key",
                    "release.key",
                    "--metrics-port",
                    String.valueOf(port),
                    "faulty://" + folder + "/lake/{quick,slow,empty}"),
            // Not the common pool: on two cores it may have one thread, which Flink needs too.
            task -> new Thread(task, "signer").start());

    List<PrometheusText> scraped = new ArrayList<>();
    while (!run.isDone()) {
      try {
        scraped.add(PrometheusText.parse(scrape(port)));
      } catch (ConnectException e) {
        // Before the port is open, or after the end.
      }
      Thread.sleep(20);
    }
    Ended ended = run.get(60, TimeUnit.SECONDS);

    assertThat(ended.code()).as(ended.err()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(ended.err()).contains("Metrics: http://127.0.0.1:" + port + "/metrics");
    assertThat(scraped)
        .as("scraped in the middle of the slow model, with the others done")
        .anySatisfy(
            page -> {
              assertThat(page.value("countersign_hashed_bytes_total"))
                  .isGreaterThan(64 << 10)
                  .isLessThan(SLOW_BYTES);
              assertThat(page.value("countersign_models_total{outcome=\"SIGNED\"}")).isEqualTo(1);
              assertThat(page.value("countersign_models_total{outcome=\"FAILED\"}")).isEqualTo(1);
              assertThat(page.value("countersign_failures_total{reason=\"EMPTY_MODEL\"}"))
                  .isEqualTo(1);
              assertThat(page.value("countersign_signature_seconds_count")).isEqualTo(1);
              assertThat(page.value("countersign_bundle_write_seconds_count")).isEqualTo(1);
              assertThat(page.value("countersign_run_models")).isEqualTo(3);
              assertThat(page.value("countersign_waiting_models")).isEqualTo(1);
              assertThat(page.value("countersign_in_flight_units")).isEqualTo(1);
              assertThat(page.value("countersign_reading_seconds_total"))
                  .isGreaterThan(page.value("countersign_hashing_seconds_total"));
            });
    for (int i = 1; i < scraped.size(); i++) {
      PrometheusText before = scraped.get(i - 1);
      PrometheusText page = scraped.get(i);
      page.types()
          .forEach(
              (name, type) -> {
                if (type.equals("counter") && page.samples().containsKey(name)) {
                  assertThat(page.value(name)).as(name).isGreaterThanOrEqualTo(before.value(name));
                }
              });
    }
  }

  @Test
  void port_0_isOneThatIsFreeAndIsToldEvenQuietly() {
    Ended ended = program.run("digest", "--quiet", "--metrics-port", "0", "lake/quick");

    assertThat(ended.code()).isEqualTo(ExitCode.OK);
    assertThat(ended.err()).matches("Metrics: http://127\\.0\\.0\\.1:[1-9][0-9]*/metrics\n");
  }

  @Test
  void port_inUse_isWrongUsageBeforeAnythingIsDone() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Ended ended =
          program.run(
              "sign",
              "key",
              "--private-key",
              "release.key",
              "--metrics-port",
              String.valueOf(taken.getLocalPort()),
              "lake/quick");

      assertThat(ended.code()).isEqualTo(ExitCode.USAGE);
      assertThat(ended.out()).isEmpty();
      assertThat(ended.err())
          .contains(
              "--metrics-port " + taken.getLocalPort() + " cannot be opened on 127.0.0.1 (",
              "Name a port that is free, or 0 for any")
          .doesNotContain("Exception");
      assertThat(folder.resolve("lake/quick/model.sig")).doesNotExist();
    }
  }

  @Test
  void address_thatIsNone_isWrongUsage() {
    Ended ended =
        program.run(
            "digest",
            "--metrics-port",
            "0",
            "--metrics-address",
            "256.0.0.1.invalid",
            "lake/quick");
    Ended alone = program.run("digest", "--metrics-address", "127.0.0.1", "lake/quick");

    assertThat(ended.code()).isEqualTo(ExitCode.USAGE);
    assertThat(ended.err()).contains("--metrics-address 256.0.0.1.invalid is not an address");
    assertThat(alone.code()).isEqualTo(ExitCode.USAGE);
    assertThat(alone.err()).contains("--metrics-address needs --metrics-port");
  }

  private static String scrape(int port) throws IOException, InterruptedException {
    return CLIENT
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics")).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }
}
