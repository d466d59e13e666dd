package dev.countersign.sink;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.countersign.hashing.KernelChoice;
import dev.countersign.outcome.FailureLimit;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Outcome;
import dev.countersign.source.signals.ReaderEvent.EndedModel;
import dev.countersign.source.signals.RunSignals;
import dev.countersign.source.signals.RunSignalsTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunRecordTest {

  private static final long STARTED = 1_700_000_000_000L;

  @TempDir Path folder;
  private String uri = "";

  @BeforeEach
  void setUp() {
    uri = folder.resolve("run.json").toString();
  }

  private long total = 3;
  private FailureLimit limit = FailureLimit.NONE;
  private List<RunRecord.UsedFile> sigstore = List.of();
  private boolean watched;

  @Test
  void endInput_writesCountsVersionsKernelsAndOptions() throws Exception {
    try (OneInputStreamOperatorTestHarness<ModelResult, Void> harness = newHarness()) {
      harness.open();
      harness.processElement(result(Outcome.SIGNED, FailureReason.NONE, 100), 0);
      harness.processElement(result(Outcome.SIGNED, FailureReason.NONE, 20), 0);
      harness.processElement(result(Outcome.FAILED, FailureReason.UNREADABLE, 3), 0);
      harness.endInput();
    }

    Map<String, String> record = record();
    assertThat(record)
        .containsEntry("/runId", "run-1")
        .containsEntry("/operation", "sign")
        .containsEntry("/models", "3")
        .containsEntry("/bytes", "123")
        .containsEntry("/files", "6")
        .containsEntry("/endedEarly", "false")
        .containsEntry("/notDone", "0")
        .containsEntry("/outcomes/SIGNED", "2")
        .containsEntry("/outcomes/FAILED", "1")
        .containsEntry("/reasons/UNREADABLE", "1")
        .containsEntry("/versions/countersign", "1.2.3")
        .containsEntry("/versions/java", Runtime.version().toString())
        .containsKey("/versions/flink")
        .containsEntry("/kernels/sha256", "JDK SHA-256")
        .containsEntry("/kernels/blake2b", "portable BLAKE2b")
        .containsEntry("/kernels/blake3", "portable BLAKE3")
        .containsEntry("/options", "lanes=2")
        .doesNotContainKey("/reasons/NONE");
    assertThat(Instant.parse(record.get("/finished")))
        .isAfterOrEqualTo(Instant.parse(record.get("/started")));
  }

  @Test
  void endInput_ofARunWithoutModels_stillWritesTheRecord() throws Exception {
    try (OneInputStreamOperatorTestHarness<ModelResult, Void> harness = newHarness()) {
      harness.open();
      harness.endInput();
    }

    assertThat(record()).containsEntry("/models", "0").containsEntry("/bytes", "0");
  }

  @Test
  void endInput_whereFlinkAloneCanWrite_writesTheRecordThroughFlink() throws Exception {
    uri = FlinkOnlyFileSystem.SCHEME + ":" + folder.resolve("run.json");
    for (int attempt = 1; attempt <= 2; attempt++) {
      try (OneInputStreamOperatorTestHarness<ModelResult, Void> harness = newHarness()) {
        harness.open();
        harness.processElement(result(Outcome.SIGNED, FailureReason.NONE, attempt), 0);
        harness.endInput();
      }
    }

    assertThat(record()).containsEntry("/models", "1").containsEntry("/bytes", "2");
  }

  @Test
  void initializeState_afterACrash_goesOnCountingFromTheCheckpoint() throws Exception {
    OperatorSubtaskState state;
    try (OneInputStreamOperatorTestHarness<ModelResult, Void> harness = newHarness()) {
      harness.open();
      harness.processElement(requesting(4), 0);
      state = harness.snapshot(1, 1);
      harness.processElement(requesting(4), 0);
    }

    try (OneInputStreamOperatorTestHarness<ModelResult, Void> harness = newHarness()) {
      harness.initializeState(state);
      harness.open();
      harness.processElement(result(Outcome.FAILED, FailureReason.STALLED, 1), 0);
      harness.processElement(requesting(5), 0);
      harness.endInput();
      assertThat(accumulated(harness, Outcome.SIGNED)).isEqualTo(2);
      assertThat(accumulated(harness, Outcome.FAILED)).isEqualTo(1);
      assertThat(accumulated(harness, Outcome.VERIFIED)).isEqualTo(0);
    }

    assertThat(record())
        .containsEntry("/models", "3")
        .containsEntry("/bytes", "201")
        .containsEntry("/requests/GET", "9")
        .containsEntry("/outcomes/SIGNED", "2")
        .containsEntry("/reasons/STALLED", "1");
    assertThat(record()).containsEntry("/started", Instant.ofEpochMilli(STARTED).toString());
  }

  @Test
  void processElement_ofMoreFailuresThanMayBe_endsTheRunEarlyAndSaysSo() throws Exception {
    total = 10;
    limit = new FailureLimit(1, -1);
    List<Boolean> called = new ArrayList<>();
    OperatorSubtaskState state;
    try (OneInputStreamOperatorTestHarness<ModelResult, Void> harness = newHarness()) {
      harness.open();
      harness.processElement(result(Outcome.FAILED, FailureReason.STALLED, 1), 0);
      called.add(RunSignals.endsEarly("run-1"));
      harness.processElement(result(Outcome.FAILED, FailureReason.STALLED, 1), 0);
      called.add(RunSignals.endsEarly("run-1"));
      state = harness.snapshot(1, 1);
    }
    called.add(RunSignals.endsEarly("run-1"));

    try (OneInputStreamOperatorTestHarness<ModelResult, Void> harness = newHarness()) {
      harness.initializeState(state);
      harness.open();
      called.add(RunSignals.endsEarly("run-1"));
      harness.endInput();
    }

    assertThat(called).containsExactly(false, true, false, true);
    assertThat(record()).containsEntry("/endedEarly", "true").containsEntry("/notDone", "8");
  }

  @Test
  void endInput_ofARunWithSigstore_recordsItsFiles() throws Exception {
    sigstore = List.of(new RunRecord.UsedFile("https://tuf.example/trusted_root.json", "0a1b"));
    try (OneInputStreamOperatorTestHarness<ModelResult, Void> harness = newHarness()) {
      harness.open();
      harness.endInput();
    }

    assertThat(record())
        .containsEntry("/sigstore/0/file", "https://tuf.example/trusted_root.json")
        .containsEntry("/sigstore/0/sha256", "0a1b");
  }

  @Test
  void endInput_withoutAPlaceForTheRecord_countsOnly() throws Exception {
    try (OneInputStreamOperatorTestHarness<ModelResult, Void> harness =
        new OneInputStreamOperatorTestHarness<>(
            new RunRecord(
                new RunRecord.Settings(
                    "",
                    "run-1",
                    STARTED,
                    "sign",
                    "1",
                    List.of(),
                    List.of(),
                    1,
                    limit,
                    false,
                    KernelChoice.JDK)))) {
      harness.open();
      harness.endInput();
    }

    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void processElement_ofAModelOfAWatch_tellsOfIt() throws Exception {
    watched = true;
    List<EndedModel> told;
    try (OneInputStreamOperatorTestHarness<ModelResult, Void> harness = newHarness()) {
      harness.open();
      harness.processElement(failed(7), 0);
      harness.processElement(result(Outcome.SIGNED, FailureReason.NONE, 1), 0);
      told = RunSignalsTest.takeAll("run-1");
    }

    assertThat(told)
        .containsExactly(new EndedModel(7, "/models/7", true), new EndedModel(-1, "", false));
  }

  @Test
  void initializeState_ofAWatch_tellsAgainWhatOneCheckpointMayHaveMissed() throws Exception {
    watched = true;
    OperatorSubtaskState state;
    try (OneInputStreamOperatorTestHarness<ModelResult, Void> harness = newHarness()) {
      harness.open();
      harness.processElement(failed(1), 0);
      OperatorSubtaskState unused = harness.snapshot(1, 0);
      harness.processElement(failed(2), 0);
      unused = harness.snapshot(2, 0);
      harness.processElement(failed(3), 0);
      state = harness.snapshot(3, 0);
      harness.processElement(failed(4), 0);
    }
    assertThat(RunSignalsTest.takeAll("run-1")).as("ended with the operator").isEmpty();

    List<EndedModel> told;
    try (OneInputStreamOperatorTestHarness<ModelResult, Void> harness = newHarness()) {
      harness.initializeState(state);
      harness.open();
      told = RunSignalsTest.takeAll("run-1");
    }

    assertThat(told)
        .containsExactly(
            new EndedModel(2, "/models/2", true), new EndedModel(3, "/models/3", true));
  }

  private static long accumulated(
      OneInputStreamOperatorTestHarness<ModelResult, Void> harness, Outcome outcome) {
    return ((RunRecord) harness.getOperator())
        .getRuntimeContext()
        .getLongCounter("models." + outcome)
        .getLocalValue();
  }

  private static ModelResult requesting(long gets) {
    ModelResult result = result(Outcome.SIGNED, FailureReason.NONE, 100);
    result.setRequests(Map.of("GET", gets));
    return result;
  }

  private static ModelResult failed(long id) {
    ModelResult result = result(Outcome.FAILED, FailureReason.UNREADABLE, 1);
    result.setEntryId(id);
    result.setModel("/models/" + id);
    return result;
  }

  private OneInputStreamOperatorTestHarness<ModelResult, Void> newHarness() throws Exception {
    return new OneInputStreamOperatorTestHarness<>(
        new RunRecord(
            new RunRecord.Settings(
                uri,
                "run-1",
                STARTED,
                "sign",
                "1.2.3",
                List.of("lanes=2"),
                sigstore,
                total,
                limit,
                watched,
                KernelChoice.JDK)));
  }

  private static ModelResult result(Outcome outcome, FailureReason reason, long bytes) {
    return ModelResult.newBuilder()
        .setOutcome(outcome)
        .setReason(reason)
        .setBytes(bytes)
        .setFiles(2)
        .build();
  }

  /** The record's scalars by JSON pointer; an array's are under the array's own. */
  private Map<String, String> record() throws IOException {
    Map<String, String> scalars = new LinkedHashMap<>();
    try (JsonParser json =
        new JsonFactory().createParser(Files.readString(folder.resolve("run.json")))) {
      for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
        if (token.isScalarValue()) {
          String pointer = json.getParsingContext().pathAsPointer().toString();
          scalars.put(pointer.replaceFirst("/\\d+$", ""), json.getText());
        }
      }
    }
    return scalars;
  }
}
