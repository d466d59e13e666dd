package dev.countersign.storage.s3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.storage.RequestCounts;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.StorageException.Kind;
import dev.countersign.storage.objects.ObjectClient;
import dev.countersign.storage.objects.ObjectClientContract;
import dev.countersign.storage.objects.ObjectContent;
import dev.countersign.storage.objects.ObjectPage;
import dev.countersign.storage.objects.PutCondition;
import dev.countersign.storage.objects.StoredKey;
import dev.countersign.text.StoreUri;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The contract on a server that stores every key, and what only S3 has. */
final class S3ObjectClientITCase extends ObjectClientContract {

  private static FakeS3 server;
  private static ObjectClient client;
  private static ObjectClient missing;

  private int before;

  @BeforeAll
  static void start() throws Exception {
    server = new FakeS3();
    client = open("lab", Map.of("fs.s3a.paging.maximum", "" + PAGE));
    missing = open("missing", Map.of());
  }

  @AfterAll
  static void stop() throws Exception {
    client.close();
    missing.close();
    server.close();
  }

  @BeforeEach
  void countFromHere() {
    before = server.log().size();
  }

  @AfterEach
  void calm() {
    server.fail((exchange, request) -> false);
  }

  @Override
  protected ObjectClient client() {
    return client;
  }

  @Override
  protected ObjectClient clientOfMissingBucket() {
    return missing;
  }

  @Test
  void range_ofPlannedObject_isOneGetOfItsBytesWhateverTheSiteSays() throws Exception {
    ObjectClient forced = open("lab", Map.of("fs.s3a.input.stream.type", "analytics"));
    server.put("lab", "one", new byte[100]);
    StoredKey key = client.head("one").orElseThrow();
    before = server.log().size();

    forced.get(key, 10, new byte[50], 0, 50);
    forced.get(key, 10, new byte[50], 0, 50);
    forced.close();

    assertThat(requests()).containsExactly("GET one bytes=10-59", "GET one bytes=10-59");
  }

