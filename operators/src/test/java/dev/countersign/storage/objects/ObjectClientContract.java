package dev.countersign.storage.objects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.storage.RequestCounts;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.StorageException.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the client of every object store must do. */
public abstract class ObjectClientContract {

  /** How many keys a page of a listing has at most in these tests. */
  protected static final int PAGE = 3;

  /** Below which all keys of a test are. */
  private final String folder = UUID.randomUUID() + "/";

  /** Returns the client of a bucket that is there, with pages of {@link #PAGE} keys. */
  protected abstract ObjectClient client() throws Exception;

  /** Returns the client of a bucket that is not there. */
  protected abstract ObjectClient clientOfMissingBucket() throws Exception;

  /** Tells whether the server checks a condition and stores in one step, which some do not. */
  protected boolean isPutAtomic() {
    return true;
  }

  /** Tells whether the server stores every key as it is, which some servers for tests do not. */
  protected boolean isAnyKeyStored() {
    return true;
  }

  @Test
  void list_ofPrefix_hasItsKeysInOrderWithTheVersionsOfHead() throws Exception {
    String second = put("m/b/c", "cc");
    String first = put("m/a", "a");
    String other = put("mm/a", "elsewhere");

    ObjectPage page = client().list(folder + "m/", true, "");

    assertThat(keys(page)).containsExactly("m/a", "m/b/c");
    assertThat(page.keys()).extracting(StoredKey::version).containsExactly(first, second);
    assertThat(page.keys()).extracting(StoredKey::length).containsExactly(1L, 2L);
    assertThat(page.keys()).allSatisfy(key -> assertThat(key.archive()).isEmpty());
    assertThat(page.keys()).allSatisfy(key -> assertThat(key.modifiedMillis()).isPositive());
    assertThat(page.prefixes()).isEmpty();
    assertThat(page.next()).isEmpty();
    assertThat(head("m/a").orElseThrow().version()).isEqualTo(first);
    assertThat(head("mm/a").orElseThrow().version()).isEqualTo(other);
  }

  @Test
  void list_notRecursive_givesPrefixesWithTheirSlash() throws Exception {
    String unused = put("m/a/x", "1") + put("m/a/y", "2") + put("m/b", "3");

    ObjectPage page = client().list(folder + "m/", false, "");

    assertThat(keys(page)).containsExactly("m/b");
    assertThat(page.prefixes()).containsExactly(folder + "m/a/");
    assertThat(page.next()).isEmpty();
  }

  @Test
  void list_ofSeveralPages_hasEveryKeyOnce() throws Exception {
    List<String> stored = new ArrayList<>();
    for (int i = 0; i < 2 * PAGE + 1; i++) {
      String unused = put("m/f" + i, "x");
      stored.add("m/f" + i);
    }

    List<String> found = new ArrayList<>();
    List<Integer> sizes = new ArrayList<>();
    String next = "";
    do {
      ObjectPage page = client().list(folder + "m/", true, next);
      found.addAll(keys(page));
      sizes.add(page.keys().size());
      next = page.next();
    } while (!next.isEmpty());

    assertThat(found).isEqualTo(stored);
    assertThat(sizes).allMatch(size -> size <= PAGE).hasSizeGreaterThanOrEqualTo(3);
  }

  @Test
  void list_ofPrefixOfNothing_isEmpty() throws Exception {
    ObjectPage page = client().list(folder + "nothing/", true, "");

    assertThat(page).isEqualTo(new ObjectPage(List.of(), List.of(), ""));
  }

