package dev.countersign.listings;

import static dev.countersign.listings.SampleListings.listing;
import static dev.countersign.listings.SampleListings.scope;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.countersign.schemas.FileListing;
import dev.countersign.schemas.Operation;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ListingIndexTest {

  /** Some hundred records are more than that. */
  private static final long BOUND = 16 << 10;

  @TempDir Path folder;

  @Test
  void find_ofAModelInSeveralBlocksAndFiles_returnsItsRecordsAsTheyWereWritten() throws Exception {
    FileListing first = listing("run", "/m", 5, "a", "b/c");
    FileListing second = listing("run", "/m", 5, "d");
    FileListing third = listing("run", "/m", 5);
    FileListing other = listing("run", "/n", 5, "a");

    ListingIndex index =
        index(
            SampleListings.write(file("1"), List.of(first, other), List.of(second)),
            SampleListings.write(file("2"), List.of(third)));

    assertThat(find(index, scope("/m"))).containsExactly(first, second, third);
    assertThat(find(index, scope("/n"))).containsExactly(other);
    assertThat(find(index, scope("/none"))).isEmpty();
  }

  @Test
  void find_ofAModelOfSeveralRuns_returnsThoseOfTheNewest() throws Exception {
    FileListing older = listing("later-by-name", "/m", 5, "a");
    FileListing newer = listing("earlier-by-name", "/m", 6, "a");
    FileListing onlyOlder = listing("later-by-name", "/n", 5, "a");

    ListingIndex index =
        index(
            SampleListings.write(file("1"), List.of(newer)),
            SampleListings.write(file("2"), List.of(older, onlyOlder)));

    assertThat(find(index, scope("/m"))).containsExactly(newer);
    assertThat(find(index, scope("/n"))).containsExactly(onlyOlder);
  }

  @Test
  void find_withAnythingElseInItsScope_returnsNothing() throws Exception {
    ListingIndex index =
        index(SampleListings.write(file("1"), List.of(listing("run", "/m", 5, "a"))));

    assertThat(find(index, scope("/m"))).hasSize(1);
    for (ListingScope other :
        List.of(
            new ListingScope("/m/", Operation.VERIFY, "sha256", "files", 0, false, "ab"),
            new ListingScope("/m", Operation.SIGN, "sha256", "files", 0, false, "ab"),
            new ListingScope("/m", Operation.VERIFY, "blake3", "files", 0, false, "ab"),
            new ListingScope("/m", Operation.VERIFY, "sha256", "shards", 0, false, "ab"),
            new ListingScope("/m", Operation.VERIFY, "sha256", "files", 1, false, "ab"),
            new ListingScope("/m", Operation.VERIFY, "sha256", "files", 0, true, "ab"),
            new ListingScope("/m", Operation.VERIFY, "sha256", "files", 0, false, "ac"))) {
      assertThat(find(index, other)).as("%s", other).isEmpty();
    }
  }

  @Test
  void find_amongManyModels_findsEach() throws Exception {
    List<FileListing> all = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      all.add(listing("run", "/m" + i, 5, "file" + i));
    }

    ListingIndex index =
        index(SampleListings.write(file("1"), all.subList(0, 2_000), all.subList(2_000, 3_000)));

    for (int i = 0; i < 3_000; i++) {
      assertThat(find(index, scope("/m" + i))).containsExactly(all.get(i));
    }
  }

  @Test
  void find_afterTheFileWasReplaced_saysThatItIsDamaged() throws Exception {
    List<FileListing> many = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      many.add(listing("run", "/m" + i, 5, "file" + i));
    }
    ListingIndex index = index(SampleListings.write(file("1"), List.of(many.get(0)), many));

    SampleListings.write(file("1"), List.of(listing("run", "/m0", 5)));

    assertThatThrownBy(() -> find(index, scope("/m99")))
        .isInstanceOf(MalformedListingException.class)
        .hasMessageContaining("damaged or cut off");
  }

  @Test
  void find_fromManyThreads_findsEachWithinTheBound() throws Exception {
    List<List<FileListing>> blocks = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      blocks.add(
          List.of(listing("run", "/m" + i, 5, "file" + i), listing("run", "/m" + i, 5, "more")));
    }
    ListingIndex index = index(SampleListings.write(file("1"), blocks));
    ExecutorService threads = Executors.newFixedThreadPool(16);

    List<Future<List<FileListing>>> found = new ArrayList<>();
    for (int i = 0; i < blocks.size(); i++) {
      ListingScope scope = scope("/m" + i);
      found.add(threads.submit(() -> find(index, scope)));
    }

    for (int i = 0; i < blocks.size(); i++) {
      assertThat(found.get(i).get()).isEqualTo(blocks.get(i));
    }
    threads.shutdown();
    assertThat(index.bytesCached()).isBetween(1L, BOUND);
  }

  @Test
  void bytesRead_coverTheLargestBlockAndARecordOfIt() throws Exception {
    String[] names = new String[1_000];
    for (int i = 0; i < names.length; i++) {
      names[i] = "a-file-with-a-name-" + i;
    }
    FileListing large = listing("run", "/large", 5, names);
    String file = SampleListings.write(file("1"), List.of(large), List.of(listing("run", "/m", 5)));

    ListingIndex index = index(file);

    long fileBytes = Files.size(file("1"));
    assertThat(index.bytesRead()).isBetween(2 * fileBytes - 10_000, 2 * fileBytes);
  }

  @ParameterizedTest
  @CsvSource({"128, 8", "1024, 64", "1000000, 64"})
  void cachedBytes_areAtMostASixteenthOfTheHeap(long mebibytes, long cached) {
    assertThat(ListingIndex.cachedBytes(mebibytes << 20)).isEqualTo(cached << 20);
  }

  @Test
  void find_byAnInterruptedThread_leavesTheIndexUsable() throws Exception {
    FileListing listing = listing("run", "/m", 5, "a");
    ListingIndex index = index(SampleListings.write(file("1"), List.of(listing)));

    Thread.currentThread().interrupt();
    Throwable ignored = catchThrowable(() -> find(index, scope("/m")));
    boolean interrupted = Thread.interrupted();

    assertThat(interrupted).isTrue();
    assertThat(find(index, scope("/m"))).as("after %s", ignored).containsExactly(listing);
  }

  @Test
  void find_afterAFileVanished_failsForItsModelsAlone() throws Exception {
    FileListing kept = listing("run", "/kept", 5, "a");
    ListingIndex index =
        index(
            SampleListings.write(file("1"), List.of(listing("run", "/gone", 5, "a"))),
            SampleListings.write(file("2"), List.of(kept)));

    Files.delete(file("1"));

    assertThatThrownBy(() -> find(index, scope("/gone")))
        .isInstanceOf(FileNotFoundException.class)
        .hasMessageContaining("listings-1.avro");
    assertThat(find(index, scope("/kept"))).containsExactly(kept);
  }

  @Test
  void close_deletesWhatWasSorted() throws Exception {
    ListingIndex index =
        index(SampleListings.write(file("1"), List.of(listing("run", "/m", 5, "a"))));

    index.close();

    assertThatThrownBy(() -> find(index, scope("/m")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("java.io.tmpdir");
  }

  @Test
  void of_severalFiles_tellsHowFarItIs() throws Exception {
    String one = SampleListings.write(file("1"), List.of(listing("run", "/m", 5, "a")));
    String two = SampleListings.write(file("2"), List.of(listing("run", "/n", 5, "a")));
    List<String> told = new ArrayList<>();

    var unused =
        ListingIndex.of(
            List.of(one, two), BOUND, (files, records) -> told.add(files + " of " + records));

    assertThat(told).containsExactly("1 of 1", "2 of 2");
  }

  @Test
  void ignoreSet_ofOtherPathsOrSets_isAnother() {
    assertThat(
            List.of(
                ListingScope.ignoreSet(List.of()),
                ListingScope.ignoreSet(List.of(), List.of()),
                ListingScope.ignoreSet(List.of("a"), List.of()),
                ListingScope.ignoreSet(List.of(), List.of("a")),
                ListingScope.ignoreSet(List.of("a", "b"), List.of()),
                ListingScope.ignoreSet(List.of("a\n1 b"), List.of()),
                ListingScope.ignoreSet(List.of("ab"), List.of())))
        .doesNotHaveDuplicates()
        .allMatch(set -> set.matches("[0-9a-f]{64}"));
  }

  private static ListingIndex index(String... uris) throws Exception {
    return ListingIndex.of(List.of(uris), BOUND, (files, records) -> {});
  }

  private static List<FileListing> find(ListingIndex index, ListingScope scope) throws IOException {
    List<FileListing> found = new ArrayList<>();
    index.forEach(scope, found::add);
    return found;
  }

  private Path file(String name) throws Exception {
    return Files.createDirectories(folder).resolve("listings-" + name + ".avro");
  }
}
