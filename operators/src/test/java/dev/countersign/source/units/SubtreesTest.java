package dev.countersign.source.units;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.countersign.hashing.Blake3Kernel;
import dev.countersign.hashing.Blake3State;
import dev.countersign.hashing.HashKernel;
import dev.countersign.hashing.HashKernels;
import dev.countersign.hashing.KernelChoice;
import dev.countersign.schemas.DifferenceCounts;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.StatementCut;
import dev.countersign.schemas.SubtreeValue;
import dev.countersign.schemas.UnitRange;
import dev.countersign.schemas.UnitRecord;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.source.ledger.Plans;
import dev.countersign.source.units.Subtrees.HashedFile;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.bouncycastle.crypto.digests.Blake3Digest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SubtreesTest {

  private static final long KIB = 1L << 10;
  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;
  private static final long TIB = 1L << 40;

  private static final HashKernel KERNEL =
      HashKernels.of(KernelChoice.PORTABLE).forAlgorithm("blake3");

  /**
   * Lengths and digests of the designers' test vectors (BLAKE3-team/BLAKE3,
   * test_vectors/test_vectors.json), cut to the default length.
   */
  @ParameterizedTest
  @CsvSource({
    "1025, d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444",
    "2048, e776b6028c7cd22a4d0ba182a8bf62205d2ef576467e838ed6f2529b85fba24a",
    "2049, 5f4d72f40d7a5f82b15ca2b2e44b1de3c2ef86c426c95c1af0b6879522563030",
    "3073, 7124b49501012f81cc7f11ca069ec9226cecb8a2c850cfe644e327d22d3e1cd3",
    "4097, 9b4052b38f1c5fc8b1f9ff7ac7b27cd242487b3d890d15c96a1c25b8aa0fb995",
    "8193, bab6c09cb8ce8cf459261398d2e7aef35700bf488116ceb94a36d0f5f1b7bc3b",
    "31744, 62b6960e1a44bcc1eb1a611a8d6235b6b4b78f32e7abc4fb4c6cdcce94895c47",
    "102400, bc3e3d41a1146b069abffad3c0d44860cf664390afce4d9661f7902e7943e085"
  })
  void merge_ofThePublishedVectors_givesTheirDigests(int length, String digest) {
    byte[] input = new byte[length];
    for (int i = 0; i < length; i++) {
      input[i] = (byte) (i % 251);
    }

    HashedFile file = Subtrees.merge(hashed(input, 1)).get(0);

    assertThat(file.digest()).isEqualTo(ByteBuffer.wrap(HexFormat.of().parseHex(digest)));
    assertThat(file.file()).isEqualTo(Plans.range("file", length));
    assertThat(file.unit()).isZero();
  }

  @Test
  void merge_atEveryBoundary_givesTheDigestOfTheWholeFile() {
    for (long unitBytes : new long[] {1, KIB, KIB + 1, 4 * KIB}) {
      int subtree = unitBytes <= KIB ? 1_024 : unitBytes <= 2 * KIB ? 2_048 : 4_096;
      for (int count = 1; count <= 9; count++) {
        for (int more = -1; more <= 1; more++) {
          int length = count * subtree + more;
          byte[] input = random(length);
          List<UnitRecord> units = hashed(input, unitBytes);

          assertThat(units.size())
              .as("units of %d bytes by %d", length, unitBytes)
              .isEqualTo((length + subtree - 1) / subtree);
          assertDigest(input, units);
        }
      }
    }
  }

  @Test
  void merge_ofAnyLength_givesTheDigestOfAnotherImplementation() {
    Random random = new Random(7);
    for (int round = 0; round < 200; round++) {
      byte[] input = random(random.nextInt(60_000));
      List<UnitRecord> units = new ArrayList<>(hashed(input, 1 + random.nextInt(9_000)));
      Collections.shuffle(units, random);

      assertDigest(input, units);
    }
  }

  @Test
  void merge_ofSeveralFilesInOneModel_keepsThemApart() {
    List<UnitRange> ranges = new ArrayList<>();
    List<byte[]> inputs = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      inputs.add(random(1_500 * i));
      ranges.add(Plans.range("file" + i, 1_500L * i));
    }

    List<HashedFile> files =
        Subtrees.merge(
            hashed(cut(blake3(), ranges, 2_000), name -> inputs.get(name.charAt(4) - '0')));

    assertThat(files)
        .extracting(file -> file.file().getName(), HashedFile::digest)
        .containsExactlyInAnyOrder(
            tuple("file2", reference(inputs.get(2))),
            tuple("file3", reference(inputs.get(3))),
            tuple("file4", reference(inputs.get(4))),
            tuple("file5", reference(inputs.get(5))));
    assertThat(files).extracting(HashedFile::unit).doesNotHaveDuplicates();
  }

  @Test
  void merge_ofLessOrMoreThanAFile_isRefused() {
    List<UnitRecord> units = hashed(random(5_000), 1);
    List<UnitRecord> twice = new ArrayList<>(units);
    twice.add(units.get(2));

    assertThatThrownBy(() -> Subtrees.merge(units.subList(1, 5)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("subtrees of a file leave out or repeat bytes from 0 on");
    assertThatThrownBy(() -> Subtrees.merge(units.subList(0, 4)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("subtrees of a file end at 4096");
    assertThatThrownBy(() -> Subtrees.merge(twice))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("subtrees of a file leave out or repeat bytes from 3072 on");
  }

  @Test
  void merge_ofSubtreesOfDifferentVersions_isRefused() {
    List<Consumer<UnitRange>> changes =
        List.of(
            range -> range.setVersion("v2"),
            range -> range.setLength(range.getLength() + 1),
            range -> range.setExpected(ByteBuffer.allocate(32)));
    for (Consumer<UnitRange> change : changes) {
      List<UnitRecord> units = hashed(random(5_000), 1);
      change.accept(units.get(3).getSubtrees().get(0).getRange());

      assertThatThrownBy(() -> Subtrees.merge(units))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("subtrees of a file were planned for different files");
    }
  }

  @Test
  void cut_ofAFileOfOneSubtree_leavesItWhole() {
    List<UnitRange> ranges =
        List.of(Plans.range("empty", 0), Plans.range("one", 64 * MIB), Plans.range("small", 5));

    assertThat(Subtrees.cut(blake3(), ranges, 64 * MIB)).isSameAs(ranges);
  }

  @Test
  void cut_ofAFileOfOneByteMore_givesItTwoUnits() {
    UnitCutter.Cut cut = cut(blake3(), List.of(Plans.range("file", 64 * MIB + 1)), 64 * MIB);

    assertThat(cut.units()).hasSize(2);
    assertThat(cut.bytes()).isEqualTo(64 * MIB + 1);
    assertThat(cut.units())
        .extracting(unit -> unit.getRanges().get(0).getStart())
        .containsExactly(0L, 64 * MIB);
    assertThat(cut.units())
        .extracting(unit -> unit.getRanges().get(0).getSubtree())
        .containsOnly(true);
  }

  @Test
  void cut_ofAnyOtherModel_leavesFilesWhole() {
    List<UnitRange> ranges = List.of(Plans.range("file", 5_000));
    ModelHeader sha256 = blake3();
    sha256.setHashType("sha256");
    ModelHeader shards = blake3();
    shards.setMethod("shards");
    ModelHeader unread = blake3();
    unread.setContentTrusted(true);
    ModelHeader recut = blake3();
    recut.setPreviousCut(new StatementCut("files", "sha256", 0L));

    for (ModelHeader header : List.of(sha256, shards, unread, recut)) {
      assertThat(Subtrees.cut(header, ranges, 1)).as("%s", header).isSameAs(ranges);
      assertThat(Subtrees.added(header, ranges, 1)).isZero();
    }
    assertThat(Subtrees.cut(blake3(), ranges, 1)).hasSize(5);
    assertThat(Subtrees.added(blake3(), ranges, 1)).isEqualTo(4);
  }

  @Test
  void cut_ofAFileWhoseDigestIsKnown_leavesItWhole() {
    UnitRange known = Plans.range("file", 5_000);
    known.setKnown(ByteBuffer.allocate(32));

    assertThat(Subtrees.cut(blake3(), List.of(known), 1)).containsExactly(known);
  }

  @Test
  void cut_carriesWhatIsExpectedOfTheFile() {
    UnitRange range = Plans.range("file", 2_000);
    range.setExpected(ByteBuffer.wrap(new byte[] {7}));
    range.setModified(9);

    assertThat(Subtrees.cut(blake3(), List.of(range), 1))
        .hasSize(2)
        .allSatisfy(
            subtree -> {
              assertThat(subtree.getExpected()).isEqualTo(range.getExpected());
              assertThat(subtree.getLength()).isEqualTo(2_000);
              assertThat(subtree.getVersion()).isEqualTo("v1");
              assertThat(subtree.getModified()).isEqualTo(9);
            });
  }

  @ParameterizedTest
  @CsvSource({"64, 64", "65, 128", "1024, 1024", "1025, 1024", "4096, 1024", "4097, 2048"})
  void cut_ofALargerModel_makesLongerSubtrees(long gib, long mibOfSubtree) {
    List<UnitRange> cut = Subtrees.cut(blake3(), List.of(Plans.range("file", gib * GIB)), 64 * MIB);

    assertThat(cut.get(0).getEnd()).isEqualTo(mibOfSubtree * MIB);
    assertThat(cut).hasSizeLessThanOrEqualTo(4_096);
  }

  @Test
  void cut_ofManyFiles_boundsTheUnitsOfTheModel() {
    List<UnitRange> ranges = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      ranges.add(Plans.range("file" + i, 100 * GIB));
    }

    assertThat(Subtrees.added(blake3(), ranges, 64 * MIB)).isBetween(1_000L, 4_096L);
    assertThat(Subtrees.cut(blake3(), ranges, 64 * MIB))
        .hasSize((int) (1_000 + Subtrees.added(blake3(), ranges, 64 * MIB)));
  }

  /** A sparse file, or a store that does not tell the truth. */
  @Test
  void cut_ofLengthsThatAddUpToMoreThanALong_boundsTheUnits() {
    List<UnitRange> ranges = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      ranges.add(Plans.range("file" + i, Long.MAX_VALUE - i));
    }

    assertThat(Subtrees.added(blake3(), ranges, 64 * MIB)).isLessThanOrEqualTo(5_000 + 4_096);
    assertThat(Subtrees.cut(blake3(), ranges.subList(0, 1), 64 * MIB)).hasSize(4_096);
    assertThat(Subtrees.cut(blake3(), List.of(Plans.range("file", 8 * TIB)), 64 * MIB))
        .hasSize(4_096);
  }

  private static ModelHeader blake3() {
    ModelHeader header = Plans.header(0);
    header.setHashType("blake3");
    return header;
  }

  private static void assertDigest(byte[] input, List<UnitRecord> units) {
    List<HashedFile> files = Subtrees.merge(units);
    if (units.size() == 1) {
      assertThat(files).as("files of one unit").isEmpty();
    } else {
      assertThat(files)
          .as("%d bytes in %d units", input.length, units.size())
          .extracting(HashedFile::digest)
          .containsExactly(reference(input));
    }
  }

  private static UnitCutter.Cut cut(ModelHeader header, List<UnitRange> ranges, long unitBytes) {
    WindowSettings settings = new WindowSettings(10, 1 << 20, 1, unitBytes, 10, 1 << 20);
    return new UnitCutter(settings, List.of())
        .cut(header, ranges, List.of(), new DifferenceCounts(0L, 0L, 0L, 0L));
  }

  /** The records of the units of a model of one file. */
  private static List<UnitRecord> hashed(byte[] input, long unitBytes) {
    return hashed(
        cut(blake3(), List.of(Plans.range("file", input.length)), unitBytes), name -> input);
  }

  private interface Contents {
    byte[] of(String name);
  }

  private static List<UnitRecord> hashed(UnitCutter.Cut cut, Contents contents) {
    List<UnitRecord> records = new ArrayList<>();
    for (WorkUnit unit : cut.units()) {
      List<SubtreeValue> values = new ArrayList<>();
      for (UnitRange range : unit.getRanges()) {
        if (range.getSubtree()) {
          int start = (int) range.getStart();
          Blake3State state = ((Blake3Kernel) KERNEL).newSubtree(start / KIB);
          state.update(contents.of(range.getName()), start, (int) range.getEnd() - start);
          values.add(new SubtreeValue(range, ByteBuffer.wrap(state.chainingValue())));
        }
      }
      records.add(
          UnitRecord.newBuilder()
              .setHeader(unit.getHeader())
              .setUnit(unit.getUnit())
              .setUnitCount(unit.getUnitCount())
              .setSubtrees(values)
              .build());
    }
    return records;
  }

  private static ByteBuffer reference(byte[] input) {
    Blake3Digest blake3 = new Blake3Digest(256);
    blake3.update(input, 0, input.length);
    byte[] digest = new byte[blake3.getDigestSize()];
    blake3.doFinal(digest, 0);
    return ByteBuffer.wrap(digest);
  }

  private static byte[] random(int length) {
    byte[] input = new byte[length];
    new Random(length).nextBytes(input);
    return input;
  }
}
