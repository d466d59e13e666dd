package dev.countersign.source.reading;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.hashing.HashKernels;
import dev.countersign.hashing.KernelChoice;
import dev.countersign.oms.Sha256;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

final class PieceHasherTest {

  @Property(tries = 300)
  void pieces_ofAnySizes_haveTheDigestsOfTheirBytes(
      @ForAll @IntRange(max = 400) int length,
      @ForAll @IntRange(min = 1, max = 130) int size,
      @ForAll @IntRange(min = 1, max = 150) int read,
      @ForAll @LongRange(max = 3) long piecesBefore) {
    byte[] content = new byte[length];
    new Random(length).nextBytes(content);
    long start = piecesBefore * size;

    List<String> pieces = hash(content, size, start, read);

    List<String> expected = new ArrayList<>();
    for (int from = 0; from < length; from += size) {
      int to = Math.min(length, from + size);
      expected.add(
          (start + from)
              + "-"
              + (start + to)
              + " "
              + Sha256.hex(Arrays.copyOfRange(content, from, to)));
    }
    assertThat(pieces).isEqualTo(expected);
  }

  @Test
  void pieces_ofARangeThatIsNotCut_areOneHoweverFew() {
    byte[] none = {};

    assertThat(hash(none, 0, 7, 1)).containsExactly("7-7 " + Sha256.hex(none));
    assertThat(hash(none, 5, 0, 1)).isEmpty();
  }

  @Test
  void pieces_ofTheLargestSize_doNotOverflow() {
    byte[] content = {1, 2, 3};
    long start = Long.MAX_VALUE - 10;

    assertThat(hash(content, start, start, 2))
        .containsExactly(start + "-" + (start + 3) + " " + Sha256.hex(content));
  }

  /** "start-end digest" of each piece, with {@code read} bytes coming at a time. */
  private static List<String> hash(byte[] content, long size, long start, int read) {
    List<String> pieces = new ArrayList<>();
    PieceHasher hasher =
        new PieceHasher(
            HashKernels.of(KernelChoice.JDK).forAlgorithm("sha256").newState(),
            size,
            start,
            (from, to, digest) ->
                pieces.add(from + "-" + to + " " + HexFormat.of().formatHex(digest)));
    for (int from = 0; from < content.length; from += read) {
      byte[] part = Arrays.copyOfRange(content, from, Math.min(content.length, from + read));
      hasher.update(part, part.length);
    }
    hasher.finish();
    return pieces;
  }
}
