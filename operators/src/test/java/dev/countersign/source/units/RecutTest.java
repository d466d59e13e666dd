package dev.countersign.source.units;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.hashing.HashKernels;
import dev.countersign.hashing.HashState;
import dev.countersign.hashing.KernelChoice;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.Serialization;
import dev.countersign.oms.SerializationMethod;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.Difference;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.RangeDigest;
import dev.countersign.schemas.StatementCut;
import dev.countersign.schemas.UnitRange;
import dev.countersign.schemas.UnitRecord;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.source.PlanFixture;
import dev.countersign.source.reading.ReadAhead;
import dev.countersign.source.reading.UnitHasher;
import dev.countersign.storage.ListingRulesFixture;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Cuts real files anew and does the units that come of it. */
final class RecutTest {

  private static final Serialization FILES = Serialization.files(HashAlgorithm.SHA256);

  private static Path scratch;

  @TempDir Path folder;

  @BeforeContainer
  static void makeFolder() throws Exception {
    scratch = Files.createTempDirectory("recut");
  }

  @AfterContainer
  static void removeFolder() throws Exception {
    Files.deleteIfExists(scratch.resolve("file"));
    Files.deleteIfExists(scratch);
  }

  @Property(tries = 250)
  void digests_ofAnyTwoCuts_areThoseOfHashingTwice(
      @ForAll @IntRange(max = 700) int length,
      @ForAll @IntRange(max = 60) int oldSize,
      @ForAll @IntRange(max = 60) int newSize,
      @ForAll @IntRange(min = 1, max = 300) int partBytes)
      throws Exception {
    Serialization from = cut(HashAlgorithm.BLAKE2B, oldSize);
    Serialization to = cut(HashAlgorithm.BLAKE3, newSize);
    byte[] content = content(length);
    // The last listing counts: each call writes the file.
    List<UnitRange> made = ranges(scratch, content, to);
    List<UnitRange> verified = ranges(scratch, content, from);
    if (verified.isEmpty() || made.isEmpty()) {
      return;
    }

    UnitRecord record = hash(scratch, from, to, recut(from, to, partBytes).of("model", verified));

    assertThat(record.getDifferences()).isEmpty();
    assertThat(record.getBytes()).isEqualTo(length);
    assertThat(record.getFiles()).isEqualTo(1);
    assertThat(named(record.getDigests())).isEqualTo(expected(made));
  }

  @Test
  void ranges_ofTwoSizesOfShards_endWhereBothCut() throws Exception {
    Serialization from = cut(HashAlgorithm.SHA256, 4);
    Serialization to = cut(HashAlgorithm.SHA256, 6);
    byte[] content = content(40);

    List<UnitRange> ranges = recut(from, to, 12).of("model", ranges(folder, content, from));

    assertThat(ranges).extracting(UnitRange::getStart).containsExactly(0L, 12L, 24L, 36L);
    assertThat(ranges).extracting(UnitRange::getEnd).containsExactly(12L, 24L, 36L, 40L);
    assertThat(ranges)
        .extracting(range -> range.getExpected().remaining())
        .containsExactly(3 * 32, 3 * 32, 3 * 32, 32);
  }

  @Test
  void pieces_thatDiffer_areNamedAsTheOldCutNamesThem() throws Exception {
    Serialization from = cut(HashAlgorithm.SHA256, 10);
    List<UnitRange> verified = ranges(folder, content(35), from);
    verified.get(1).setExpected(ByteBuffer.wrap(new byte[32]));
    verified.get(3).setExpected(ByteBuffer.wrap(new byte[32]));

    UnitRecord record = hash(folder, from, FILES, recut(from, FILES, 100).of("model", verified));

    assertThat(record.getDifferences())
        .extracting(Difference::getName)
        .containsExactly("file:10:20", "file:30:35");
    assertThat(record.getDifferences().get(0).getExpected()).isEqualTo("00".repeat(32));
    assertThat(record.getCounts().getChanged()).isEqualTo(2);
  }

  @Test
  void digests_ofVeryManyShards_areFoldedAndStillCompared() throws Exception {
    Serialization from = cut(HashAlgorithm.SHA256, 1);
    List<UnitRange> verified = ranges(folder, content(20_001), from);
    List<UnitRange> right = recut(from, FILES, 1 << 20).of("model", verified);
    verified.get(20_000).setExpected(ByteBuffer.wrap(new byte[32]));
    verified.get(4).setExpected(ByteBuffer.wrap(new byte[32]));

    List<UnitRange> wrong = recut(from, FILES, 1 << 20).of("model", verified);

    assertThat(right).hasSize(1);
    assertThat(right.get(0).getExpected().remaining()).isLessThanOrEqualTo(256 << 10);
    assertThat(right.get(0).getExpectedPieces()).isEqualTo(3);
    assertThat(hash(folder, from, FILES, right).getDifferences()).isEmpty();
    List<Difference> differences = hash(folder, from, FILES, wrong).getDifferences();
    assertThat(differences)
        .extracting(Difference::getName)
        .containsExactly("file:3:6", "file:19998:20001");
    assertThat(differences.get(0).getDetail()).startsWith("one or more of 3 shards");
  }

