package dev.countersign.jobs.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.countersign.jobs.cli.ProgramRuns.Ended;
import dev.countersign.jobs.terminal.ExitCode;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.abfs.AbfsStore;
import dev.countersign.storage.gcs.GcsStore;
import dev.countersign.storage.objects.ObjectClient;
import dev.countersign.storage.objects.ObjectContent;
import dev.countersign.storage.objects.ObjectStore;
import dev.countersign.storage.objects.PutCondition;
import dev.countersign.storage.objects.StoredKey;
import dev.countersign.storage.servers.AzuriteServer;
import dev.countersign.storage.servers.FakeGcsServer;
import dev.countersign.storage.servers.FaultProxy;
import dev.countersign.storage.servers.StoreServer;
import dev.countersign.text.StoreUri;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Models in fake-gcs-server and Azurite. Tests whose server is missing are skipped. */
@Timeout(300)
final class GcsAndAzuriteRunsITCase {

  private static final Pattern PAYLOAD = Pattern.compile("\"payload\"\\s*:\\s*\"([^\"]+)\"");

  @TempDir Path folder;

  private ProgramRuns program;
  private String[] options = {};
  private String model = "";
  private StoreServer server;
  private ObjectClient client;

  /** A server. */
  enum Place {
    /** fake-gcs-server. */
    GOOGLE(FakeGcsServer.PROGRAM),
    /** Azurite. */
    AZURE(AzuriteServer.SCRIPT);

    private final String property;

    Place(String property) {
      this.property = property;
    }

    ObjectStore store() {
      return this == GOOGLE ? new GcsStore() : new AbfsStore();
    }

    StoreServer start() throws Exception {
      return this == GOOGLE ? FakeGcsServer.start() : AzuriteServer.start();
    }
  }

  private static final Map<Place, StoreServer> SERVERS = new EnumMap<>(Place.class);

  @AfterAll
  static void stopServers() throws Exception {
    for (StoreServer server : SERVERS.values()) {
      server.close();
    }
    SERVERS.clear();
  }

  @AfterEach
  void stop() throws Exception {
    Storages.configure(Map.of());
    if (client != null) {
      client.close();
    }
  }

  @ParameterizedTest
  @EnumSource
  void model_thatIsSignedInPlace_hasThePayloadOfLocalFilesAndVerifies(Place place)
      throws Exception {
    start(place);

    Ended local = program.run("sign", "key", "--private-key", "release.key", "lake/m");
    Ended remote = run("sign", "key", "--private-key", "release.key");
    server.front().takeLog();
    Ended verified = run("verify", "key", "--public-key", "release.pub");
    List<FaultProxy.Exchange> log = server.front().takeLog();

    assertThat(local.code()).as(local.err()).isEqualTo(ExitCode.OK);
    assertThat(remote.code()).as(remote.err()).isEqualTo(ExitCode.OK);
    assertThat(verified.code()).as(verified.err()).isEqualTo(ExitCode.OK);
    assertThat(payload(bundle().orElseThrow()))
        .isEqualTo(payload(Files.readString(folder.resolve("lake/m/model.sig"))));
    assertThat(client.list("m/", true, "").keys())
        .extracting(StoredKey::key)
        .containsExactly("m/config.json", "m/model.sig", "m/part/tokens.txt", "m/weights.bin");
    List<FaultProxy.Exchange> weights =
        log.stream().filter(exchange -> exchange.request().path().endsWith("weights.bin")).toList();
    assertThat(weights).extracting(FaultProxy.Exchange::status).containsOnly(206);
    assertThat(weights.stream().mapToLong(FaultProxy.Exchange::bytes).sum())
        .as("bytes sent of the file of 3 MB")
        .isEqualTo(3_000_000);
  }

