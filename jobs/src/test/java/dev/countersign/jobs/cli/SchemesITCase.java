package dev.countersign.jobs.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.cli.ProgramRuns.Ended;
import dev.countersign.jobs.terminal.ExitCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Names that would have this machine send requests, wherever a run takes a name. */
@Timeout(120)
final class SchemesITCase {

  @TempDir Path folder;

  private final AtomicInteger connections = new AtomicInteger();
  private ServerSocket server;
  private ProgramRuns program;
  private String host;

  @BeforeEach
  void setUp() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread answers = new Thread(this::answer, "server");
    answers.setDaemon(true);
    answers.start();
    host = "127.0.0.1:" + server.getLocalPort();
    program = new ProgramRuns(folder);
    program.keyPair("release");
    program.keyPair("next");
    program.file("lake/m/weights.bin", "weights");
    program.file("catalog.csv", "model,signature\nlake/m,http://" + host + "/sigs/m.sig\n");
    program.file(
        "policy.yaml",
        "version: 1\nrules:\n  - name: all\n    models: '.*'\n    accept: {keys: release.pub}\n");
    Ended signed = program.run("sign", "key", "--private-key", "release.key", "lake/m");
    assertThat(signed.code()).as(signed.err()).isEqualTo(ExitCode.OK);
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  /** Has nothing for anybody, in HTTP, until the server is closed. */
  private void answer() {
    while (true) {
      try (Socket caller = server.accept()) {
        connections.incrementAndGet();
        caller
            .getOutputStream()
            .write("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n".getBytes(US_ASCII));
      } catch (IOException e) {
        if (server.isClosed()) {
          return;
        }
      }
    }
  }

  static Stream<List<String>> commandsThatNameAUri() {
    return Stream.of(
        List.of("digest", "URI/m"),
        List.of("digest", "--dry-run", "URI/m"),
        List.of("verify", "key", "--public-key", "release.pub", "URI/m"),
        List.of("sign", "key", "--private-key", "release.key", "URI/m"),
        List.of("digest", "URI/m/*"),
        List.of("verify", "policy", "--policy", "URI/p.yaml", "lake/m"),
        List.of("verify", "certificate", "--crl", "URI/x.crl", "lake/m"),
        List.of("verify", "key", "--public-key", "URI/release.pub", "lake/m"),
        List.of("verify", "certificate", "--certificate-chain", "URI/root.pem", "lake/m"),
        List.of("verify", "certificate", "--tsa-certificate-chain", "URI/tsa.pem", "lake/m"),
        List.of("policy", "check", "URI/p.yaml"),
        List.of("inspect", "URI/m/model.sig"),
        List.of("report", "URI/results"),
        List.of("catalog", "URI/m"),
        List.of("verify", "key", "--public-key", "release.pub", "--catalog", "URI/c.csv"),
        List.of("digest", "--results", "URI/results", "lake/m"),
        List.of("digest", "--checkpoint-dir", "URI/checkpoints", "lake/m"),
        List.of("digest", "--since", "URI/results", "lake/m"),
        List.of("catalog", "--write", "URI/c.csv", "lake"),
        List.of(
            "sign",
            "key",
            "--private-key",
            "release.key",
            "--signature-root",
            "URI/sigs",
            "--catalog",
            "catalog.csv"),
        List.of(
            "resign",
            "key",
            "--private-key",
            "next.key",
            "--policy",
            "policy.yaml",
            "--keep-previous",
            "URI/kept",
            "lake/m"),
        List.of(
            "verify", "key", "--public-key", "release.pub", "--signature", "URI/x.sig", "lake/m"),
        List.of(
            "sign", "key", "--private-key", "release.key", "--signature", "URI/x.sig", "lake/m"));
  }

  @ParameterizedTest
  @MethodSource("commandsThatNameAUri")
  void uri_ofASchemeThatHadoopMerelyFinds_isRefusedByNameAndAsksNobody(List<String> command) {
    Ended ended = run(command, "http://" + host);

    assertThat(ended.code()).as(ended.err()).isIn(ExitCode.MODEL_FAILED, ExitCode.USAGE);
    assertThat(ended.out() + ended.err())
        .contains("the scheme http.")
        .doesNotContain("INTERNAL_ERROR")
        .doesNotContain("Exception");
    assertThat(connections).hasValue(0);
  }

  @Test
  void reportFile_atAUri_isRefusedAndAsksNobody() {
    assertThat(program.run("digest", "--results", "results", "lake/m").code())
        .isEqualTo(ExitCode.OK);

    for (String format : List.of("html", "csv", "json")) {
      String file = "http://" + host + "/report";
      Ended ended = program.run("report", "--format", format, "--report-file", file, "results");

      assertThat(ended.code()).isEqualTo(ExitCode.USAGE);
      assertThat(ended.err())
          .contains("--report-file is '" + file + "', but must be a file on this machine");
    }
    assertThat(connections).hasValue(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"https", "ftp", "sftp", "har", "jar"})
  void uri_ofAnotherSchemeOfHadoops_isRefusedByName(String scheme) {
    Ended digest = program.run("digest", scheme + "://" + host + "/m");
    Ended report = program.run("report", scheme + "://" + host + "/m");

    assertThat(digest.err()).contains("UNREADABLE: ", "the scheme " + scheme + ".");
    assertThat(report.err()).contains("the scheme " + scheme + ".");
    assertThat(connections).hasValue(0);
  }

