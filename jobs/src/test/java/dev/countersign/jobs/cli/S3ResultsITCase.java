package dev.countersign.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.ForkedProgram;
import dev.countersign.jobs.cli.ProgramRuns.Ended;
import dev.countersign.jobs.terminal.ExitCode;
import dev.countersign.storage.servers.S3Server;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Results, checkpoints and listings on S3, and on stores that lack a plugin for them. */
@Timeout(300)
final class S3ResultsITCase {

  private static final long SETTLED_MILLIS = 2_100;
  private static final int MODELS = 20;

  private static S3Lake lake;
  private static S3Server server;

  @TempDir Path folder;
  private ProgramRuns program;
  private URI bucket;

  @BeforeAll
  static void startServer() throws Exception {
    lake = S3Lake.start();
    server = lake.server();
  }

  @AfterAll
  static void stopServer() throws Exception {
    lake.close();
  }

  @BeforeEach
  void setUp() throws Exception {
    program = new ProgramRuns(folder);
    bucket = server.newBucket();
  }

  @Test
  void results_onS3_areCommittedReportedAndReused() throws Exception {
    program.file("lake/a/weights.bin", "weights of a");
    program.file("lake/b/weights.bin", "weights of b");
    Thread.sleep(SETTLED_MILLIS);

    Ended first = run("digest", "--record-listings", "--results", bucket + "/first", "lake/*");
    String s3 = bucket.toString().replace("s3a:", "s3:");
    Ended report = run("report", "--format", "json", "--report-file", "-", s3 + "/first");
    Ended since = run("digest", "--output", "json", "--since", s3 + "/first", "lake/*");

    assertThat(first.code()).as(first.err()).isEqualTo(ExitCode.OK);
    assertThat(server.buckets().keys(bucket))
        .anyMatch(key -> key.matches("first/results-.*\\.avro"))
        .anyMatch(key -> key.matches("first/run-.*\\.json"))
        .anyMatch(key -> key.matches("first/listings/listings-.*\\.avro"))
        .noneMatch(key -> key.contains("inprogress"));
    assertThat(report.code()).as(report.err()).isEqualTo(ExitCode.OK);
    assertThat(report.out()).contains("lake/a", "lake/b");
    assertThat(since.code()).as(since.err()).isEqualTo(ExitCode.OK);
    assertThat(since.outLines()).hasSize(2).allMatch(line -> line.contains("\"reused\":true"));
  }

  @Test
  void run_killedAndStartedAgain_hasOneResultForEachModelOnS3() throws Exception {
    for (int i = 0; i < MODELS; i++) {
      program.file("lake/model-" + i + "/weights.slow", "w".repeat(1_000 + i));
    }
    String[] digest =
        lake.withOptions(
            "digest",
            "--state",
            "state",
            "--results",
            bucket + "/results",
            "--parallelism",
            "2",
            "--read-depth",
            "1",
            "--checkpoint-interval",
            "500 ms",
            "faulty://" + folder + "/lake/*");

    ForkedProgram killed = start(digest);
    while (resultFiles().count() < 2) {
      assertThat(killed.isAlive()).as(killed.err()).isTrue();
      Thread.sleep(100);
    }
    killed.kill();
    assertThat(killed.await()).isGreaterThan(128);
    ForkedProgram again = start(digest);
    int code = again.await();

    assertThat(code).as(again.err()).isEqualTo(ExitCode.OK);
    assertThat(again.out()).hasSize(MODELS).doesNotHaveDuplicates();
    assertThat(again.err()).contains("Resumed: ");
    Ended report = run("report", "--format", "csv", "--report-file", "-", bucket + "/results");
    assertThat(report.outLines().stream().filter(line -> line.contains("/lake/model-")))
        .hasSize(MODELS);
  }

  @ParameterizedTest
  @CsvSource({
    "gs://lake/results, flink-gs-fs-hadoop",
    "abfs://lake@account.dfs.core.windows.net/results, flink-azure-fs-hadoop",
    "abfss://lake@account.dfs.core.windows.net/results, flink-azure-fs-hadoop"
  })
  void results_whereFlinkNeedsAPlugin_areRefusedWithItsName(String uri, String plugin)
      throws Exception {
    program.file("lake/a/weights.bin", "weights of a");

    for (String option : List.of("--results", "--checkpoint-dir")) {
      Ended refused = run("digest", option, uri, "lake/a");

      assertThat(refused.code()).isEqualTo(ExitCode.USAGE);
      assertThat(refused.err())
          .isEqualTo(
              "countersign: "
                  + option
                  + ": "
                  + uri
                  + " needs "
                  + plugin
                  + ", a plugin of Flink's, which is missing. Put its jar into a folder of its own"
                  + " in plugins/, beside countersign.jar or, on a cluster, in Flink's folder on"
                  + " every machine, or name a local folder, or one on HDFS or S3.\n");
    }
  }

  @Test
  void results_onS3WithASettingThatFlinkLacks_areRefused() throws Exception {
    program.file("lake/a/weights.bin", "weights of a");

    Ended refused =
        run(
            "digest",
            "--fs-option",
            "fs.s3a.requester.pays.enabled=true",
            "--results",
            bucket + "/results",
            "lake/a");

    assertThat(refused.code()).isEqualTo(ExitCode.USAGE);
    assertThat(refused.err()).contains("fs.s3a.requester.pays.enabled is set, and Flink's");
  }

  @Test
  void results_onS3ThatRefusesConnections_areRefusedWithItsReason() throws Exception {
    program.file("lake/a/weights.bin", "weights of a");
    String[] digest =
        lake.withOptions(
            "digest",
            "--results",
            bucket + "/results",
            "--fs-option",
            "fs.s3a.attempts.maximum=1",
            "lake/a");
    for (int i = 0; i < digest.length; i++) {
      if (digest[i].startsWith("fs.s3a.endpoint=")) {
        digest[i] = "fs.s3a.endpoint=http://127.0.0.1:1";
      }
    }

    Ended refused = program.run(digest);

    assertThat(refused.code()).isEqualTo(ExitCode.USAGE);
    assertThat(refused.err())
        .contains("--results " + bucket + "/results cannot be made (", "Connection refused");
  }

  private Stream<String> resultFiles() {
    return server.buckets().keys(bucket).stream().filter(key -> key.startsWith("results/results-"));
  }

  private ForkedProgram start(String[] arguments) throws Exception {
    List<String> options = new ArrayList<>(List.of("-Dcountersign.test.pause-millis=100"));
    lake.credentials().forEach((name, value) -> options.add("-D" + name + "=" + value));
    return ForkedProgram.start(folder, options, List.of(arguments));
  }

  private Ended run(String... arguments) {
    return program.run(lake.withOptions(arguments));
  }
}
