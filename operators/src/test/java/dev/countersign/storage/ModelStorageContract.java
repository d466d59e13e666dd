package dev.countersign.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.storage.StorageException.Kind;
import java.io.ByteArrayOutputStream;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What every store must do: models are listed and read, and all of {@link FolderStorageContract}.
 */
public abstract class ModelStorageContract extends FolderStorageContract {

  @Test
  void list_ofDirectory_hasAllFilesInCodePointOrder() throws Exception {
    String model =
        model("b", "a/b", "a.txt", ".hidden", "a/.git/x", "sp ace", "\uFF5E", "\uD83D\uDE00");

    ModelListing listing = list(model);

    assertThat(names(listing))
        .containsExactly(
            ".hidden", "a.txt", "a/.git/x", "a/b", "b", "sp ace", "\uFF5E", "\uD83D\uDE00");
    assertThat(listing.singleFile()).isFalse();
    assertThat(listing.irregular()).isEmpty();
    assertThat(listing.totalBytes()).isEqualTo(8 * 10);
    assertThat(listing.files())
        .allSatisfy(file -> assertThat(file.path()).isEqualTo(file.name()))
        .allSatisfy(file -> assertThat(file.length()).isEqualTo(10));
  }

  @Test
  void list_withIgnoredNames_leavesThemAndTheirSubtreesOut() throws Exception {
    String model = model("keep", "drop/a", "drop/b/c", "sub/drop");

    ModelListing listing =
        storage().list(model, rules(name -> name.equals("drop") || name.equals("sub/x"), 10, 10));

    assertThat(names(listing)).containsExactly("keep", "sub/drop");
  }

  @Test
  void list_ofSingleFile_hasItsBaseName() throws Exception {
    String uri = Storages.child(folder(), "weights.bin");
    put(uri, new byte[7]);

    ModelListing listing = list(uri);

    assertThat(listing.singleFile()).isTrue();
    assertThat(names(listing)).containsExactly("weights.bin");
    assertThat(read(uri, listing.files().get(0))).isEqualTo(new byte[7]);
  }

  @Test
  void list_ofEmptyDirectory_isEmpty() throws Exception {
    makeFolder(Storages.child(folder(), "empty/inner"));

    ModelListing listing = list(Storages.child(folder(), "empty"));

    assertThat(listing.files()).isEmpty();
    assertThat(listing.totalBytes()).isZero();
  }

