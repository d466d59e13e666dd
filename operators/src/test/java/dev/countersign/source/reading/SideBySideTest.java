package dev.countersign.source.reading;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.hashing.HashBatch;
import dev.countersign.hashing.HashKernels;
import dev.countersign.hashing.HashState;
import dev.countersign.hashing.KernelChoice;
import dev.countersign.oms.Sha256;
import dev.countersign.schemas.UnitRange;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SideBySideTest {

  private static final int LANES = 4;

  private final SideBySide side = new SideBySide(new OneByOne());

  @Test
  void count_ofRangesOfOneLength_isAllThatFitWithRoomForOneByte() {
    List<UnitRange> ranges = ranges(100, 100, 100, 100, 100, 100);

    assertThat(side.count(ranges, 0, 601)).isEqualTo(6);
    assertThat(side.count(ranges, 0, 600)).isEqualTo(5);
    assertThat(side.count(ranges, 1, 1_000)).isEqualTo(5);
  }

  @Test
  void count_ofFewerRangesThanLanes_isNone() {
    assertThat(side.count(ranges(100, 100, 100), 0, 1_000)).isZero();
    assertThat(side.count(ranges(100, 100, 100, 100), 2, 1_000)).isZero();
    assertThat(side.count(ranges(0, 0, 0, 0, 0), 0, 1_000)).isZero();
  }

  @Test
  void count_withARangeThatTakesLongerThanAllLanes_isNone() {
    assertThat(side.count(ranges(100, 10, 10, 10, 10, 10, 10), 0, 1_000)).isZero();
    assertThat(side.count(ranges(100, 10, 10, 10, 10, 10, 10), 1, 1_000)).isEqualTo(6);
  }

  @Test
  void count_ofVeryManyRanges_isBounded() {
    int[] lengths = new int[1_000];
    Arrays.fill(lengths, 1);

    assertThat(side.count(ranges(lengths), 0, 1 << 20)).isEqualTo(256);
  }

  @Test
  void digests_ofAddedRanges_areThoseOfTheirBytesEachTime() {
    byte[] buffer = "abcdefghij".getBytes(StandardCharsets.US_ASCII);

    for (int round = 0; round < 2; round++) {
      side.add(buffer, 0, 3);
      side.add(buffer, 3, 0);
      side.add(buffer, 3, 7);

      assertThat(side.added()).hasSize(3);
      assertThat(side.digests())
          .extracting(digest -> HexFormat.of().formatHex(digest))
          .containsExactly(
              Sha256.hex("abc".getBytes(StandardCharsets.US_ASCII)),
              Sha256.hex(new byte[0]),
              Sha256.hex("defghij".getBytes(StandardCharsets.US_ASCII)));
      assertThat(side.added()).isEmpty();
    }
  }

  private static List<UnitRange> ranges(int... lengths) {
    return IntStream.of(lengths)
        .mapToObj(
            length ->
                UnitRange.newBuilder()
                    .setName("file")
                    .setStart(0)
                    .setEnd(-1)
                    .setLength(length)
                    .build())
        .toList();
  }

  /** A batch that has lanes in name only. */
  private static final class OneByOne implements HashBatch {
    @Override
    public int lanes() {
      return LANES;
    }

    @Override
    public HashState newState() {
      return HashKernels.of(KernelChoice.JDK).forAlgorithm("sha256").newState();
    }

    @Override
    public void update(List<Piece> pieces) {
      for (Piece piece : pieces) {
        piece.state().update(piece.buffer(), piece.offset(), piece.length());
      }
    }
  }
}
