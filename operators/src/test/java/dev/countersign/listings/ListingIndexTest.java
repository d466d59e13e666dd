package dev.countersign.listings;

import static dev.countersign.listings.SampleListings.listing;
import static dev.countersign.listings.SampleListings.scope;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.schemas.FileListing;
import dev.countersign.schemas.Operation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ListingIndexTest {

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

    assertThat(index.find(scope("/m"))).containsExactly(first, second, third);
    assertThat(index.find(scope("/n"))).containsExactly(other);
    assertThat(index.find(scope("/none"))).isEmpty();
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

    assertThat(index.find(scope("/m"))).containsExactly(newer);
    assertThat(index.find(scope("/n"))).containsExactly(onlyOlder);
  }

  @Test
  void find_withAnythingElseInItsScope_returnsNothing() throws Exception {
    ListingIndex index =
        index(SampleListings.write(file("1"), List.of(listing("run", "/m", 5, "a"))));

    assertThat(index.find(scope("/m"))).hasSize(1);
    for (ListingScope other :
        List.of(
            new ListingScope("/m/", Operation.VERIFY, "sha256", "files", 0, false, "ab"),
            new ListingScope("/m", Operation.SIGN, "sha256", "files", 0, false, "ab"),
            new ListingScope("/m", Operation.VERIFY, "blake3", "files", 0, false, "ab"),
            new ListingScope("/m", Operation.VERIFY, "sha256", "shards", 0, false, "ab"),
            new ListingScope("/m", Operation.VERIFY, "sha256", "files", 1, false, "ab"),
            new ListingScope("/m", Operation.VERIFY, "sha256", "files", 0, true, "ab"),
            new ListingScope("/m", Operation.VERIFY, "sha256", "files", 0, false, "ac"))) {
      assertThat(index.find(other)).as("%s", other).isEmpty();
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
      assertThat(index.find(scope("/m" + i))).containsExactly(all.get(i));
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

    assertThatThrownBy(() -> index.find(scope("/m99")))
        .isInstanceOf(MalformedListingException.class)
        .hasMessageContaining("damaged or cut off");
  }

  @Test
  void of_severalFiles_tellsHowFarItIs() throws Exception {
    String one = SampleListings.write(file("1"), List.of(listing("run", "/m", 5, "a")));
    String two = SampleListings.write(file("2"), List.of(listing("run", "/n", 5, "a")));
    List<String> told = new ArrayList<>();

    var unused =
        ListingIndex.of(List.of(one, two), (files, records) -> told.add(files + " of " + records));

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
    return ListingIndex.of(List.of(uris), (files, records) -> {});
  }

  private Path file(String name) throws Exception {
    return Files.createDirectories(folder).resolve("listings-" + name + ".avro");
  }
}