  @ParameterizedTest
  @EnumSource
  void model_thatWasChangedOrAddedTo_doesNotVerify(Place place) throws Exception {
    start(place);
    Ended signed = run("sign", "key", "--private-key", "release.key");
    assertThat(signed.code()).as(signed.err()).isEqualTo(ExitCode.OK);

    put("m/a//b", "beside a/b");
    Ended added = run("verify", "key", "--public-key", "release.pub");
    client.delete("m/a//b");
    put("m/config.json", "{\"changed\": true}");
    Ended changed = run("verify", "key", "--public-key", "release.pub");

    assertThat(added.code()).as(added.err()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(changed.code()).as(changed.err()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(changed.out() + changed.err()).contains("config.json");
  }

  @ParameterizedTest
  @EnumSource
  void bundle_thatIsReplacedWhileOthersRead_isAlwaysWhole(Place place) throws Exception {
    start(place);
    Ended first = run("sign", "key", "--private-key", "release.key");
    assertThat(first.code()).as(first.err()).isEqualTo(ExitCode.OK);
    CountDownLatch done = new CountDownLatch(1);
    ExecutorService thread = Executors.newSingleThreadExecutor();
    Future<List<String>> seen =
        thread.submit(
            () -> {
              List<String> bundles = new ArrayList<>();
              while (done.getCount() > 0) {
                // Empty if it was replaced between the two requests.
                bundle().ifPresent(bundles::add);
              }
              return bundles;
            });

    for (int i = 0; i < 3; i++) {
      Ended again = run("sign", "key", "--private-key", "release.key");
      assertThat(again.code()).as(again.err()).isEqualTo(ExitCode.OK);
    }
    done.countDown();
    thread.shutdown();

    assertThat(seen.get()).isNotEmpty();
    assertThat(seen.get()).allSatisfy(bundle -> assertThat(payload(bundle)).isNotEmpty());
    assertThat(seen.get()).allMatch(bundle -> bundle.strip().endsWith("}"));
    assertThat(seen.get().stream().map(GcsAndAzuriteRunsITCase::payload).distinct()).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource
  void bundle_thatExists_isKeptIfItMustNotBeReplaced(Place place) throws Exception {
    start(place);
    put("m/model.sig", "somebody's");

    Ended ended = run("sign", "key", "--private-key", "release.key", "--no-overwrite");

    assertThat(ended.code()).as(ended.err()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(bundle()).contains("somebody's");
  }

  private void start(Place place) throws Exception {
    assumeTrue(System.getProperty(place.property) != null, "needs -D" + place.property);
    if (!SERVERS.containsKey(place)) {
      SERVERS.put(place, place.start());
    }
    server = SERVERS.get(place);
    Map<String, String> settings = server.settings();
    String bucket = server.newBucket().toString();
    client = place.store().open(StoreUri.parse(bucket), settings);
    model = bucket + "/m";
    options =
        settings.entrySet().stream()
            .flatMap(each -> Stream.of("--fs-option", each.getKey() + "=" + each.getValue()))
            .toArray(String[]::new);
    program = new ProgramRuns(folder);
    program.keyPair("release");
    byte[] weights = new byte[3_000_000];
    new Random(1).nextBytes(weights);
    write("weights.bin", weights);
    write("config.json", "{}".getBytes(UTF_8));
    write("part/tokens.txt", new byte[0]);
  }

  /** Writes a file of the model on this host and in the store. */
  private void write(String name, byte[] content) throws Exception {
    Path file = folder.resolve("lake/m").resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(file, content);
    String unused = client.put("m/" + name, ObjectContent.of(content), PutCondition.ANY);
  }

  private void put(String key, String content) throws Exception {
    String unused = client.put(key, ObjectContent.of(content.getBytes(UTF_8)), PutCondition.ANY);
  }

  private Ended run(String... command) {
    return program.run(
        Stream.of(Stream.of(command), Stream.of(options), Stream.of(model))
            .flatMap(arguments -> arguments)
            .toArray(String[]::new));
  }

  /** Returns what is stored as the bundle; empty if it changes between two requests. */
  private Optional<String> bundle() throws Exception {
    StoredKey found = client.head("m/model.sig").orElseThrow();
    byte[] content = new byte[(int) found.length()];
    try {
      client.get(found, 0, content, 0, content.length);
    } catch (StorageException e) {
      assertThat(e.kind()).isEqualTo(StorageException.Kind.CHANGED);
      return Optional.empty();
    }
    return Optional.of(new String(content, UTF_8));
  }

  private static String payload(String bundle) {
    Matcher matcher = PAYLOAD.matcher(bundle);
    assertThat(matcher.find()).as(bundle).isTrue();
    return matcher.group(1);
  }
}
