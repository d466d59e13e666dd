package dev.countersign.stage;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.countersign.keys.KeyPairFiles;
import dev.countersign.oms.Bundle;
import dev.countersign.oms.BundleJson;
import dev.countersign.oms.OmsBounds;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.DifferenceCounts;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import dev.countersign.signing.TimestampSettings;
import dev.countersign.source.planning.ExistingBundle;
import dev.countersign.trust.CertificateForge;
import dev.countersign.trust.CertificateForge.Issued;
import dev.countersign.trust.RevocationLists;
import dev.countersign.trust.TimestampForge;
import dev.countersign.trust.TimestampVerifier;
import dev.countersign.trust.TrustAnchors;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.bouncycastle.tsp.TimeStampRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signatures that wait for a timestamp authority. */
final class TimestampedSigningTest {

  private static final Issued AUTHORITY =
      CertificateForge.timestampAuthority("CN=Authority").issue();

  @TempDir Path folder;

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private HttpServer server;
  private Path key;

  @BeforeEach
  void setUp() throws IOException {
    key = folder.resolve("test.key");
    Files.write(
        key,
        KeyPairFiles.privatePem(KeyPairFiles.generate("P-256").getPrivate(), Optional.empty()));
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.start();
  }

  @AfterEach
  void stopServer() {
    server.stop(0);
    threads.shutdownNow();
  }

  @Test
  void models_thatWaitForTheAuthority_waitAtTheSameTime() throws Exception {
    CountDownLatch all = new CountDownLatch(5);
    server.createContext(
        "/",
        exchange -> {
          all.countDown();
          await(all);
          answer(exchange);
        });

    List<ModelResult> results = sign(5);

    assertThat(results).extracting(ModelResult::getOutcome).containsOnly(Outcome.SIGNED);
    assertThat(results).extracting(ModelResult::getTimestamp).containsOnly(CertificateForge.NOW);
    for (int i = 0; i < 5; i++) {
      Bundle bundle =
          BundleJson.read(Files.readAllBytes(folder.resolve(i + ".sig")), OmsBounds.defaults());
      assertThat(
              new TimestampVerifier(
                      TrustAnchors.of(List.of(AUTHORITY.certificate())), RevocationLists.none())
                  .verify(bundle.timestamps().get(0).der(), bundle.envelope().signature())
                  .time())
          .isEqualTo(CertificateForge.NOW);
    }
  }

  @Test
  void models_thatWaitAtACheckpoint_areSignedAfterARestart() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch hanging = new CountDownLatch(1);
    server.createContext(
        "/",
        exchange -> {
          asked.countDown();
          await(hanging);
          answer(exchange);
        });
    OperatorSubtaskState checkpoint;
    OneInputStreamOperatorTestHarness<AssembledModel, ModelResult> first = harness();
    first.open();
    first.processElement(model(0), 0);
    await(asked);

    checkpoint = first.snapshot(1, 1);
    hanging.countDown();
    first.close();
    List<ModelResult> results;
    try (OneInputStreamOperatorTestHarness<AssembledModel, ModelResult> second = harness()) {
      second.initializeState(checkpoint);
      second.open();
      second.endInput();
      results = second.extractOutputValues();
    }

    assertThat(results).extracting(ModelResult::getOutcome).containsExactly(Outcome.SIGNED);
  }

  @Test
  void models_thatGetNoTimestamp_failAndLeaveNoBundle() throws Exception {
    server.createContext("/", exchange -> exchange.sendResponseHeaders(403, -1));

    List<ModelResult> results = sign(1);

    assertThat(results).extracting(ModelResult::getOutcome).containsExactly(Outcome.FAILED);
    assertThat(results.get(0).getReason()).isEqualTo(FailureReason.SIGNING_FAILED);
    assertThat(results.get(0).getMessage()).contains("403");
    assertThat(folder.resolve("0.sig")).doesNotExist();
  }

  @Test
  void models_thatFailedBefore_passThroughAsTheyAre() throws Exception {
    AssembledModel failed = model(0);
    failed.setVerdict(new ModelFailure(FailureReason.EMPTY_MODEL, "empty").verdict());

    List<ModelResult> results = sign(List.of(failed));

    assertThat(results).extracting(ModelResult::getReason).containsOnly(FailureReason.EMPTY_MODEL);
  }

  private List<ModelResult> sign(int models) throws Exception {
    List<AssembledModel> all = new ArrayList<>();
    for (int i = 0; i < models; i++) {
      all.add(model(i));
    }
    return sign(all);
  }

  @Test
  void models_thatAreSignedAgain_getATimestampIfTheyAreWhatWasSigned() throws Exception {
    server.createContext("/", TimestampedSigningTest::answer);
    AssembledModel same = model(0);
    same.getHeader().setOperation(Operation.RESIGN);
    same.getHeader().setPreviousSigner("before");
    AssembledModel other = model(1);
    other.getHeader().setOperation(Operation.RESIGN);
    other.setCounts(new DifferenceCounts(0L, 0L, 1L, 0L));

    List<ModelResult> results = sign(List.of(same, other));

    assertThat(results).hasSize(2);
    ModelResult signed =
        results.stream().filter(result -> result.getEntryId() == 0).findFirst().orElseThrow();
    ModelResult failed =
        results.stream().filter(result -> result.getEntryId() == 1).findFirst().orElseThrow();
    assertThat(signed.getOutcome()).as(signed.getMessage()).isEqualTo(Outcome.SIGNED);
    assertThat(signed.getPreviousSigner()).isEqualTo("before");
    assertThat(signed.getTimestamp()).isNotNull();
    assertThat(failed.getReason()).isEqualTo(FailureReason.CONTENT_MISMATCH);
    assertThat(failed.getTimestamp()).isNull();
    assertThat(folder.resolve("1.sig")).doesNotExist();
  }

  private List<ModelResult> sign(List<AssembledModel> models) throws Exception {
    return StageHarness.run(stage(), models);
  }

  private OneInputStreamOperatorTestHarness<AssembledModel, ModelResult> harness()
      throws Exception {
    return StageHarness.of(stage());
  }

  private ModelStage stage() {
    URI authority = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    return StageHarness.stage(
        Operation.SIGN,
        StageHarness.signing(
            key, ExistingBundle.REPLACE, new TimestampSettings(authority, Duration.ofMinutes(1))),
        Duration.ofMinutes(1));
  }

  private AssembledModel model(int entry) throws Exception {
    AssembledModel model = StageRecords.model(3, folder, entry + ".sig");
    model.getHeader().setEntryId((long) entry);
    return model;
  }

  private static void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      TimeStampRequest request = new TimeStampRequest(exchange.getRequestBody().readAllBytes());
      byte[] response = TimestampForge.answer(request, AUTHORITY).response();
      exchange.getResponseHeaders().add("Content-Type", "application/timestamp-reply");
      exchange.sendResponseHeaders(200, response.length);
      exchange.getResponseBody().write(response);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
