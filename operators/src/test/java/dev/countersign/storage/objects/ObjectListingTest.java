package dev.countersign.storage.objects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.countersign.storage.GlobScope;
import dev.countersign.storage.IrregularEntry;
import dev.countersign.storage.IrregularEntry.Kind;
import dev.countersign.storage.ListingRules;
import dev.countersign.storage.ListingRulesFixture;
import dev.countersign.storage.ModelListing;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredFile;
import dev.countersign.storage.StoredObject;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys that no folder on a disk could hold: none is hidden, none stands for another file. */
final class ObjectListingTest {

  private static final AtomicInteger TESTS = new AtomicInteger();
  private static final String NO_PATH =
      "a key that is no plain path, such as one with an empty segment";

  private final String name = "listing-" + TESTS.incrementAndGet();
  private final FakeBucket bucket = FakeStore.bucket(name);
  private final String model = "mem://" + name + "/m";

  @Test
  void list_ofFolderMarkers_skipsThem() throws Exception {
    put(0, "m/", "m/d/", "m/e/f/");
    put(3, "m/d/a");

    ModelListing listing = list(name -> false);

    assertThat(names(listing)).containsExactly("d/a");
    assertThat(listing.irregular()).isEmpty();
  }

  @Test
  void list_ofMarkersWithContent_isIrregular() throws Exception {
    put(3, "m/", "m/d/", "m/a");

    ModelListing listing = list(name -> false);

    assertThat(names(listing)).containsExactly("a");
    assertThat(listing.irregular())
        .extracting(IrregularEntry::name, IrregularEntry::kind, IrregularEntry::detail)
        .containsExactly(
            tuple("/", Kind.NAME_NOT_CANONICAL, "a key that ends in a slash, with content"),
            tuple("d/", Kind.NAME_NOT_CANONICAL, "a key that ends in a slash, with content"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a//b", "/c", "./p", "a/./q", "..", "../n", "a/../b", "a/..", "x\0y"})
  void list_ofAKeyThatIsNoPath_isIrregularEvenWhereItIsIgnored(String key) throws Exception {
    put(3, "m/a/b", "m/" + key);

    ModelListing listing = list(name -> name.equals("a"));

    assertThat(names(listing)).isEmpty();
    assertThat(listing.irregular())
        .extracting(IrregularEntry::name, IrregularEntry::kind, IrregularEntry::detail)
        .containsExactly(tuple(key, Kind.NAME_NOT_CANONICAL, NO_PATH));
  }

  @Test
  void list_ofAnEmptyObjectBelowAnEmptySegment_isIrregular() throws Exception {
    put(0, "m//", "m/a//", "m/../");

    assertThat(list(name -> false).irregular())
        .extracting(IrregularEntry::name)
        .containsExactly("../", "/", "a//");
  }

  @Test
  void list_ofOtherOddKeys_hasThemAsFiles() throws Exception {
    put(3, "m/_SUCCESS", "m/x_$folder$", "m/a%2Fb", "m/line\nfeed", "m/\u0001", "m/...", "m/.x");

    ModelListing listing = list(name -> false);

    assertThat(names(listing))
        .containsExactly("\u0001", "...", ".x", "_SUCCESS", "a%2Fb", "line\nfeed", "x_$folder$");
    assertThat(listing.irregular()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 1000})
  void list_ofAKeyThatIsAnObjectAndAFolder_isIrregular(int pageKeys) throws Exception {
    put(3, "m/k", "m/k-1", "m/k.x", "m/k/z", "m/d/k", "m/d/k!", "m/d/k/y", "m/other", "m/t/a");
    bucket.pageKeys(pageKeys);

    ModelListing listing = list(name -> false);

    assertThat(listing.irregular())
        .extracting(IrregularEntry::name, IrregularEntry::kind, IrregularEntry::detail)
        .containsExactly(
            tuple("d/k", Kind.FILE_AND_FOLDER, "an object, and a folder with other objects in it"),
            tuple("k", Kind.FILE_AND_FOLDER, "an object, and a folder with other objects in it"));
    assertThat(names(listing)).hasSize(9);
    assertThat(names(list(name -> name.equals("k") || name.equals("d")))).doesNotContain("k");
    assertThat(list(name -> name.equals("k") || name.equals("d")).irregular()).isEmpty();
  }

  @Test
  void list_ofAModelThatIsAnObjectAndAFolder_isOfTheFolder() throws Exception {
    put(3, "m", "m/a");

    assertThat(names(list(name -> false))).containsExactly("a");
  }

  @Test
  void list_ofKeysBesideTheModel_leavesThemOut() throws Exception {
    put(3, "m/a", "m-1/b", "m0", "ma/c");

    assertThat(names(list(name -> false))).containsExactly("a");
  }

  @Test
  void list_ofAnArchivedObject_failsAndNamesTheRestore() {
    put(3, "m/a");
    bucket.put("m/b", new byte[5], "GLACIER");

    assertThatThrownBy(() -> list(name -> false))
        .isInstanceOfSatisfying(
            StorageException.class,
            e -> {
              assertThat(e.kind()).isEqualTo(StorageException.Kind.UNREADABLE);
              assertThat(e.transientFault()).isFalse();
            })
        .hasMessage(
            model
                + "/b is archived (GLACIER), so it cannot be read. Restore the object and run"
                + " again, or leave it out with 'ignore-paths'.");
    assertThat(bucket.takeLog()).containsExactly("LIST m/");
  }

  @Test
  void list_ofAnArchivedObjectThatIsIgnored_leavesItOut() throws Exception {
    put(3, "m/a");
    bucket.put("m/b", new byte[5], "GLACIER");

    assertThat(names(list(name -> name.equals("b")))).containsExactly("a");
  }

  @Test
  void list_ofTheSameKeysByFingerprint_isTheSame() throws Exception {
    put(3, "m/k", "m/k/z", "m/a//b", "m/d/e/f");
    put(0, "m/d/");
    ListingRules rules = rules(name -> false);

    String fingerprint = Storages.forUri(model).summarize(model, rules).fingerprint();

    assertThat(fingerprint).isEqualTo(list(name -> false).fingerprint());
    bucket.remove("m/k/z");
    assertThat(Storages.forUri(model).summarize(model, rules).fingerprint())
        .isNotEqualTo(fingerprint);
  }

  @Test
  void list_ofANotedName_notesObjectsAndFoldersOnce() throws Exception {
    put(3, "m/a", "m/model.sig", "m/claims.json/x", "m/claims.json/y", "m/s/model.sig");
    ListingRules rules =
        new ListingRules(
            name -> name.equals("claims.json"),
            false,
            List.of(),
            9,
            99,
            99,
            GlobScope.ANYWHERE,
            name -> name.equals("model.sig"),
            bytes -> {},
            name -> name.equals("model.sig") || name.equals("claims.json"));

    ModelListing listing = Storages.forUri(model).list(model, rules);

    assertThat(listing.noted())
        .extracting(StoredObject::uri, StoredObject::kind)
        .containsExactlyInAnyOrder(
            tuple(model + "/model.sig", StoredObject.Kind.FILE),
            tuple(model + "/claims.json", StoredObject.Kind.DIRECTORY));
    assertThat(names(listing)).containsExactly("a", "s/model.sig");
    assertThat(listing.irregular())
        .extracting(IrregularEntry::name, IrregularEntry::detail)
        .containsExactly(
            tuple("claims.json/x", "a key below that of the bundle"),
            tuple("claims.json/y", "a key below that of the bundle"));
  }

  private void put(int bytes, String... keys) {
    for (String key : keys) {
      bucket.put(key, new byte[bytes]);
    }
  }

  private ModelListing list(Predicate<String> ignored) throws StorageException {
    return Storages.forUri(model).list(model, rules(ignored));
  }

  private static ListingRules rules(Predicate<String> ignored) {
    return ListingRulesFixture.of(ignored, false, List.of(), 99, 999, 999);
  }

  private static List<String> names(ModelListing listing) {
    return listing.files().stream().map(StoredFile::name).toList();
  }
}
