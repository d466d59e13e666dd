package dev.countersign.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.storage.StorageException.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What every store must do with folders and files that are written. A subclass names a folder in
 * its store, and how to change files there.
 */
abstract class FolderStorageContract {

  /** Returns the URI of a folder that exists, is empty, and is the running test's alone. */
  protected abstract String folder();

  /** Writes a file in another way than the store under test does, replacing what is there. */
  protected abstract void put(String uri, byte[] content) throws IOException;

  /** Adds bytes at a file's end. */
  protected abstract void append(String uri, byte[] content) throws IOException;

  protected abstract void makeFolder(String uri) throws IOException;

  protected abstract void delete(String uri) throws IOException;

  /** Returns whether a file that is read is the one that was found, or reading fails at once. */
  protected boolean readsFoundVersion() {
    return false;
  }

  /** Returns whether a file cannot have the name of a folder. */
  protected boolean hasFolders() {
    return true;
  }

  @Test
  void writeAtomically_overAnExistingFile_replacesItAndLeavesNothingElse() throws Exception {
    String uri = Storages.child(folder(), "new/folders/model.sig");

    storage().writeAtomically(uri, "one".getBytes(UTF_8));
    storage().writeAtomically(uri, "two".getBytes(UTF_8));

    assertThat(storage().readFully(uri, 100)).asString(UTF_8).isEqualTo("two");
    assertThat(names(list(Storages.child(folder(), "new")))).containsExactly("folders/model.sig");
  }

  @Test
  void writeAtomically_overADirectory_isRefusedAndLeavesNothing() throws Exception {
    String uri = Storages.child(folder(), "m/model.sig");
    makeFolder(uri);

    StorageException e = failure(() -> storage().writeAtomically(uri, new byte[1]));

    assertThat(e.kind()).isEqualTo(Kind.NOT_WRITABLE);
    assertThat(e).hasMessageContaining(uri + " is a directory");
    assertThat(list(Storages.child(folder(), "m")).files()).isEmpty();
  }

  @Test
  void writeAtomically_belowAFile_isRefusedWhereThereAreFolders() throws Exception {
    put(Storages.child(folder(), "file"), new byte[1]);
    String uri = Storages.child(folder(), "file/model.sig");

    if (!hasFolders()) {
      storage().writeAtomically(uri, new byte[1]);
      assertThat(storage().stat(Storages.child(folder(), "file"))).isPresent();
      return;
    }
    StorageException e = failure(() -> storage().writeAtomically(uri, new byte[1]));

    assertThat(e.kind()).isEqualTo(Kind.NOT_WRITABLE);
    assertThat(e).hasMessageContaining(uri + " cannot be written: ");
  }

  @Test
  void create_ofAFile_letsItAppearWhenCommittedAndNotBefore() throws Exception {
    String uri = Storages.child(folder(), "new/catalog.csv");
    byte[] piece = "0123456789".repeat(10_000).getBytes(UTF_8);

    try (AtomicOutput output = storage().create(uri)) {
      output.write('x');
      output.write(piece);
      assertThat(storage().stat(uri)).isEmpty();
      output.commit();
    }

    assertThat(storage().readFully(uri, 1 << 20)).hasSize(piece.length + 1).startsWith('x', '0');
    assertThat(names(list(Storages.child(folder(), "new")))).containsExactly("catalog.csv");
  }

  @Test
  void create_ofAFileThatIsGivenUp_leavesWhatWasThereAndNothingElse() throws Exception {
    String uri = Storages.child(folder(), "kept/catalog.csv");
    put(uri, "old".getBytes(UTF_8));

    try (AtomicOutput output = storage().create(uri)) {
      output.write(new byte[200_000]);
    }

    assertThat(storage().readFully(uri, 100)).asString(UTF_8).isEqualTo("old");
    assertThat(names(list(Storages.child(folder(), "kept")))).containsExactly("catalog.csv");
  }

