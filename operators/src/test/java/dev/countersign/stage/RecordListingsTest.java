package dev.countersign.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.schemas.FileListing;
import dev.countersign.schemas.ListedRange;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.UnitRecord;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.ProcessFunctionTestHarnesses;
import org.junit.jupiter.api.Test;

final class RecordListingsTest {

  @Test
  void processElement_ofAUnitThatLists_putsItsListingAside() throws Exception {
    ListedRange range =
        new ListedRange("file", 0L, -1L, 10L, "v1", 5L, 6L, ByteBuffer.wrap(new byte[32]));
    UnitRecord unit = StageRecords.unit(7, 2, 1, 3);
    unit.setListed(new ArrayList<>(List.of(range)));
    unit.getHeader().setIgnoreSet("ab");

    try (OneInputStreamOperatorTestHarness<UnitRecord, UnitRecord> harness = harness()) {
      harness.processElement(new StreamRecord<>(unit));
      harness.processElement(new StreamRecord<>(StageRecords.verdict(8, 1, 0)));

      assertThat(harness.extractOutputValues())
          .hasSize(2)
          .allMatch(passedOn -> passedOn.getListed().isEmpty());
      assertThat(harness.extractOutputValues().get(0).getDigests()).hasSize(1);
      assertThat(harness.getSideOutput(RecordListings.LISTINGS))
          .extracting(StreamRecord::getValue)
          .containsExactly(
              FileListing.newBuilder()
                  .setRunId("run")
                  .setEntryId(7)
                  .setAttempt(2)
                  .setUnit(1)
                  .setOperation(Operation.SIGN)
                  .setModel("/models/7")
                  .setHashType("sha256")
                  .setMethod("files")
                  .setIgnoreSet("ab")
                  .setPlanned(1_700_000_000_000L)
                  .setRanges(List.of(range))
                  .build());
    }
  }

  private static OneInputStreamOperatorTestHarness<UnitRecord, UnitRecord> harness()
      throws Exception {
    return ProcessFunctionTestHarnesses.forProcessFunction(new RecordListings("run"));
  }
}
