package dev.countersign.hashing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every kernel must do; a subclass names the kernel and its reference vectors. */
abstract class AbstractHashKernelTest {

  private static final long SEED = 3;

  abstract HashKernel kernel();

  /** The digest by another implementation. */
  abstract byte[] reference(byte[] input);

  /** Digests in hex by the text that is hashed, as the algorithm's own publication has them. */
  abstract Map<String, String> textVectors();

  /** Digests in hex by the length of the input, which is the bytes 0, 1, ... 250, 0, 1, ... */
  abstract Map<Integer, String> patternVectors();

  @Test
  void digest_ofPublishedTexts_isThePublishedOne() {
    textVectors()
        .forEach(
            (text, expected) ->
                assertThat(hexOf(text.getBytes(StandardCharsets.US_ASCII)))
                    .as("%s of a text of %d bytes", kernel().algorithm(), text.length())
                    .isEqualTo(expected));
  }

  @Test
  void digest_ofPatterns_isThePublishedOne() {
    patternVectors()
        .forEach(
            (length, expected) ->
                assertThat(hexOf(pattern(length)))
                    .as("%s of a pattern of %d bytes", kernel().algorithm(), length)
                    .isEqualTo(expected));
  }

  @Test
  void digest_hasTheLengthThatTheKernelStates() {
    byte[] digest = kernel().newState().digest();

    assertThat(digest).as("digest of nothing").hasSize(kernel().digestLength());
  }

  @ParameterizedTest
  @MethodSource("awkwardLengths")
  void digest_ofRandomBytes_isTheOneOfAnotherImplementation(int length) {
    byte[] input = random(length);
    String expected = HexFormat.of().formatHex(reference(input));
    Random random = new Random(SEED + length);

    HashState split = kernel().newState();
    int cut = random.nextInt(length + 1);
    split.update(input, 0, cut);
    split.update(input, cut, length - cut);

    assertThat(hexOf(input)).as("%d bytes at once", length).isEqualTo(expected);
    assertThat(HexFormat.of().formatHex(split.digest()))
        .as("%d bytes, then %d", cut, length - cut)
        .isEqualTo(expected);
  }

  /** Around the lengths of blocks, of chunks, and of complete trees of chunks. */
  static IntStream awkwardLengths() {
    return IntStream.concat(
        IntStream.of(0, 1, 2, 3, 55, 56, 57, 63, 64, 65, 127, 128, 129, 191, 192, 193),
        IntStream.rangeClosed(0, 9)
            .map(power -> 1_024 << power)
            .flatMap(length -> IntStream.of(length - 1, length, length + 1)));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 1_000, 16_383, 16_384, 16_385, 70_001})
  void digest_ofAByteBuffer_isTheOneOfAnArray(int length) {
    byte[] input = random(length);
    ByteBuffer direct = ByteBuffer.allocateDirect(length + 7).position(3);
    direct.put(input).flip().position(3);
    ByteBuffer heap = ByteBuffer.allocate(length + 7).position(3).slice();
    heap.put(input).flip();
    HashState state = kernel().newState();

    state.update(direct);
    String ofDirect = HexFormat.of().formatHex(state.digest());
    state.update(heap);
    String ofHeap = HexFormat.of().formatHex(state.digest());

    assertThat(ofDirect).as("outside of the heap").isEqualTo(hexOf(input));
    assertThat(ofHeap).as("a slice of an array").isEqualTo(hexOf(input));
    assertThat(direct.remaining() + heap.remaining()).as("bytes left").isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 55, 56, 63, 64, 65, 127, 128, 129, 1023, 1024, 1025, 65_537, 300_001})
  void digest_ofSplitUpdates_isTheOneOfASingleUpdate(int length) {
    byte[] input = pattern(length);
    String whole = hexOf(input);
    Random random = new Random(SEED + length);

    HashState state = kernel().newState();
    int offset = 0;
    while (offset < length) {
      int step = Math.min(length - offset, random.nextInt(2 * 1024 + 1));
      state.update(input, offset, step);
      offset += step;
    }

    assertThat(HexFormat.of().formatHex(state.digest()))
        .as("%d bytes in random steps", length)
        .isEqualTo(whole);
  }

  @Test
  void digest_ofBytesOneByOne_isTheOneOfASingleUpdate() {
    byte[] input = pattern(2049);

    HashState state = kernel().newState();
    for (int i = 0; i < input.length; i++) {
      state.update(input, i, 1);
    }

    assertThat(HexFormat.of().formatHex(state.digest())).isEqualTo(hexOf(input));
  }

  @Test
  void digest_ofTheMiddleOfABuffer_leavesTheRestOut() {
    byte[] input = pattern(1000);
    byte[] buffer = new byte[3000];
    System.arraycopy(input, 0, buffer, 777, input.length);

    HashState state = kernel().newState();
    state.update(buffer, 777, input.length);

    assertThat(HexFormat.of().formatHex(state.digest())).isEqualTo(hexOf(input));
  }

  @Test
  void state_afterDigest_startsAgain() {
    HashState state = kernel().newState();
    state.update(pattern(5000), 0, 5000);
    byte[] first = state.digest();

    state.update(pattern(3), 0, 3);
    byte[] second = state.digest();

    assertThat(HexFormat.of().formatHex(second)).isEqualTo(hexOf(pattern(3)));
    assertThat(second).as("a digest is the caller's own array").isNotSameAs(first);
  }

  @Test
  void states_ofOneKernel_areIndependent() {
    HashState one = kernel().newState();
    HashState other = kernel().newState();
    one.update(pattern(100), 0, 100);
    other.update(pattern(50), 0, 50);
    one.update(pattern(100), 0, 0);

    assertThat(HexFormat.of().formatHex(one.digest())).isEqualTo(hexOf(pattern(100)));
    assertThat(HexFormat.of().formatHex(other.digest())).isEqualTo(hexOf(pattern(50)));
  }

  @Test
  void update_withARangeOutsideTheBuffer_isRefused() {
    HashState state = kernel().newState();
    byte[] buffer = new byte[10];

    assertThatThrownBy(() -> state.update(buffer, 5, 6))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> state.update(buffer, -1, 1))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> state.update(buffer, 0, -1))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  private String hexOf(byte[] input) {
    HashState state = kernel().newState();
    state.update(input, 0, input.length);
    return HexFormat.of().formatHex(state.digest());
  }

  static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(SEED + length).nextBytes(bytes);
    return bytes;
  }

  private static byte[] pattern(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (i % 251);
    }
    return bytes;
  }
}