  @Test
  void visitFolder_ofFolder_passesOnEverythingDirectlyInIt() throws Exception {
    String model = model("b", "a/b", ".hidden", "sp ace", "\uD83D\uDE00");
    List<FolderEntry> seen = new ArrayList<>();

    storage().visitFolder(model, seen::add);

    assertThat(seen)
        .containsExactlyInAnyOrder(
            new FolderEntry("b", FolderEntry.Kind.FILE, true),
            new FolderEntry("a", FolderEntry.Kind.FOLDER, true),
            new FolderEntry(".hidden", FolderEntry.Kind.FILE, true),
            new FolderEntry("sp ace", FolderEntry.Kind.FILE, true),
            new FolderEntry("\uD83D\uDE00", FolderEntry.Kind.FILE, true));
  }

  @Test
  void visitFolder_ofNothing_saysSo() {
    String missing = Storages.child(folder(), "nowhere");

    StorageException e = failure(() -> storage().visitFolder(missing, entry -> {}));

    assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND);
    assertThat(e).hasMessage("There is nothing at " + missing + ". Check the path.");
  }

  @Test
  void sweepTemporaries_whileAFileIsWritten_leavesIt() throws Exception {
    String uri = Storages.child(folder(), "m/model.sig");

    try (AtomicOutput output = storage().create(uri)) {
      output.write(new byte[5]);
      output.complete();
      SweptFolders.forget();
      storage().sweepTemporaries(uri, storage().pin(uri));
      output.commit();
    }

    assertThat(storage().readFully(uri, 5)).hasSize(5);
  }

  @Test
  void sweepTemporaries_whereThereIsNoFolder_doesNothing() throws Exception {
    String missing = Storages.child(folder(), "missing");

    storage().sweepTemporaries(Storages.child(missing, "model.sig"), PinnedFolder.unknown(missing));

    assertThat(storage().stat(missing)).isEmpty();
  }

  @Test
  void create_byTwoWritersOfOneFile_leavesTheWholeOfTheLast() throws Exception {
    String uri = Storages.child(folder(), "m/model.sig");

    try (AtomicOutput first = storage().create(uri);
        AtomicOutput second = storage().create(uri)) {
      first.write("first".getBytes(UTF_8));
      second.write("the second".getBytes(UTF_8));
      second.commit();
      assertThat(storage().readFully(uri, 100)).asString(UTF_8).isEqualTo("the second");
      first.commit();
    }

    assertThat(storage().readFully(uri, 100)).asString(UTF_8).isEqualTo("first");
    assertThat(names(list(Storages.child(folder(), "m")))).containsExactly("model.sig");
  }

  @Test
  void stat_tellsFilesFromDirectoriesFromNothing() throws Exception {
    String model = model("f");

    assertThat(storage().stat(model)).map(StoredObject::kind).contains(StoredObject.Kind.DIRECTORY);
    assertThat(storage().stat(Storages.child(model, "f")))
        .hasValueSatisfying(
            found -> {
              assertThat(found.kind()).isEqualTo(StoredObject.Kind.FILE);
              assertThat(found.length()).isEqualTo(10);
              assertThat(found.modifiedMillis()).isGreaterThan(1_600_000_000_000L);
            });
    assertThat(storage().stat(Storages.child(model, "g"))).isEmpty();
  }

  @Test
  void readFully_pastItsLimit_isRefused() throws Exception {
    String uri = Storages.child(model("f"), "f");

    StorageException e = failure(() -> storage().readFully(uri, 9));

    assertThat(storage().readFully(uri, 10)).hasSize(10);
    assertThat(e.kind()).isEqualTo(Kind.LIMIT_EXCEEDED);
    assertThat(e).hasMessageContaining("more than 9 bytes");
    assertThat(failure(() -> storage().readFully(uri + "x", 9)).kind()).isEqualTo(Kind.NOT_FOUND);
    assertThat(failure(() -> storage().readFully(folder(), 9)).kind()).isEqualTo(Kind.UNREADABLE);
  }

  @Test
  void readFully_ofAFileThatIsLongerThanItWasFound_isChanged() throws Exception {
    String uri = Storages.child(model("f"), "f");
    StoredObject found = storage().stat(uri).orElseThrow();
    byte[] before = storage().readFully(found, 100);

    append(uri, new byte[1]);
    StorageException longer = failure(() -> storage().readFully(found, 100));
    StorageException tooLarge = failure(() -> storage().readFully(found, 10));

    assertThat(before).hasSize(10);
    assertThat(longer.kind()).isEqualTo(Kind.CHANGED);
    if (readsFoundVersion()) {
      assertThat(longer).hasMessageContaining(uri + " was written to or replaced");
      assertThat(tooLarge.kind()).isEqualTo(Kind.CHANGED);
    } else {
      assertThat(longer).hasMessageContaining(uri + " has more than the 10 bytes it had before");
      assertThat(tooLarge.kind()).isEqualTo(Kind.LIMIT_EXCEEDED);
    }
  }

  @Test
  void glob_matchesWithinSegmentsOnly() throws Exception {
    String lake = model("a/v1/f", "a/v2/f", "b/v1/f", ".hidden/v1/f", "b/v10/f", "c");

    assertThat(storage().glob(lake + "/*/v1")).containsExactly(lake + "/a/v1", lake + "/b/v1");
    assertThat(storage().glob(lake + "/{b,a}/v?*"))
        .containsExactly(lake + "/a/v1", lake + "/a/v2", lake + "/b/v1", lake + "/b/v10");
    assertThat(storage().glob(lake + "/.h*/*/f")).containsExactly(lake + "/.hidden/v1/f");
    assertThat(storage().glob(lake + "/[!a]")).containsExactly(lake + "/b", lake + "/c");
    assertThat(storage().glob(lake + "/nothing*")).isEmpty();
    assertThat(storage().glob(lake + "/nowhere/*")).isEmpty();
  }

  /** Makes a model of files of ten bytes each. */
  protected final String model(String... names) throws IOException {
    String model = Storages.child(folder(), "model");
    for (String name : names) {
      put(Storages.child(model, name), "0123456789".getBytes(UTF_8));
    }
    return model;
  }

  protected final ModelStorage storage() throws StorageException {
    return Storages.forUri(folder());
  }

  protected final ModelListing list(String model) throws StorageException {
    return storage().list(model, rules(name -> false, 100, 10_000));
  }

  protected static ListingRules rules(
      java.util.function.Predicate<String> ignored, int maxDepth, long maxFiles) {
    return ListingRulesFixture.of(ignored, false, List.of(), maxDepth, maxFiles, Long.MAX_VALUE);
  }

  protected static List<String> names(ModelListing listing) {
    return listing.files().stream().map(StoredFile::name).toList();
  }

  /** Reads and finishes a whole file. */
  protected final byte[] read(String model, StoredFile file) throws StorageException, IOException {
    try (ModelReader reader = storage().openModel(model, List.of())) {
      return readAll(reader, file, 0, file.length());
    }
  }

  protected static byte[] readAll(ModelReader reader, StoredFile file, long start, long end)
      throws StorageException, IOException {
    try (RangeInput input = reader.open(file, start, end)) {
      byte[] bytes = drain(input);
      input.finish();
      return bytes;
    }
  }

  protected static byte[] drain(RangeInput input) throws StorageException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    byte[] buffer = new byte[1000];
    for (int read; (read = input.read(buffer, 5, 990)) >= 0; ) {
      bytes.write(buffer, 5, read);
    }
    return bytes.toByteArray();
  }

  protected static StorageException failure(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    StorageException failure = catchThrowableOfType(StorageException.class, call);
    assertThat(failure).as("a StorageException").isNotNull();
    return failure;
  }

  protected static void assertChanged(StorageException e, String what) {
    assertThat(e.kind()).isEqualTo(Kind.CHANGED);
    assertThat(e)
        .hasMessageContaining(what)
        .hasMessageEndingWith("when nothing writes to the model.");
  }
}