  @Test
  void uri_withoutAHost_isReadOnlyWhereTheConfigurationNamesOne() {
    Ended without =
        program.run(
            "digest",
            "--fs-option",
            "fs.defaultFS=file:///",
            "webhdfs:///m",
            "swebhdfs:/m",
            "hdfs:///m");
    Ended with =
        program.run("digest", "--fs-option", "fs.defaultFS=webhdfs://" + host, "webhdfs:///m");

    assertThat(without.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(without.err())
        .contains("webhdfs:///m names no host, and fs.defaultFS none of webhdfs.")
        .contains("Write swebhdfs://HOST/PATH.", "Write hdfs://HOST/PATH.");
    assertThat(with.err()).doesNotContain("names no host");
    assertThat(connections).hasPositiveValue();
  }

  @Test
  void scheme_forWhichTheCallerNamesAnImplementation_isRead() {
    Ended ended =
        program.run(
            "digest",
            "--fs-option",
            DenyingFileSystem.OPTION,
            DenyingFileSystem.SCHEME + "://" + folder + "/lake/m");

    assertThat(ended.code()).as(ended.err()).isEqualTo(ExitCode.OK);
  }

  @Test
  void publicKey_inAStore_isRead() {
    Ended ended =
        program.run(
            "verify",
            "key",
            "--fs-option",
            DenyingFileSystem.OPTION,
            "--public-key",
            DenyingFileSystem.SCHEME + "://" + folder + "/release.pub",
            "lake/m");

    assertThat(ended.code()).as(ended.err()).isEqualTo(ExitCode.OK);
  }

  @ParameterizedTest
  @ValueSource(strings = {"--private-key", "--password-file"})
  void secret_inAStore_isRefused(String option) {
    List<String> sign = new ArrayList<>(List.of("sign", "key", "lake/m"));
    sign.addAll(List.of(option, "s3a://lake/secret"));
    if (!option.equals("--private-key")) {
      sign.addAll(List.of("--private-key", "release.key"));
    }
    Ended ended = program.run(sign.toArray(String[]::new));

    assertThat(ended.code()).isEqualTo(ExitCode.USAGE);
    assertThat(ended.err())
        .isEqualTo(
            "countersign: "
                + option
                + " is 's3a://lake/secret', and must be a path on this machine.\n");
  }

  @Test
  void host_thatOnlyACatalogNames_isRefusedWithTheRemedyAndAskedNothing() throws IOException {
    program.file(
        "lake/catalog.csv",
        "model\n"
            + "m\n"
            + ("webhdfs://" + host + "/m\n")
            + ("WEBHDFS://" + host + "/n/../m\n")
            + ("http://" + host + "/m\n")
            + ("hdfs://" + host + "/m\n"));

    Ended ended =
        program.run(
            "verify", "key", "--public-key", "release.pub", "--catalog", "lake/catalog.csv");

    assertThat(ended.code()).as(ended.err()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(ended.outLines()).containsExactly("VERIFIED lake/m");
    assertThat(ended.err())
        .contains(
            "catalog.csv, line 3: the model webhdfs://" + host + "/m is on a store that",
            "--allow-store webhdfs://" + host,
            "--allow-store hdfs://" + host,
            "the scheme http.");
    assertThat(connections).hasValue(0);
  }

  @Test
  void bundle_thatACatalogPlacesOnAnotherHost_isRefusedAndAskedNothing() throws IOException {
    program.file("lake/catalog.csv", "model,signature\nm,webhdfs://" + host + "/m/model.sig\n");

    Ended ended =
        program.run(
            "sign",
            "key",
            "--private-key",
            "release.key",
            "--allow-store",
            "webhdfs://" + host,
            "--catalog",
            "lake/catalog.csv");

    assertThat(ended.code()).as(ended.err()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(connections).hasValue(0);
  }

  @Test
  void host_thatTheCallerAllows_isAsked() throws IOException {
    program.file("lake/catalog.csv", "model\nwebhdfs://" + host + "/m\n");

    Ended ended =
        program.run(
            "digest",
            "--retries",
            "0",
            "--allow-store",
            "webhdfs://" + host,
            "--catalog",
            "lake/catalog.csv");

    assertThat(ended.err()).doesNotContain("--allow-store");
    assertThat(connections).hasPositiveValue();
  }

  @Test
  void host_thatTheSiteConfigures_isAsked() throws IOException {
    program.file("lake/catalog.csv", "model\nwebhdfs://" + host + "/m\n");

    Ended ended =
        program.run(
            "digest",
            "--retries",
            "0",
            "--fs-option",
            "fs.defaultFS=webhdfs://" + host,
            "--catalog",
            "lake/catalog.csv");

    assertThat(ended.err()).doesNotContain("--allow-store");
    assertThat(connections).hasPositiveValue();
  }

  @Test
  void allowedStore_thatIsNone_isWrongUsage() throws IOException {
    program.file("lake/catalog.csv", "model\nm\n");

    for (String store : List.of("nn2:8020", "hdfs://", "hdfs://nn2/path", "/lake", "")) {
      Ended ended = program.run("digest", "--allow-store", store, "--catalog", "lake/catalog.csv");

      assertThat(ended.code()).as(store).isEqualTo(ExitCode.USAGE);
      assertThat(ended.err()).contains("--allow-store");
    }
    Ended alone = program.run("digest", "--allow-store", "hdfs://nn2:8020", "lake/m");

    assertThat(alone.code()).isEqualTo(ExitCode.USAGE);
    assertThat(alone.err()).contains("--allow-store needs --catalog");
  }

  private Ended run(List<String> command, String uri) {
    return program.run(
        command.stream().map(word -> word.replace("URI", uri)).toArray(String[]::new));
  }
}
