package dev.countersign.hashing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.hashing.HashBatch.Piece;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.junit.jupiter.api.Test;

/** The batch keeps the contract of a single stream, and each of its streams is on its own. */
final class VectorSha256KernelTest extends AbstractSha256KernelTest {

  private static final Random RANDOM = new Random(11);

  @Override
  HashKernel kernel() {
    return new StreamKernel("sha256", "a batch's states", 32, () -> batch().newState());
  }

  @Test
  void newState_ofAKernelWithBatches_isTheJdks() {
    assertThat(VectorKernels.named("sha256").newState()).isInstanceOf(JdkSha256.class);
  }

  @Test
  void streams_ofAwkwardLengths_haveTheDigestsOfTheirBytes() {
    HashBatch batch = batch();
    List<byte[]> inputs = awkwardLengths().mapToObj(AbstractHashKernelTest::random).toList();

    List<Piece> pieces = inputs.stream().map(input -> last(batch, input)).toList();
    batch.update(pieces);

    assertDigests(pieces, inputs);
  }

  @Test
  void streams_ofAnyNumber_haveTheDigestsOfTheirBytes() {
    HashBatch batch = batch();
    for (int count = 0; count <= 3 * batch.lanes() + 1; count++) {
      List<byte[]> inputs =
          IntStream.range(0, count).mapToObj(i -> random(RANDOM.nextInt(700))).toList();

      List<Piece> pieces = inputs.stream().map(input -> last(batch, input)).toList();
      batch.update(pieces);

      assertDigests(pieces, inputs);
    }
  }

  @Test
  void streams_inPiecesOfAnyLength_haveTheDigestsOfTheirBytes() {
    HashBatch batch = batch();
    for (int round = 0; round < 20; round++) {
      List<byte[]> inputs =
          IntStream.range(0, 20).mapToObj(i -> random(RANDOM.nextInt(3_000))).toList();
      List<HashState> states = inputs.stream().map(input -> batch.newState()).toList();
      int[] taken = new int[inputs.size()];

      boolean isOpen = true;
      while (isOpen) {
        List<Piece> pieces = new ArrayList<>();
        for (int i = 0; i < taken.length; i++) {
          int left = inputs.get(i).length - taken[i];
          if (left > 0) {
            int part = 1 + RANDOM.nextInt(Math.min(left, 400));
            pieces.add(new Piece(states.get(i), inputs.get(i), taken[i], part, false));
            taken[i] += part;
          }
        }
        batch.update(pieces);
        isOpen = !pieces.isEmpty();
      }

      for (int i = 0; i < taken.length; i++) {
        assertThat(states.get(i).digest()).isEqualTo(reference(inputs.get(i)));
      }
    }
  }

  @Test
  void streams_ofOneLargeBuffer_haveTheDigestsOfTheirRanges() {
    HashBatch batch = batch();
    byte[] buffer = random(100_000);

    List<Piece> pieces =
        IntStream.range(0, 100)
            .mapToObj(i -> new Piece(batch.newState(), buffer, 1_000 * i, 1_000, true))
            .toList();
    batch.update(pieces);

    for (Piece piece : pieces) {
      SHA256Digest expected = new SHA256Digest();
      expected.update(buffer, piece.offset(), piece.length());
      byte[] digest = new byte[32];
      expected.doFinal(digest, 0);
      assertThat(piece.state().digest()).isEqualTo(digest);
    }
  }

  @Test
  void stream_afterItsDigest_startsAgain() {
    HashBatch batch = batch();
    HashState state = batch.newState();

    batch.update(List.of(new Piece(state, random(100), 0, 100, true)));
    byte[] first = state.digest();
    batch.update(List.of(new Piece(state, random(100), 0, 100, true)));

    assertThat(state.digest()).isEqualTo(first);
  }

  @Test
  void update_withPiecesThatAreNotStreamsOfItsOwn_isRefused() {
    HashBatch batch = batch();
    HashState state = batch.newState();
    byte[] input = new byte[10];
    Piece piece = new Piece(state, input, 0, 10, true);

    assertThatThrownBy(() -> batch.update(List.of(last(batch(), input))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a state of another batch");
    assertThatThrownBy(() -> batch.update(List.of(piece, piece)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("two pieces of one stream");
    assertThatThrownBy(() -> batch.update(List.of(new Piece(state, input, 5, 6, true))))
        .isInstanceOf(IndexOutOfBoundsException.class);
    batch.update(List.of(piece));
    assertThatThrownBy(() -> batch.update(List.of(piece)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the stream has ended, and its digest was not taken");
  }

  private void assertDigests(List<Piece> pieces, List<byte[]> inputs) {
    for (int i = 0; i < inputs.size(); i++) {
      assertThat(pieces.get(i).state().digest())
          .as("%d bytes, stream %d of %d", inputs.get(i).length, i, inputs.size())
          .isEqualTo(reference(inputs.get(i)));
    }
  }

  private static Piece last(HashBatch batch, byte[] input) {
    return new Piece(batch.newState(), input, 0, input.length, true);
  }

  private static HashBatch batch() {
    return VectorKernels.named("sha256").newBatch().orElseThrow();
  }
}