  @Test
  void head_ofNothing_asksOnceWhetherTheBucketExists() throws Exception {
    ObjectClient fresh = open("empty", Map.of());

    Optional<StoredKey> first = fresh.head("no/such");
    Optional<StoredKey> second = fresh.head("no/such");
    StorageException e = failure(() -> missing.head("no/such"));
    fresh.close();

    assertThat(first).isEmpty();
    assertThat(second).isEmpty();
    assertThat(requests())
        .containsExactly(
            "HEAD no/such null",
            "LIST  null",
            "HEAD no/such null",
            "HEAD no/such null",
            "LIST  null");
    assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND);
    assertThat(e)
        .hasMessage(
            "s3a://missing/no/such cannot be read: there is no such bucket. Check its name, and"
                + " fs.s3a.endpoint.");
  }

  @ParameterizedTest
  @CsvSource({
    "GLACIER, false, GLACIER",
    "DEEP_ARCHIVE, false, DEEP_ARCHIVE",
    "GLACIER, true, ''",
    "GLACIER_IR, false, ''",
    "STANDARD_IA, false, ''"
  })
  void archive_isToldByListingAndHead(String storageClass, boolean restored, String archive)
      throws Exception {
    server.put("lab", "frozen", new byte[3], storageClass, restored);

    assertThat(client.list("frozen", true, "").keys().get(0).archive()).isEqualTo(archive);
    assertThat(client.head("frozen").orElseThrow().archive()).isEqualTo(archive);
  }

  @Test
  void get_ofArchivedObject_namesTheRemedy() throws Exception {
    server.put("lab", "frozen", new byte[3], "GLACIER", false);
    StoredKey key = client.head("frozen").orElseThrow();

    StorageException e = failure(() -> client.get(key, 0, new byte[3], 0, 3));

    assertThat(e.kind()).isEqualTo(Kind.UNREADABLE);
    assertThat(e.transientFault()).isFalse();
    assertThat(e)
        .hasMessage(
            "s3a://lab/frozen cannot be read: it is archived. Restore it in its store, for as long"
                + " as the run takes.");
  }

  @Test
  void versionIds_whereTheSiteWantsThem_holdTheOldVersion() throws Exception {
    ObjectClient versioned =
        open(
            "versions",
            Map.of("fs.s3a.change.detection.source", "versionid", "fs.s3a.paging.maximum", "2"));
    String first = versioned.put("a", content("old!"), PutCondition.ABSENT);
    String second = versioned.put("a", content("new!"), PutCondition.replaces(first));
    List<String> written = new ArrayList<>();
    for (String key : List.of("b", "c", "d\n", "e")) {
      written.add(versioned.put(key, content(key), PutCondition.ANY));
    }

    List<StoredKey> found = new ArrayList<>();
    String next = "";
    do {
      ObjectPage page = versioned.list("", true, next);
      found.addAll(page.keys());
      next = page.next();
    } while (!next.isEmpty());
    byte[] old = new byte[4];
    versioned.get(StoredKey.planned("a", 4, first), 0, old, 0, 4);
    StorageException e =
        failure(() -> versioned.put("a", content("3rd!"), PutCondition.replaces(first)));
    versioned.close();

    assertThat(found).extracting(StoredKey::key).containsExactly("a", "b", "c", "d\n", "e");
    assertThat(found)
        .extracting(StoredKey::version)
        .containsExactlyElementsOf(Stream.concat(Stream.of(second), written.stream()).toList());
    assertThat(second).startsWith("ver-");
    assertThat(old).isEqualTo("old!".getBytes(UTF_8));
    assertThat(e.kind()).isEqualTo(Kind.CHANGED);
  }

  @Test
  void put_whoseAnswerIsLost_countsAsStored() throws Exception {
    AtomicBoolean isLost = new AtomicBoolean();
    server.fail(
        (exchange, request) -> {
          if (request.method().equals("PUT") && isLost.compareAndSet(false, true)) {
            server.put("lab", "lost", "bundle".getBytes(UTF_8));
            exchange.close();
            return true;
          }
          return false;
        });

    String version = client.put("lost", content("bundle"), PutCondition.ABSENT);

    assertThat(version).isEqualTo(client.head("lost").orElseThrow().version());
    assertThat(isLost).isTrue();
  }

  @Test
  void put_whoseRequestIsLost_failsForTheCallerToTryAgain() throws Exception {
    AtomicBoolean isLost = new AtomicBoolean();
    server.fail(
        (exchange, request) -> {
          if (request.method().equals("PUT") && isLost.compareAndSet(false, true)) {
            exchange.close();
            return true;
          }
          return false;
        });

    StorageException e = failure(() -> client.put("never", content("bundle"), PutCondition.ABSENT));
    String version = client.put("never", content("bundle"), PutCondition.ABSENT);

    assertThat(e.kind()).isEqualTo(Kind.NOT_WRITABLE);
    assertThat(e.transientFault()).isTrue();
    assertThat(version).startsWith("etag-");
  }

  @Test
  void put_ofMoreThanOneRequestTakes_isRefused() {
    ObjectContent huge =
        new ObjectContent(
            (5L << 30) + 1,
            () -> {
              throw new AssertionError("not opened");
            });

    StorageException e = failure(() -> client.put("huge", huge, PutCondition.ANY));

    assertThat(requests()).isEmpty();
    assertThat(e.kind()).isEqualTo(Kind.NOT_WRITABLE);
    assertThat(e)
        .hasMessage(
            "s3a://lab/huge cannot be written: it has 5368709121 bytes, and S3 stores at most"
                + " 5368709120 in one request. Write it to another store.");
  }

  @Test
  void listing_thatIsALoginPage_isNotEmpty() throws Exception {
    byte[] page = "<html><body>Please log in</body></html>".getBytes(UTF_8);
    server.fail((exchange, request) -> FakeS3.send(exchange, 200, page));

    StorageException listing = failure(() -> client.list("m/", true, ""));
    StorageException range =
        failure(() -> client.get(StoredKey.planned("a", 9, "etag-x-9"), 0, new byte[9], 0, 9));

    assertThat(listing)
        .hasMessage(
            "s3a://lab/m/ cannot be read: its server sends something that is no listing of the"
                + " bucket. Check that the store runs and can be reached.");
    assertThat(listing.kind()).isEqualTo(Kind.UNREADABLE);
    assertThat(listing.transientFault()).isTrue();
    assertThat(range)
        .hasMessage(
            "s3a://lab/a cannot be read: its server sends other bytes than were asked for. Check"
                + " that the store runs and can be reached.");
  }

  @Test
  void body_thatIsCutOff_isTransientAndOneRequest() throws Exception {
    server.put("lab", "cut", new byte[1000]);
    StoredKey key = client.head("cut").orElseThrow();
    server.fail(
        (exchange, request) -> {
          exchange.getResponseHeaders().set("ETag", S3Version.parse(key.version()).quotedTag());
          exchange.getResponseHeaders().set("Content-Range", "bytes 0-999/1000");
          exchange.sendResponseHeaders(206, 1000);
          exchange.getResponseBody().write(new byte[300]);
          exchange.getResponseBody().flush();
          exchange.close();
          return true;
        });
    before = server.log().size();

    StorageException e = failure(() -> client.get(key, 0, new byte[1000], 0, 1000));

    assertThat(e.kind()).isEqualTo(Kind.UNREADABLE);
    assertThat(e.transientFault()).isTrue();
    assertThat(requests()).containsExactly("GET cut bytes=0-999");
  }

  @Test
  void requests_ofOnePass_areTheServersToo() throws Exception {
    RequestCounts counts = new RequestCounts();
    try (RequestCounts.Scope scope = counts.scope()) {
      String version = client.put("counted", content("x"), PutCondition.ABSENT);
      client.get(StoredKey.planned("counted", 1, version), 0, new byte[1], 0, 1);
      ObjectPage unused = client.list("counted", true, "");
    }

    assertThat(requests())
        .containsExactly("PUT counted null", "GET counted bytes=0-0", "LIST  null");
    assertThat(counts.of(RequestCounts.Kind.PUT)).isEqualTo(1);
    assertThat(counts.of(RequestCounts.Kind.GET)).isEqualTo(1);
    assertThat(counts.of(RequestCounts.Kind.LIST)).isEqualTo(1);
  }

  private List<String> requests() {
    List<FakeS3.Request> all = server.log();
    return all.subList(before, all.size()).stream()
        .map(request -> request.action() + " " + request.key() + " " + request.range())
        .toList();
  }

  private static ObjectClient open(String bucket, Map<String, String> more) throws Exception {
    Map<String, String> settings = new HashMap<>(server.settings());
    settings.putAll(more);
    return new S3Store().open(StoreUri.parse("s3a://" + bucket), settings);
  }

  private static ObjectContent content(String text) {
    return ObjectContent.of(text.getBytes(UTF_8));
  }

  private static StorageException failure(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    return catchThrowableOfType(StorageException.class, call);
  }
}