  @Test
  void list_ofMissingModel_saysWhichAndWhatToDo() {
    String missing = Storages.child(folder(), "nowhere");

    StorageException e = failure(() -> list(missing));

    assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND);
    assertThat(e.uri()).isEqualTo(missing);
    assertThat(e.transientFault()).isFalse();
    assertThat(e).hasMessage("There is nothing at " + missing + ". Check the path.");
  }

  @Test
  void list_pastTheLimits_namesTheLimit() throws Exception {
    String model = model("a/b/c", "d");

    StorageException deep = failure(() -> storage().list(model, rules(name -> false, 2, 10)));
    StorageException many = failure(() -> storage().list(model, rules(name -> false, 3, 1)));
    StorageException large =
        failure(
            () ->
                storage()
                    .list(model, ListingRulesFixture.of(n -> false, false, List.of(), 9, 9, 9)));

    assertThat(deep.kind()).isEqualTo(Kind.LIMIT_EXCEEDED);
    assertThat(deep).hasMessageContaining("a/b/c is more than 2 levels below the model " + model);
    assertThat(many.kind()).isEqualTo(Kind.LIMIT_EXCEEDED);
    assertThat(many).hasMessageContaining("more than 1 ");
    assertThat(large.kind()).isEqualTo(Kind.LIMIT_EXCEEDED);
    assertThat(large).hasMessageContaining("has 10 bytes, more than 9");
  }

  @Test
  void list_atTheLimits_passes() throws Exception {
    String model = model("a/b/c", "d");

    ModelListing listing =
        storage().list(model, ListingRulesFixture.of(n -> false, false, List.of(), 3, 2, 10));

    assertThat(names(listing)).containsExactly("a/b/c", "d");
  }

  @Test
  void fingerprint_ofUnchangedModel_staysAndChangesWithTheModel() throws Exception {
    String model = model("a", "b");
    String before = list(model).fingerprint();
    String again = list(model).fingerprint();

    put(Storages.child(model, "a"), "0123456789".getBytes(UTF_8));

    assertThat(again).isEqualTo(before).hasSize(64);
    assertThat(list(model).fingerprint()).isNotEqualTo(before);
  }

  @Test
  void read_ofRanges_givesExactlyTheirBytes() throws Exception {
    byte[] content = new byte[300_000];
    for (int i = 0; i < content.length; i++) {
      content[i] = (byte) ((i * 31) >> 3);
    }
    String model = Storages.child(folder(), "ranges");
    put(Storages.child(model, "f"), content);
    put(Storages.child(model, "empty"), new byte[0]);
    ModelListing listing = list(model);

    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    try (ModelReader reader = storage().openModel(model, List.of())) {
      for (int start = 0; start < content.length; start += 70_001) {
        int end = Math.min(content.length, start + 70_001);
        joined.writeBytes(readAll(reader, listing.files().get(1), start, end));
      }
      assertThat(readAll(reader, listing.files().get(0), 0, 0)).isEmpty();
    }

    assertThat(joined.toByteArray()).isEqualTo(content);
  }

  @Test
  void read_ofFileReplacedSinceListing_isChanged() throws Exception {
    String model = model("f");
    StoredFile planned = list(model).files().get(0);

    put(Storages.child(model, "f"), "9876543210".getBytes(UTF_8));

    assertChanged(failure(() -> read(model, planned)), "was written to or replaced");
  }

  @Test
  void read_ofFileThatGrewOrShrankOrIsGone_isChanged() throws Exception {
    String model = model("f");
    String uri = Storages.child(model, "f");
    StoredFile planned = list(model).files().get(0);

    append(uri, new byte[3]);
    StorageException grown = failure(() -> read(model, planned));
    put(uri, new byte[3]);
    StorageException shrunk = failure(() -> read(model, planned));
    delete(uri);
    StorageException gone = failure(() -> read(model, planned));

    boolean byVersion = readsFoundVersion();
    assertChanged(
        grown,
        byVersion
            ? "was written to or replaced since the model was listed"
            : "had 10 bytes when the model was listed and now has 13");
    assertChanged(
        shrunk,
        byVersion
            ? "was written to or replaced since the model was listed"
            : "had 10 bytes when the model was listed and now has 3");
    assertChanged(gone, "was deleted or moved");
  }

  @Test
  void finish_ofFileThatChangedAfterItWasRead_isChangedUnlessTheVersionWasRead() throws Exception {
    String model = model("f");
    StoredFile planned = list(model).files().get(0);

    try (ModelReader reader = storage().openModel(model, List.of());
        RangeInput input = reader.open(planned, 0, 10)) {
      byte[] read = drain(input);
      put(Storages.child(model, "f"), "9876543210".getBytes(UTF_8));

      if (readsFoundVersion()) {
        input.finish();
        assertThat(read).asString(UTF_8).isEqualTo("0123456789");
      } else {
        assertChanged(failure(input::finish), "since the model was listed");
      }
    }
  }

  @Test
  void close_beforeTheEnd_endsTheRange() throws Exception {
    String model = model("f");
    StoredFile planned = list(model).files().get(0);

    try (ModelReader reader = storage().openModel(model, List.of())) {
      RangeInput input = reader.open(planned, 0, 10);
      input.close();
      input.close();

      StorageException e = failure(() -> input.read(new byte[5], 0, 5));
      assertThat(e.kind()).isEqualTo(Kind.UNREADABLE);
    }
  }
}