  @Test
  void cuts_thatWouldGiveTooMuchOrNothing_areRefused() throws Exception {
    Serialization tiny = cut(HashAlgorithm.SHA256, 1);
    List<UnitRange> verified = ranges(folder, content(1000), FILES);
    UnitRange large = UnitRange.newBuilder(verified.get(0)).build();
    large.setLength(1L << 40);
    UnitRange empty = UnitRange.newBuilder(verified.get(0)).build();
    empty.setLength(0);

    assertThatThrownBy(() -> new Recut(FILES, tiny, 100, 999).of("model", verified))
        .hasMessageContaining("more than 999 shards of 1 bytes")
        .asInstanceOf(InstanceOfAssertFactories.type(ModelFailure.class))
        .extracting(ModelFailure::reason)
        .isEqualTo(FailureReason.LIMIT_EXCEEDED);
    assertThatThrownBy(
            () ->
                new Recut(FILES, cut(HashAlgorithm.SHA256, 1 << 20), 100, Integer.MAX_VALUE)
                    .of("model", List.of(large)))
        .hasMessageContaining("take a larger 'shard-size'");
    assertThatThrownBy(() -> recut(FILES, tiny, 100).of("model", List.of(empty)))
        .hasMessageContaining("all its files are empty")
        .asInstanceOf(InstanceOfAssertFactories.type(ModelFailure.class))
        .extracting(ModelFailure::reason)
        .isEqualTo(FailureReason.EMPTY_MODEL);
  }

  private static Recut recut(Serialization from, Serialization to, long partBytes) {
    return new Recut(from, to, partBytes, 1_000_000);
  }

  /** By files if {@code size} is 0. */
  private static Serialization cut(HashAlgorithm hash, int size) {
    return size == 0 ? Serialization.files(hash) : Serialization.shards(hash, size);
  }

  private static byte[] content(int length) {
    byte[] content = new byte[length];
    new Random(length).nextBytes(content);
    return content;
  }

  /** Writes the file and returns its ranges with the digests that must come out. */
  private static List<UnitRange> ranges(Path folder, byte[] content, Serialization cut)
      throws Exception {
    Files.write(folder.resolve("file"), content);
    StoredFile file =
        Storages.forUri(folder.toString())
            .list(
                folder.toString(),
                ListingRulesFixture.of(name -> false, false, List.of(), 10, 10, Long.MAX_VALUE))
            .files()
            .get(0);
    HashState state =
        HashKernels.of(KernelChoice.JDK).forAlgorithm(cut.hash().omsName()).newState();
    List<UnitRange> ranges = new ArrayList<>();
    boolean whole = cut.method() == SerializationMethod.FILES;
    long end;
    for (long start = 0; start < content.length || (whole && ranges.isEmpty()); start = end) {
      end = whole ? content.length : WorkUnits.shardEnd(file, start, cut);
      state.update(content, (int) start, (int) (end - start));
      UnitRange range = whole ? WorkUnits.whole(file) : WorkUnits.shard(file, start, end);
      range.setExpected(ByteBuffer.wrap(state.digest()));
      ranges.add(range);
      if (whole) {
        break;
      }
    }
    return ranges;
  }

  private static UnitRecord hash(
      Path folder, Serialization from, Serialization to, List<UnitRange> ranges) throws Exception {
    ModelHeader header =
        ModelHeader.newBuilder()
            .setOperation(Operation.RESIGN)
            .setModel(folder.toString())
            .setMethod(to.method().omsName())
            .setHashType(to.hash().omsName())
            .setShardSize(to.shardSize())
            .setPreviousCut(
                new StatementCut(from.method().omsName(), from.hash().omsName(), from.shardSize()))
            .build();
    WorkUnit unit = WorkUnits.empty(header, 0, 1);
    unit.setRanges(ranges);
    try (ReadAhead readAhead = new ReadAhead("test-read-ahead", 37)) {
      return new UnitHasher(readAhead, 100, false, HashKernels.of(KernelChoice.JDK))
          .hash(unit, PlanFixture.UNWATCHED);
    }
  }

  private static List<String> named(List<RangeDigest> digests) {
    return digests.stream()
        .map(
            digest ->
                digest.getStart() + "-" + digest.getEnd() + " " + digest.getDigest().hashCode())
        .toList();
  }

  private static List<String> expected(List<UnitRange> ranges) {
    return ranges.stream()
        .map(
            range -> range.getStart() + "-" + range.getEnd() + " " + range.getExpected().hashCode())
        .toList();
  }
}
