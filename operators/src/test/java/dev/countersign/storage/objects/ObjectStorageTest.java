package dev.countersign.storage.objects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.storage.ModelStorageContract;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.StorageException.Kind;
import dev.countersign.storage.Storages;
import dev.countersign.text.StoreUri;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The contract over a store in memory, in pages of three keys, and what only object stores do. */
final class ObjectStorageTest extends ModelStorageContract {

  private static final AtomicInteger TESTS = new AtomicInteger();

  private final String name = "storage-" + TESTS.incrementAndGet();
  private final FakeBucket bucket = FakeStore.bucket(name);
  private final String folder = "mem://" + name + "/t";

  @BeforeEach
  void makeFolder() {
    bucket.put("t/", new byte[0]);
    bucket.pageKeys(3);
  }

  @Override
  protected String folder() {
    return folder;
  }

  @Override
  protected boolean readsFoundVersion() {
    return true;
  }

  @Override
  protected boolean hasFolders() {
    return false;
  }

  @Override
  protected void put(String uri, byte[] content) {
    bucket.put(key(uri), content);
  }

  @Override
  protected void append(String uri, byte[] content) {
    ByteArrayOutputStream longer = new ByteArrayOutputStream();
    longer.writeBytes(bucket.content(key(uri)));
    longer.writeBytes(content);
    put(uri, longer.toByteArray());
  }

  @Override
  protected void makeFolder(String uri) {
    bucket.put(key(uri) + "/", new byte[0]);
  }

  @Override
  protected void delete(String uri) {
    bucket.remove(key(uri));
  }

  private static String key(String uri) {
    return StoreUri.parse(uri).path().substring(1);
  }

  @Test
  void list_ofNestedFolders_isOneListingInPages() throws Exception {
    String model = model("a/b/c", "a/b/d", "a/e", "f");
    bucket.takeLog();

    assertThat(list(model).files()).hasSize(4);
    assertThat(bucket.takeLog()).containsExactly("LIST t/model/", "LIST t/model/");
  }

  @Test
  void list_ofTheBucket_isOfAllKeys() throws Exception {
    model("a");

    assertThat(names(list(Storages.parent(folder)))).containsExactly("t/model/a");
  }

  @Test
  void list_ofSingleFile_asksForItOnce() throws Exception {
    model("a");
    bucket.takeLog();

    assertThat(list(folder + "/model/a").singleFile()).isTrue();
    assertThat(bucket.takeLog()).containsExactly("LIST t/model/a/", "HEAD t/model/a");
  }

  @Test
  void list_inABucketThatIsMissing_saysSo() {
    StorageException e =
        failure(() -> Storages.forUri("mem://no").list("mem://no/m", rules(n -> false, 9, 9)));

    assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND);
    assertThat(e).hasMessage("There is no bucket for mem://no/m/. Check its name.");
  }

  @Test
  void writeAtomically_ofAFile_isOneRequest() throws Exception {
    String uri = folder + "/m/model.sig";

    storage().writeAtomically(uri, new byte[1], storage().pin(uri));

    assertThat(bucket.takeLog()).containsExactly("PUT t/m/model.sig any");
  }

  @Test
  void create_ofMoreThanIsKeptInMemory_storesAllOfIt() throws Exception {
    String uri = folder + "/large";
    byte[] piece = new byte[1_000_003];

    try (var output = storage().create(uri)) {
      for (int i = 0; i < 10; i++) {
        piece[i] = 1;
        output.write(piece);
      }
      output.commit();
    }

    byte[] stored = bucket.content("t/large");
    assertThat(stored).hasSize(10 * piece.length);
    assertThat(stored[9 * piece.length + 9]).isEqualTo((byte) 1);
    assertThat(stored[8 * piece.length + 9]).isEqualTo((byte) 0);
  }

  @Test
  void create_thatTheStoreRefuses_saysWhatTheStoreSays() throws Exception {
    bucket.hook(
        request -> {
          if (request.startsWith("PUT")) {
            throw StorageException.of(Kind.NOT_WRITABLE, "mem:/x", "no");
          }
        });

    StorageException e = failure(() -> storage().create(folder + "/f").writeAll(new byte[3]));

    assertThat(e).hasMessage("no");
  }

  @Test
  void visitFolder_ofKeysThatArePagesApart_passesOnEachFolderOnce() throws Exception {
    model("a/1", "a/2", "a/3", "a/4", "b/1", "c");
    bucket.put("t/model/", new byte[0]);
    bucket.put("t/model//x", new byte[1]);
    List<String> seen = new ArrayList<>();

    storage()
        .visitFolder(
            folder + "/model", e -> seen.add(e.name() + " " + e.kind() + " " + e.nameable()));

    assertThat(seen)
        .containsExactlyInAnyOrder(
            " FOLDER false", "a FOLDER true", "b FOLDER true", "c FILE true");
  }

  @Test
  void stat_ofAKeyThatIsAnObjectAndAFolder_isTheObject() throws Exception {
    bucket.put("t/x", "object".getBytes(UTF_8));
    bucket.put("t/x/y", "below".getBytes(UTF_8));

    assertThat(storage().stat(folder + "/x").orElseThrow().length()).isEqualTo(6);
    assertThat(names(list(folder + "/x"))).containsExactly("y");
  }
}
