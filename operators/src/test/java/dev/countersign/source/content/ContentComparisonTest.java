package dev.countersign.source.content;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.oms.Digest;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.Resource;
import dev.countersign.oms.Serialization;
import dev.countersign.schemas.Difference;
import dev.countersign.schemas.DifferenceCause;
import dev.countersign.schemas.DifferenceCounts;
import dev.countersign.schemas.DifferenceKind;
import dev.countersign.schemas.UnitRange;
import dev.countersign.storage.IrregularEntry;
import dev.countersign.storage.ModelListing;
import dev.countersign.storage.StoredFile;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ContentComparisonTest {

  private static final Serialization FILES = Serialization.files(HashAlgorithm.SHA256);
  private static final Serialization SHARDS = Serialization.shards(HashAlgorithm.SHA256, 10);

  private final Map<String, List<Resource>> signed = new LinkedHashMap<>();
  private final List<StoredFile> files = new ArrayList<>();
  private final List<IrregularEntry> irregular = new ArrayList<>();

  @Test
  void compare_ofASignedFile_expectsItsDigest() {
    sign("a");
    store("a", 5);

    ContentComparison comparison = compare(FILES, false, 10);

    assertThat(comparison.ranges()).hasSize(1);
    assertThat(comparison.ranges().get(0).getExpected())
        .isEqualTo(ByteBuffer.wrap(digest("a").bytes()));
    assertThat(comparison.differences()).isEmpty();
  }

  @Test
  void compare_ofNamesOnOneSide_namesThemWithWhatWasSigned() {
    sign("gone");
    store("new", 5);

    ContentComparison comparison = compare(FILES, false, 10);

    assertThat(comparison.differences())
        .containsExactlyInAnyOrder(
            new Difference(
                DifferenceKind.MISSING, "gone", digest("gone").hex(), "", "", DifferenceCause.NONE),
            new Difference(DifferenceKind.EXTRA, "new", "", "", "", DifferenceCause.NONE));
    assertThat(comparison.ranges()).isEmpty();
  }

  @Test
  void compare_ofFilesBelowALinkedDirectory_saysSoOfEach() {
    sign("dir/sub/a");
    sign("director");
    irregular.add(
        new IrregularEntry("dir", IrregularEntry.Kind.LINKED_DIRECTORY, "a symbolic link to x"));

    ContentComparison comparison = compare(FILES, false, 10);

    assertThat(comparison.differences())
        .contains(
            new Difference(
                DifferenceKind.MISSING,
                "dir/sub/a",
                digest("dir/sub/a").hex(),
                "",
                "below a symbolic link to x",
                DifferenceCause.LINKED_DIRECTORY),
            new Difference(
                DifferenceKind.MISSING,
                "director",
                digest("director").hex(),
                "",
                "",
                DifferenceCause.NONE));
  }

  @Test
  void compare_beyondTheLimit_keepsCountsExact() {
    for (int i = 0; i < 50; i++) {
      sign("gone" + i);
      store("new" + i, 5);
    }
    irregular.add(new IrregularEntry("pipe", IrregularEntry.Kind.SPECIAL_FILE, ""));

    ContentComparison comparison = compare(FILES, false, 7);

    assertThat(comparison.differences()).hasSize(7);
    assertThat(comparison.counts().getMissing()).isEqualTo(50);
    assertThat(comparison.counts().getExtra()).isEqualTo(51);
  }

  @Test
  void compare_ofAHugeUnsignedTail_countsItsShardsWithoutWalkingThem() {
    signShards("file", 10, 20);
    store("file", 10L * 1_000_000_000_000L + 1);

    ContentComparison comparison = compare(SHARDS, false, 3);

    assertThat(comparison.ranges()).hasSize(2);
    assertThat(comparison.differences()).hasSize(3);
    assertThat(comparison.counts().getExtra()).isEqualTo(1_000_000_000_000L + 1 - 2);
  }

  @Test
  void compare_ofAGrownLastShard_countsBothSides() {
    signShards("file", 10, 15);
    store("file", 18);

    ContentComparison comparison = compare(SHARDS, true, 10);

    assertThat(comparison.differences())
        .extracting(difference -> difference.getKind() + " " + difference.getName())
        .containsExactly("EXTRA file:10:18", "MISSING file:10:15");
    assertThat(comparison.differences().get(1).getExpected()).isEqualTo(digest("file:10:15").hex());
    assertThat(comparison.ranges()).hasSize(1);
  }

  @Test
  void compare_beyondTheLimitInsideAFile_stillCountsWhatIsMissing() {
    signShards("file", 10, 20, 25);
    store("file", 18);

    ContentComparison comparison = compare(SHARDS, false, 0);

    assertThat(comparison.differences()).isEmpty();
    assertThat(comparison.counts().getExtra()).isEqualTo(1);
    assertThat(comparison.counts().getMissing()).isEqualTo(2);
  }

  @Test
  void compare_beyondTheLimitInOddShards_countsEachOnce() {
    signShards("file", 3, 13, 20, 30);
    store("file", 45);

    ContentComparison limited = compare(SHARDS, false, 1);
    ContentComparison full = compare(SHARDS, false, 100);

    assertThat(full.differences())
        .extracting(difference -> difference.getKind() + " " + difference.getName())
        .containsExactly(
            "EXTRA file:0:10",
            "EXTRA file:10:20",
            "EXTRA file:30:40",
            "EXTRA file:40:45",
            "MISSING file:0:3",
            "MISSING file:3:13",
            "MISSING file:13:20");
    assertThat(limited.counts()).isEqualTo(full.counts());
    assertThat(limited.ranges()).isEqualTo(full.ranges()).hasSize(1);
  }

  @Test
  void compare_ofAFileOfExabytesInLongShards_ends() {
    long shard = 5_000_000_000_000_000_000L;
    signed.put(
        "file",
        List.of(
            new Resource("file", 0, shard, digest("0")),
            new Resource("file", shard, 9_000_000_000_000_000_000L, digest("1"))));
    store("file", 9_000_000_000_000_000_000L);

    ContentComparison comparison =
        compare(Serialization.shards(HashAlgorithm.SHA256, shard), false, 10);

    assertThat(comparison.differences()).isEmpty();
    assertThat(comparison.ranges()).hasSize(2);
  }

  @Test
  void compare_ofAHundredThousandEachWay_countsAllAndListsUpToTheLimit() {
    for (int i = 0; i < 100_000; i++) {
      sign("gone" + i);
      store("new" + i, 1);
      irregular.add(
          new IrregularEntry("link" + i, IrregularEntry.Kind.LINKED_DIRECTORY, "a directory"));
    }

    ContentComparison comparison = compare(FILES, false, 10_000);

    assertThat(comparison.counts())
        .isEqualTo(new DifferenceCounts(100_000L, 200_000L, 0L, 100_000L));
    assertThat(comparison.differences()).hasSize(10_000);
  }

  /** A link's target has up to 4,095 bytes, and is shown escaped. */
  @Test
  void compare_ofLinksWithLongTargets_countsAllAndListsUpTo16Mebibytes() {
    String target = "\u00E9".repeat(4_000);
    for (int i = 0; i < 5_000; i++) {
      irregular.add(new IrregularEntry("link" + (1_000 + i), IrregularEntry.Kind.SYMLINK, target));
    }

    ContentComparison comparison = compare(FILES, false, 10_000);

    assertThat(comparison.counts().getExtra()).isEqualTo(5_000);
    // 8,000 bytes of UTF-8 each, and a name of eight.
    assertThat(comparison.differences().size()).isEqualTo((16 << 20) / 8_008);
  }

  @Test
  void compare_ofShardsOfAFileWithALongName_countsThemWithoutListingThem() {
    String name = "n".repeat(17 << 20);
    signShards(name, 1, 2);
    store(name, 1L << 60);

    ContentComparison comparison =
        compare(Serialization.shards(HashAlgorithm.SHA256, 1), false, 10);

    assertThat(comparison.differences()).isEmpty();
    assertThat(comparison.counts().getExtra()).isEqualTo((1L << 60) - 2);
  }

  @Test
  void compare_whereTheFileSystemTakesTwoSignedNamesForOne_missesTheOther() {
    // What a file system lists that does not tell cases or normal forms apart.
    sign("A");
    sign("a");
    sign("\u00E9");
    sign("e\u0301");
    store("A", 5);
    store("e\u0301", 5);

    ContentComparison comparison = compare(FILES, false, 10);

    assertThat(comparison.ranges()).extracting(UnitRange::getName).containsExactly("A", "e\u0301");
    assertThat(comparison.differences())
        .extracting(difference -> difference.getKind() + " " + difference.getName())
        .containsExactlyInAnyOrder("MISSING a", "MISSING \u00E9");
  }

  @Test
  void compare_ofAForeignNameThatReadsLikeASignedOne_isExtra() {
    sign("bad\\xFF");
    store("bad\\xFF", 5);
    irregular.add(
        new IrregularEntry(
            "bad\\xFF", IrregularEntry.Kind.NAME_NOT_UTF8, "bytes that are no UTF-8"));

    ContentComparison comparison = compare(FILES, false, 10);

    assertThat(comparison.counts()).isEqualTo(new DifferenceCounts(0L, 1L, 0L, 0L));
    assertThat(comparison.differences().get(0).getDetail()).isEqualTo("bytes that are no UTF-8");
  }

  @ParameterizedTest
  @CsvSource({
    "SYMLINK, LINK",
    "SYMLINK_OUTSIDE, LINK_OUTSIDE",
    "SYMLINK_UNSUPPORTED, NONE",
    "SYMLINK_BROKEN, NONE",
    "SYMLINK_CYCLE, NONE",
    "SPECIAL_FILE, NONE",
  })
  void compare_ofALinkInPlaceOfAFile_saysWhetherItCouldBeFollowed(
      IrregularEntry.Kind followed, DifferenceCause cause) {
    sign("file");
    irregular.add(
        new IrregularEntry("file", IrregularEntry.Kind.SYMLINK, followed, "a symbolic link to x"));

    assertThat(compare(FILES, false, 10).differences())
        .singleElement()
        .extracting(Difference::getKind, Difference::getCause)
        .containsExactly(DifferenceKind.MISSING, cause);
  }

  @Test
  void compare_ofLinkedDirectories_countsThemAmongTheExtraOnes() {
    irregular.add(
        new IrregularEntry("linked", IrregularEntry.Kind.LINKED_DIRECTORY, "a directory"));
    irregular.add(new IrregularEntry("socket", IrregularEntry.Kind.SPECIAL_FILE, "a socket"));

    assertThat(compare(FILES, false, 10).counts()).isEqualTo(new DifferenceCounts(0L, 2L, 0L, 1L));
    assertThat(compare(FILES, true, 10).counts()).isEqualTo(new DifferenceCounts(0L, 0L, 0L, 0L));
  }

  @Test
  void compare_ofAFileCutToNothing_missesAllItsShards() {
    signShards("file", 10, 20);
    store("file", 0);

    ContentComparison comparison = compare(SHARDS, false, 10);

    assertThat(comparison.counts().getMissing()).isEqualTo(2);
    assertThat(comparison.differences().get(0).getDetail()).isEqualTo("the file is 0 bytes long");
    assertThat(comparison.differences())
        .extracting(Difference::getCause)
        .containsOnly(DifferenceCause.LENGTH);
  }

  @Test
  void compare_ofEmptyUnsignedFiles_isExtraOnlyUnderFiles() {
    store("empty", 0);

    assertThat(compare(SHARDS, false, 10).counts().getExtra()).isZero();
    assertThat(compare(FILES, false, 10).counts().getExtra()).isEqualTo(1);
  }

  @Test
  void compare_ofAMissingShardedFile_namesEveryShard() {
    signShards("file", 10, 15);

    assertThat(compare(SHARDS, false, 10).differences())
        .extracting(Difference::getName)
        .containsExactly("file:0:10", "file:10:15");
  }

  @Test
  void compare_ofIrregularEntries_describesThem() {
    sign("replaced");
    irregular.add(
        new IrregularEntry(
            "replaced",
            IrregularEntry.Kind.LINKED_DIRECTORY,
            "a symbolic link to sub, a directory"));
    irregular.add(new IrregularEntry("socket", IrregularEntry.Kind.SPECIAL_FILE, "a socket"));

    ContentComparison strict = compare(FILES, false, 10);
    ContentComparison lenient = compare(FILES, true, 10);

    assertThat(strict.differences())
        .extracting(difference -> difference.getKind() + ": " + difference.getDetail())
        .containsExactly("MISSING: a symbolic link to sub, a directory", "EXTRA: a socket");
    assertThat(lenient.counts().getMissing()).isEqualTo(1);
    assertThat(lenient.counts().getExtra()).isZero();
  }

  /** Adding up such sizes passes 2^63, and would begin again below zero. */
  @Test
  void compare_ofShardsOfExabytes_endsWithTheFile() {
    long size = (1L << 62) + 1;
    signShards("a", size, Long.MAX_VALUE);
    store("a", Long.MAX_VALUE);

    ContentComparison comparison =
        compare(Serialization.shards(HashAlgorithm.SHA256, size), false, 10);

    assertThat(comparison.ranges())
        .extracting(range -> range.getEnd() - range.getStart())
        .containsExactly(size, Long.MAX_VALUE - size);
    assertThat(comparison.differences()).isEmpty();
  }

  /** Few shards are signed, of one byte each, and the file has an exabyte. */
  @Test
  void compare_ofTinyShardsOfAHugeFile_countsWhatItDoesNotList() {
    signShards("a", 1, 2);
    store("a", 1L << 60);

    ContentComparison comparison =
        compare(Serialization.shards(HashAlgorithm.SHA256, 1), false, 10);

    assertThat(comparison.ranges()).hasSize(2);
    assertThat(comparison.differences()).hasSize(10);
    assertThat(comparison.counts().getExtra()).isEqualTo((1L << 60) - 2);
  }

  private ContentComparison compare(Serialization serialization, boolean lenient, int limit) {
    ContentComparison comparison =
        new ContentComparison(new LinkedHashMap<>(signed), serialization, lenient, false, limit);
    comparison.compare(new ModelListing(false, files, irregular, 0, "", List.of()));
    return comparison;
  }

  private void sign(String name) {
    signed.put(name, List.of(Resource.whole(name, digest(name))));
  }

  private void signShards(String name, long... ends) {
    List<Resource> shards = new ArrayList<>();
    long start = 0;
    for (long end : ends) {
      shards.add(new Resource(name, start, end, digest(name + ":" + start + ":" + end)));
      start = end;
    }
    signed.put(name, shards);
  }

  private void store(String name, long length) {
    files.add(new StoredFile(name, name, 0, length, "v1", 0));
  }

  /** A digest of its own for each name. */
  private static Digest digest(String name) {
    byte[] bytes = new byte[32];
    ByteBuffer.wrap(bytes).putInt(name.hashCode());
    return Digest.of(bytes);
  }
}