  @Test
  void list_ofMissingBucket_isNotFoundAndLasting() throws Exception {
    ObjectClient client = clientOfMissingBucket();

    StorageException e = failure(() -> client.list("m/", true, ""));

    assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND);
    assertThat(e.transientFault()).isFalse();
  }

  @Test
  void head_ofNothing_isEmpty() throws Exception {
    String unused = put("m/a", "a");

    assertThat(head("m/b")).isEmpty();
    assertThat(head("m")).isEmpty();
  }

  @Test
  void get_ofRange_fillsThatPlaceOfTheBufferAlone() throws Exception {
    byte[] content = random(10_000);
    String version = put("a", content);
    byte[] buffer = new byte[300];

    client().get(StoredKey.planned(folder + "a", 10_000, version), 1234, buffer, 50, 200);

    assertThat(Arrays.copyOfRange(buffer, 50, 250))
        .isEqualTo(Arrays.copyOfRange(content, 1234, 1434));
    assertThat(Arrays.copyOf(buffer, 50)).containsOnly(0);
    assertThat(Arrays.copyOfRange(buffer, 250, 300)).containsOnly(0);
  }

  @Test
  void get_ofAllAndOfTheLastByte_arrives() throws Exception {
    byte[] content = random(5000);
    StoredKey key = StoredKey.planned(folder + "a", 5000, put("a", content));

    assertThat(get(key, 0, 5000)).isEqualTo(content);
    assertThat(get(key, 4999, 1)).containsExactly(content[4999]);
  }

  @Test
  void get_ofReplacedObject_isChanged() throws Exception {
    StoredKey planned = StoredKey.planned(folder + "a", 4, put("a", "old!"));
    String now = put("a", "new!");

    StorageException e = failure(() -> get(planned, 0, 4));

    assertThat(now).isNotEqualTo(planned.version());
    assertThat(e.kind()).isEqualTo(Kind.CHANGED);
    assertThat(e.transientFault()).isFalse();
    assertThat(e.uri()).endsWith(folder + "a");
  }

  @Test
  void get_ofDeletedObject_isChanged() throws Exception {
    StoredKey planned = StoredKey.planned(folder + "a", 4, put("a", "old!"));
    client().delete(folder + "a");

    StorageException e = failure(() -> get(planned, 0, 4));

    assertThat(e.kind()).isEqualTo(Kind.CHANGED);
  }

  @Test
  void get_byManyThreads_givesEachItsRange() throws Exception {
    byte[] content = random(1 << 20);
    StoredKey key = StoredKey.planned(folder + "a", content.length, put("a", content));
    int part = content.length / 16;

    List<byte[]> parts = sideBySide(16, i -> get(key, (long) i * part, part));

    for (int i = 0; i < 16; i++) {
      assertThat(parts.get(i)).isEqualTo(Arrays.copyOfRange(content, i * part, (i + 1) * part));
    }
  }

  @Test
  void put_ofNothingAndOfMuch_isStored() throws Exception {
    byte[] much = random(5_000_000);

    String none = put("none", new byte[0]);
    String large = put("much", much);

    assertThat(head("none").orElseThrow().length()).isZero();
    assertThat(head("none").orElseThrow().version()).isEqualTo(none);
    assertThat(get(StoredKey.planned(folder + "much", much.length, large), 0, much.length))
        .isEqualTo(much);
  }

  @Test
  void put_ifAbsent_replacesNothing() throws Exception {
    String first = put("a", content("first"), PutCondition.ABSENT);

    StorageException e = failure(() -> put("a", content("second"), PutCondition.ABSENT));

    assertThat(e.kind()).isEqualTo(Kind.CHANGED);
    assertThat(e.transientFault()).isFalse();
    assertThat(get(StoredKey.planned(folder + "a", 5, first), 0, 5))
        .isEqualTo("first".getBytes(UTF_8));
  }

  @Test
  void put_ofWhatIsStoredAlready_countsAsStored() throws Exception {
    String first = put("a", content("same"), PutCondition.ABSENT);

    String second = put("a", content("same"), PutCondition.ABSENT);

    assertThat(head("a").orElseThrow().version()).isEqualTo(second);
    assertThat(get(StoredKey.planned(folder + "a", 4, second), 0, 4))
        .isEqualTo("same".getBytes(UTF_8));
    assertThat(first).isNotEmpty();
  }

  @Test
  void put_inPlaceOfVersion_replacesThatOneAlone() throws Exception {
    String first = put("a", "first");

    String second = put("a", content("2nd"), PutCondition.replaces(first));
    StorageException e = failure(() -> put("a", content("3rd"), PutCondition.replaces(first)));

    assertThat(e.kind()).isEqualTo(Kind.CHANGED);
    assertThat(head("a").orElseThrow().version()).isEqualTo(second);
  }

  @Test
  void put_inPlaceOfWhatIsGone_isChanged() throws Exception {
    String first = put("a", "first");
    client().delete(folder + "a");

    StorageException e = failure(() -> put("a", content("2nd"), PutCondition.replaces(first)));

    assertThat(e.kind()).isEqualTo(Kind.CHANGED);
    assertThat(head("a")).isEmpty();
  }

  @Test
  void put_byManyAtTheSameTime_isDoneByOne() throws Exception {
    Assumptions.assumeTrue(isPutAtomic(), "the server lets several writers win");
    List<String> absent = race("a", PutCondition.ABSENT);
    List<String> replacing = race("a", PutCondition.replaces(absent.get(0)));

    assertThat(absent).hasSize(1);
    assertThat(replacing).hasSize(1);
    assertThat(head("a").orElseThrow().version()).isEqualTo(replacing.get(0));
  }

  @Test
  void put_whileOthersRead_isNeverSeenInPart() throws Exception {
    String unused = put("a", new byte[100_000]);
    CountDownLatch reading = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(1);
    ExecutorService thread = Executors.newSingleThreadExecutor();
    Future<List<Long>> seen =
        thread.submit(
            () -> {
              List<Long> lengths = new ArrayList<>();
              while (done.getCount() > 0) {
                lengths.add(head("a").map(StoredKey::length).orElse(-1L));
                reading.countDown();
              }
              return lengths;
            });
    assertThat(reading.await(30, TimeUnit.SECONDS)).isTrue();

    for (int i = 0; i < 10; i++) {
      unused = put("a", random(i % 2 == 0 ? 200_000 : 100_000));
    }
    done.countDown();
    thread.shutdown();

    assertThat(seen.get()).isNotEmpty().containsAnyOf(100_000L, 200_000L);
    assertThat(seen.get()).allMatch(length -> length == 100_000 || length == 200_000);
  }

  @Test
  void delete_ofWhatIsThere_leavesTheRest() throws Exception {
    String unused = put("m/a", "a") + put("m/ab", "ab");

    client().delete(folder + "m/a");
    client().delete(folder + "m/a");

    assertThat(keys(client().list(folder, true, ""))).containsExactly("m/ab");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sp ace",
        "+plus",
        "a%2Fb",
        "%",
        "é",
        "\uD83D\uDE00",
        "a:b",
        "#hash?q=1&r",
        "'\"<>",
        "_SUCCESS",
        ".hidden",
        "_temporary/0/x",
        "y._COPYING_",
        "a=b,c;d",
        "~tilde",
        "[x]{y}",
        "$d@e!",
        "tab\tx"
      })
  void key_withOddCharacters_isTheSameEverywhere(String name) throws Exception {
    requireSame("m/" + name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a//b",
        "/c",
        "./p",
        "../n",
        "q/..",
        "x_$folder$",
        "d/",
        "\u0001",
        "nl\nx",
        "cr\rx",
        "\\back",
        "\u007f"
      })
  void key_thatIsNoPlainPath_isTheSameEverywhere(String name) throws Exception {
    Assumptions.assumeTrue(isAnyKeyStored(), "the server does not store such keys");

    requireSame("m/" + name);
  }

  @Test
  void key_thatIsAlsoAPrefix_isListedWithWhatIsBelow() throws Exception {
    Assumptions.assumeTrue(isAnyKeyStored(), "the server does not store such keys");
    String unused = put("m/k", "k") + put("m/k/z", "z") + put("m", "m") + put("m/", "bytes");

    assertThat(keys(client().list(folder + "m", true, ""))).containsExactly("m", "m/", "m/k");
    assertThat(keys(client().list(folder + "m/k", true, ""))).containsExactly("m/k", "m/k/z");
  }

  @Test
  void requests_ofEachCall_areCountedOnce() throws Exception {
    StoredKey key = StoredKey.planned(folder + "a", 4, put("a", "1234"));
    RequestCounts counts = new RequestCounts();

    try (RequestCounts.Scope scope = counts.scope()) {
      ObjectPage page = client().list(folder, true, "");
      byte[] unused = get(key, 0, 4);
      Optional<StoredKey> found = head("a");
      client().delete(folder + "a");
      assertThat(page.keys()).hasSize(1);
      assertThat(found).isPresent();
    }

    assertThat(counts.of(RequestCounts.Kind.LIST)).isEqualTo(1);
    assertThat(counts.of(RequestCounts.Kind.GET)).isEqualTo(1);
    assertThat(counts.of(RequestCounts.Kind.HEAD)).isEqualTo(1);
    assertThat(counts.of(RequestCounts.Kind.DELETE)).isEqualTo(1);
    assertThat(counts.of(RequestCounts.Kind.PUT)).isZero();
  }

  /** Stores a key, and requires that it is listed and read as that very key. */
  private void requireSame(String name) throws Exception {
    byte[] content = name.getBytes(UTF_8);
    String version = put(name, content);

    ObjectPage page = client().list(folder, true, "");

    assertThat(keys(page)).containsExactly(name);
    assertThat(head(name).orElseThrow().version()).isEqualTo(version);
    assertThat(get(page.keys().get(0), 0, content.length)).isEqualTo(content);
  }

  /** Lets eight threads store different contents on one condition; returns the versions stored. */
  private List<String> race(String name, PutCondition condition) throws Exception {
    List<String> outcomes =
        sideBySide(
            8,
            i -> {
              try {
                return put(name, content(condition.kind() + " by " + i), condition);
              } catch (StorageException e) {
                assertThat(e.kind() == Kind.CHANGED || e.transientFault()).as("%s", e).isTrue();
                return "";
              }
            });
    return outcomes.stream().filter(version -> !version.isEmpty()).toList();
  }

  private interface Task<T> {
    T run(int number) throws Exception;
  }

  private static <T> List<T> sideBySide(int count, Task<T> task) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(count);
    CountDownLatch start = new CountDownLatch(1);
    try {
      List<Future<T>> running = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int number = i;
        Callable<T> call =
            () -> {
              start.await();
              return task.run(number);
            };
        running.add(threads.submit(call));
      }
      start.countDown();
      List<T> results = new ArrayList<>();
      for (Future<T> one : running) {
        results.add(one.get());
      }
      return results;
    } finally {
      threads.shutdownNow();
    }
  }

  private String put(String name, String content) throws Exception {
    return put(name, content.getBytes(UTF_8));
  }

  private String put(String name, byte[] content) throws Exception {
    return put(name, ObjectContent.of(content), PutCondition.ANY);
  }

  private String put(String name, ObjectContent content, PutCondition condition) throws Exception {
    return client().put(folder + name, content, condition);
  }

  private Optional<StoredKey> head(String name) throws Exception {
    return client().head(folder + name);
  }

  private byte[] get(StoredKey key, long start, int length) throws Exception {
    byte[] content = new byte[length];
    client().get(key, start, content, 0, length);
    return content;
  }

  /** Returns the keys of a page as they are named in a test. */
  private List<String> keys(ObjectPage page) {
    return page.keys().stream().map(key -> key.key().substring(folder.length())).toList();
  }

  private static ObjectContent content(String text) {
    return ObjectContent.of(text.getBytes(UTF_8));
  }

  private static byte[] random(int length) {
    byte[] content = new byte[length];
    new Random(length).nextBytes(content);
    return content;
  }

  private static StorageException failure(ThrowingCallable call) throws IOException {
    return catchThrowableOfType(StorageException.class, call);
  }
}
