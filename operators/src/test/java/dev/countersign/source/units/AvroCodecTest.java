package dev.countersign.source.units;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.schemas.EnumeratorState;
import dev.countersign.schemas.PlannedModel;
import dev.countersign.schemas.SignerCertificate;
import dev.countersign.schemas.WatchState;
import dev.countersign.schemas.WatchedEntry;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.source.checkpoint.EnumeratorStateSerializer;
import dev.countersign.source.ledger.Plans;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link AvroCodec} through both of its serializers. */
final class AvroCodecTest {

  private final ModelSplit.Serializer splits = new ModelSplit.Serializer();
  private final EnumeratorStateSerializer states = new EnumeratorStateSerializer();

  @Test
  void deserialize_ofASplit_givesEverythingBack() throws IOException {
    WorkUnit unit = Plans.ofUnits(7, 5, 6, 7).units().get(1);
    unit.setSymlinkRoots(List.of("/blobs"));

    ModelSplit back =
        splits.deserialize(splits.getVersion(), splits.serialize(new ModelSplit(unit)));

    assertThat(back.unit()).isEqualTo(unit);
    assertThat(back).hasToString("ModelSplit[7:1:1]");
  }

  @Test
  void deserialize_ofASignersCertificate_givesItsTimesBack() throws IOException {
    WorkUnit unit = Plans.ofUnits(7, 5, 6).units().get(0);
    unit.getHeader()
        .setCertificate(
            SignerCertificate.newBuilder()
                .setSubject("CN=Signer")
                .setNotBefore(Instant.ofEpochMilli(1_700_000_000_000L))
                .setNotAfter(Instant.ofEpochMilli(1_800_000_000_000L))
                .setCheckedAt(Instant.ofEpochMilli(1_750_000_000_000L))
                .build());

    ModelSplit back = splits.deserialize(1, splits.serialize(new ModelSplit(unit)));

    assertThat(back.unit()).isEqualTo(unit);
  }

  @Test
  void deserialize_ofTheEnumeratorsState_givesEverythingBack() throws IOException {
    EnumeratorState state = state();

    assertThat(states.deserialize(1, states.serialize(state))).isEqualTo(state);
  }

  @Test
  void deserialize_ofAnotherVersion_namesBothAndTheRemedy() {
    assertThatThrownBy(() -> splits.deserialize(2, new byte[0]))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "Cannot restore a work unit of state version 2: this release reads version 1. Restore"
                + " with the release that wrote it.");
    assertThatThrownBy(() -> states.deserialize(0, new byte[0]))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the enumerator of state version 0");
  }

  @Test
  void deserialize_ofCutOffBytes_isAnIOException() throws IOException {
    byte[] split = splits.serialize(new ModelSplit(Plans.ofUnits(7, 5, 6).units().get(0)));
    byte[] state = states.serialize(state());

    for (int length = 0; length < split.length; length++) {
      byte[] cut = Arrays.copyOf(split, length);
      assertThatThrownBy(() -> splits.deserialize(1, cut))
          .isInstanceOf(IOException.class)
          .hasMessage("Cannot restore a work unit: the bytes are damaged.");
    }
    for (int length = 0; length < state.length; length++) {
      byte[] cut = Arrays.copyOf(state, length);
      assertThatThrownBy(() -> states.deserialize(1, cut)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void deserialize_ofBytesBehindTheRecord_isAnIOException() throws IOException {
    byte[] state = states.serialize(state());

    assertThatThrownBy(() -> states.deserialize(1, Arrays.copyOf(state, state.length + 1)))
        .isInstanceOf(IOException.class)
        .hasMessage("Cannot restore the enumerator: the bytes are damaged.");
  }

  /** Counts and lengths of up to 2^31, of which nothing follows. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "00 feffffff0f", // models
        "00 ffffffff0f 02", // models, in a block that gives its length
        "00 02 06 02 feffffff0f", // characters of a fingerprint
        "00 02 06 02 00 00 feffffff0f", // bytes of a bit set
        "00 02 06 02 00 00 00 00 feffffff0f", // entries of a map
      })
  void deserialize_ofWhatAnnouncesBillions_takesNoMemoryForThem(String hex) {
    byte[] state = HexFormat.of().parseHex(hex.replace(" ", ""));

    assertThatThrownBy(() -> states.deserialize(1, state))
        .isInstanceOf(IOException.class)
        .hasMessage("Cannot restore the enumerator: the bytes are damaged.");
  }

  @Test
  void deserialize_ofFlippedBytes_throwsNothingElse() throws IOException {
    byte[] split = splits.serialize(new ModelSplit(Plans.ofUnits(7, 5, 6).units().get(0)));
    int refused = 0;

    for (int position = 0; position < split.length; position++) {
      for (int flip : new int[] {0x01, 0x02, 0x7f, 0x80, 0xff}) {
        byte[] damaged = split.clone();
        damaged[position] ^= (byte) flip;
        refused += isRefused(splits, damaged) ? 1 : 0;
      }
    }

    assertThat(refused).isPositive();
  }

  @Test
  void identity_ofASplit_equalsItAndHoldsNothingToRead() throws IOException {
    ModelSplit split = new ModelSplit(Plans.ofUnits(7, 5, 6).units().get(1));

    ModelSplit identity = splits.deserialize(1, splits.serialize(split.identity("a")));

    assertThat(identity).isEqualTo(split).hasSameHashCodeAs(split);
    assertThat(identity.unit().getRanges()).isEmpty();
    assertThat(identity).isNotEqualTo(new ModelSplit(Plans.ofUnits(7, 5, 6).units().get(0)));
  }

  private static boolean isRefused(SimpleVersionedSerializer<?> serializer, byte[] bytes) {
    try {
      return serializer.deserialize(1, bytes) == null;
    } catch (IOException e) {
      return true;
    }
  }

  private static EnumeratorState state() {
    PlannedModel model =
        PlannedModel.newBuilder()
            .setEntryId(3)
            .setFingerprint("fingerprint")
            .setUnitCount(9)
            .setFinished(ByteBuffer.wrap(new byte[] {1, 2}))
            .setAssigned(ByteBuffer.wrap(new byte[] {4}))
            .setCrashes(Map.of("4", List.of("a", "b")))
            .setRetries(Map.of("5", 1))
            .setPlanRetries(2)
            .setVerdict(Plans.failing(3).verdict())
            .setHeader(Plans.header(3))
            .build();
    WatchedEntry taken = WatchedEntry.newBuilder().setEntryId(4).setModel("/models/4").build();
    WatchState watch = new WatchState(List.of(taken), ByteBuffer.wrap(new byte[] {7, 8}));
    return new EnumeratorState(
        5L, List.of(model), true, "0a1b", Map.of("the command", "sign key"), watch, "session");
  }
}
