package dev.countersign.jobs.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.cli.ProgramRuns.Ended;
import dev.countersign.jobs.terminal.ExitCode;
import dev.countersign.storage.servers.Fault;
import dev.countersign.storage.servers.FaultProxy;
import dev.countersign.storage.servers.Request;
import dev.countersign.storage.servers.S3Server;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Models and bundles on S3 from end to end, and what they cost. */
@Timeout(300)
final class S3ModelsITCase {

  private static final int FILES = 20;

  private static S3Lake lake;
  private static S3Server server;

  @TempDir Path folder;
  private ProgramRuns program;
  private URI bucket;
  private String model;

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
  void putModel() throws Exception {
    program = new ProgramRuns(folder);
    program.keyPair("release");
    bucket = server.newBucket();
    model = bucket + "/lake/m";
    for (int i = 0; i < FILES; i++) {
      String name = "m/part-" + (i / 5) + "/f" + i;
      server.buckets().put(bucket, "lake/" + name, ("content " + i).getBytes(UTF_8));
      Path unused = program.file(name, "content " + i);
    }
    forgetRequests();
  }

  @AfterEach
  void calm() {
    server.front().calm();
  }

  @Test
  void model_onS3_isSignedVerifiedAndItsChangesFound() throws Exception {
    Ended signed = sign();
    Ended verified = verify();
    server.buckets().put(bucket, "lake/m/part-1/f7", "Content 7".getBytes(UTF_8));
    server.buckets().put(bucket, "lake/m/more", "extra".getBytes(UTF_8));
    Ended tampered = verify();

    assertThat(signed.code()).as(signed.err()).isEqualTo(ExitCode.OK);
    assertThat(signed.outLines())
        .containsExactly("SIGNED   " + model + "  -> " + model + "/model.sig");
    assertThat(verified.code()).as(verified.err()).isEqualTo(ExitCode.OK);
    assertThat(verified.outLines()).containsExactly("VERIFIED " + model);
    assertThat(tampered.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(tampered.err())
        .contains(
            "CONTENT_MISMATCH",
            "changed  part-1/f7",
            "extra    more",
            "1 changed, 0 missing, 1 extra");
  }

  @Test
  void digest_onS3_isThatOfALocalCopyInTheSameCommand() {
    Ended digest = run("digest", "--quiet", model, folder + "/m");

    assertThat(digest.code()).as(digest.err()).isEqualTo(ExitCode.OK);
    assertThat(digest.outLines())
        .hasSize(2)
        .extracting(line -> line.substring(0, line.indexOf(' ')))
        .containsOnly(digest.outLines().get(0).substring(0, "sha256:".length() + 64));
  }

  @Test
  void sign_ofChangedModelWithABundle_isTwoListingsAGetForEachFileAndOnePut() throws Exception {
    assertThat(sign().code()).isEqualTo(ExitCode.OK);
    server.buckets().put(bucket, "lake/m/part-1/f7", "Content 7".getBytes(UTF_8));
    forgetRequests();

    Ended again = sign();

    assertThat(again.code()).as(again.err()).isEqualTo(ExitCode.OK);
    assertThat(requests()).isEqualTo(Map.of("LIST", 2L, "GET", FILES + 1L, "PUT", 1L));
  }

  @Test
  void verify_ofModel_readsEachByteOnceAndTheBundle() throws Exception {
    assertThat(sign().code()).isEqualTo(ExitCode.OK);
    forgetRequests();

    Ended verified = verify();

    assertThat(verified.code()).as(verified.err()).isEqualTo(ExitCode.OK);
    long bytes =
        server.front().log().stream()
            .filter(one -> one.request().path().contains("/part-"))
            .mapToLong(FaultProxy.Exchange::bytes)
            .sum();
    assertThat(bytes).isEqualTo(10 * "content 1".length() + 10 * "content 11".length());
    assertThat(requests()).containsEntry("GET", FILES + 1L).doesNotContainKey("PUT");
  }

  @Test
  void sign_withNoOverwrite_leavesTheBundle() {
    assertThat(sign().code()).isEqualTo(ExitCode.OK);
    byte[] bundle = server.buckets().get(bucket, "lake/m/model.sig");

    Ended refused = sign("--no-overwrite");

    assertThat(refused.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(refused.err()).contains("FAILED   " + model);
    assertThat(server.buckets().get(bucket, "lake/m/model.sig")).isEqualTo(bundle);
  }

  @Test
  void run_withFaultsOfTheStore_endsAsACalmOne() {
    server
        .front()
        .share(
            0.1,
            14,
            request -> !request.method().equals("HEAD"),
            Fault.status(503),
            Fault.resetBefore(),
            Fault.cutAfter(3));

    Ended signed = sign();
    server.front().calm();
    Ended verified = verify();

    assertThat(signed.code()).as(signed.err()).isEqualTo(ExitCode.OK);
    assertThat(verified.code()).as(verified.err()).isEqualTo(ExitCode.OK);
  }

  @Test
  void bucket_thatDoesNotExist_isAFailureOfTheModelAtOnce() {
    Ended missing = run("digest", "s3a://no-such-bucket/m");

    assertThat(missing.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(missing.err())
        .contains("there is no such bucket. Check its name, and fs.s3a.endpoint.");
  }

  private Ended sign(String... more) {
    List<String> arguments = new ArrayList<>(List.of("sign", "key"));
    arguments.addAll(List.of(more));
    arguments.addAll(List.of("--private-key", "release.key", model));
    return run(arguments.toArray(String[]::new));
  }

  private Ended verify() {
    return run("verify", "key", "--public-key", "release.pub", model);
  }

  /** Forgets the requests so far. The last answer arrives before its request is in the log. */
  private static void forgetRequests() throws InterruptedException {
    Thread.sleep(200);
    List<FaultProxy.Exchange> unused = server.front().takeLog();
  }

  /** Returns how many requests there were of each kind since the log was taken. */
  private static Map<String, Long> requests() {
    Map<String, Long> counts = new TreeMap<>();
    for (FaultProxy.Exchange one : server.front().log()) {
      Request request = one.request();
      counts.merge(request.isS3List() ? "LIST" : request.method(), 1L, Long::sum);
    }
    return counts;
  }

  private Ended run(String... arguments) {
    return program.run(lake.withOptions(arguments));
  }
}
