package dev.countersign.trust.sigstore;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.countersign.http.HttpSettings;
import dev.countersign.trust.SigstoreInstance;
import dev.countersign.trust.TrustException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.Provider;
import java.security.Security;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A TUF repository in this JVM, what it may do wrong, and the cache of it. */
@Timeout(120)
final class TufRepositoryITCase {

  private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
  private static final Instant NEXT_DAYS = NOW.plus(Duration.ofDays(2));

  @TempDir Path folder;

  private final HttpSettings http = new HttpSettings(Duration.ofMinutes(1));
  private TufForge forge;
  private String firstRoot;

  @BeforeEach
  void start() throws IOException {
    forge = new TufForge(NOW);
    forge.targets.put("trusted_root.json", "first".getBytes(UTF_8));
    forge.targets.put("signing_config.v0.2.json", "services".getBytes(UTF_8));
    forge.publish();
    firstRoot = forge.root();
  }

  @AfterEach
  void stop() {
    forge.close();
  }

  @Test
  void update_ofASoundRepository_returnsItsFiles() throws TrustException {
    SigstoreInstance instance = at(NOW).update(http);

    assertThat(instance.trustedRoot().content()).asString().isEqualTo("first");
    assertThat(instance.trustedRoot().source())
        .isEqualTo(forge.address() + "targets/trusted_root.json");
    assertThat(instance.signingConfig().content()).asString().isEqualTo("services");
  }

  /** A provider would keep the class loader of a job in the memory of a session cluster. */
  @Test
  void update_registersNoProvider() throws TrustException {
    at(NOW).update(http);
    publishNext("second");
    at(NEXT_DAYS).update(http);

    assertThat(Security.getProvider("BC")).isNull();
  }

  /** Another job's provider has the same content. */
  @Test
  void update_whileAnotherJobRegistersItsProvider_leavesThat() throws TrustException {
    at(NOW).update(http);
    Provider ofAnotherJob = new BouncyCastleProvider();
    forge.onRequest =
        () -> {
          forge.onRequest = () -> {}; // Requests for files follow those for metadata.
          Security.removeProvider("BC");
          Security.addProvider(ofAnotherJob);
        };
    publishNext("second");
    try {
      at(NEXT_DAYS).update(http);

      assertThat(Security.getProvider("BC")).isSameAs(ofAnotherJob);
    } finally {
      Security.removeProvider("BC");
    }
  }

  @Test
  void update_ofARepositoryForVerifiers_hasNoServices() throws TrustException {
    forge.targets.remove("signing_config.v0.2.json");
    forge.publish();

    assertThat(at(NOW).update(http).signingConfig()).isNull();
  }

  @Test
  void update_ofNewerFiles_returnsThem() throws TrustException {
    at(NOW).update(http);
    publishNext("second");

    assertThat(at(NEXT_DAYS).update(http).trustedRoot().content()).asString().isEqualTo("second");
  }

  @Test
  void update_withinADay_takesTheCache() throws TrustException {
    at(NOW).update(http);
    publishNext("second");

    Instant sameDay = NOW.plus(Duration.ofHours(23));
    assertThat(at(sameDay).update(http).trustedRoot().content()).asString().isEqualTo("first");
  }

  @Test
  void update_afterAKeyRotation_followsTheRoots() throws TrustException {
    at(NOW).update(http);
    forge.versions.put("root", 2);
    forge.signers.put("root", forge.key("root"));
    forge.rotate("timestamp");
    forge.rotate("targets");
    publishNext("second");

    assertThat(at(NEXT_DAYS).update(http).trustedRoot().content()).asString().isEqualTo("second");
  }

  @Test
  void update_whereARevokedKeySignedTheCachedTargets_readsThemAgain() throws TrustException {
    at(NOW).update(http);
    forge.versions.put("root", 2);
    forge.rotate("targets");
    forge.targets.put("trusted_root.json", "signed again".getBytes(UTF_8));
    forge.publish();

    assertThat(at(NEXT_DAYS).update(http).trustedRoot().content())
        .asString()
        .isEqualTo("signed again");
  }

  @ParameterizedTest
  @ValueSource(strings = {"root", "timestamp", "snapshot", "targets"})
  void update_ofExpiredMetadata_fails(String role) {
    forge.expires.put(role, NOW.minusSeconds(60));
    forge.publish();
    firstRoot = forge.root();

    assertRefused(at(NOW))
        .hasMessage(
            "Cannot use the TUF repository "
                + forge.address()
                + ": its metadata has expired at 2026-06-01T11:59:00Z. A server that hides updates"
                + " looks like this, and so does a wrong clock. Try again later or from another"
                + " network. If that does not help, name the instance's files, which its operator"
                + " publishes.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"timestamp", "snapshot", "targets"})
  void update_ofAFrozenRepository_failsWhenItExpires(String role) throws TrustException {
    forge.expires.put(role, NOW.plusSeconds(60));
    forge.publish();
    at(NOW).update(http);

    assertRefused(at(NOW.plusSeconds(120))).hasMessageContaining("has expired");
    assertRefused(at(NEXT_DAYS)).hasMessageContaining("has expired");
  }

  @ParameterizedTest
  @ValueSource(strings = {"timestamp", "snapshot", "targets"})
  void update_ofRolledBackMetadata_failsAndKeepsTheCache(String role) throws TrustException {
    forge.versions.putAll(Map.of("timestamp", 5, "snapshot", 5, "targets", 5));
    forge.publish();
    at(NOW).update(http);
    forge.versions.putAll(Map.of("timestamp", 6, "snapshot", 6, "targets", 6));
    forge.versions.put(role, 4);
    forge.targets.put("trusted_root.json", "old".getBytes(UTF_8));
    forge.publish();

    assertRefused(at(NEXT_DAYS)).hasMessageContaining("its metadata is older than what was seen");
    assertThat(at(NEXT_DAYS).cached().trustedRoot().content()).asString().isEqualTo("first");
  }

  @ParameterizedTest
  @ValueSource(strings = {"timestamp", "snapshot", "targets"})
  void update_ofMetadataByAnotherKey_fails(String role) {
    forge.signers.put(role, TufForge.newKey());
    forge.publish();

    assertRefused(at(NOW))
        .hasMessageContaining("its metadata is not signed by enough of the trusted keys");
  }

  @Test
  void update_ofARootThatTheLastOneDidNotSign_fails() {
    forge.versions.put("root", 2);
    forge.rotate("root");
    forge.publish();

    assertRefused(at(NOW)).hasMessageContaining("not signed by enough");
  }

  /** The key that signs often must not sign for the one that signs seldom. */
  @ParameterizedTest
  @ValueSource(strings = {"snapshot", "targets"})
  void update_ofMetadataThatIsATimestamp_fails(String role) {
    forge.types.put(role, "timestamp");
    forge.signers.put(role, forge.key("timestamp"));
    forge.publish();

    assertRefused(at(NOW)).hasMessageContaining("its metadata is malformed");
  }

  @Test
  void update_ofAFileThatMetadataDoesNotDescribe_fails() {
    replaceTarget("other");

    assertRefused(at(NOW)).hasMessageContaining("its metadata is malformed: The hashes for");
  }

  @Test
  void update_ofAFileThatIsTooLong_fails() {
    replaceTarget("first and more");

    assertRefused(at(NOW)).hasMessageContaining("malformed");
  }

  @Test
  void update_ofEndlessMetadata_fails() {
    forge.served.put("timestamp.json", new byte[20 << 20]);

    assertRefused(at(NOW)).hasMessageContaining("its answer is larger than 16384 KiB, the limit");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "[]", "{\"signed\":{}}"})
  void update_ofMetadataCutShort_fails(String content) {
    forge.served.put("timestamp.json", content.getBytes(UTF_8));

    assertRefused(at(NOW)).hasMessageContaining("malformed");
  }

  @Test
  void update_whereNothingListens_saysSo() throws IOException {
    forge.close();

    assertRefused(at(NOW))
        .hasMessageStartingWith("Cannot download the TUF repository " + forge.address() + ": ")
        .hasMessageEndingWith(
            ". Check the network and its proxy. Without a network, use the copy of an earlier run,"
                + " or the instance's files.");
  }

  @Test
  void update_thatFailed_leavesNoPartOfIt() throws Exception {
    forge.served.remove("1.targets.json");

    assertRefused(at(NOW)).hasMessageContaining("malformed");

    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString())).containsExactly("lock");
    }
    assertThat(TufRepository.turn().availablePermits()).isEqualTo(1);
  }

  @Test
  void cached_afterAnUpdate_sendsNothing() throws TrustException {
    at(NOW).update(http);
    forge.close();

    Instant muchLater = NOW.plus(Duration.ofDays(400));
    assertThat(at(muchLater).cached().trustedRoot().content()).asString().isEqualTo("first");
  }

  @Test
  void cached_withoutAnUpdate_saysSo() {
    assertThatThrownBy(() -> at(NOW).cached())
        .isInstanceOf(TrustException.class)
        .hasMessage(
            "There is no copy of the TUF repository "
                + forge.address()
                + " in "
                + folder
                + ". Run once with a network, or name the instance's files.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"trusted_root.json", "targets.json"})
  void cached_withAChangedFile_fails(String name) throws Exception {
    at(NOW).update(http);
    Files.writeString(folder.resolve(name), "changed");

    assertThatThrownBy(() -> at(NOW).cached())
        .isInstanceOf(TrustException.class)
        .hasMessageContaining("is damaged: ")
        .hasMessageEndingWith("Delete the folder, and run once with a network.");
  }

  @Test
  void update_withAFolderThatOthersWrite_fails() throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));

    assertRefused(at(NOW))
        .hasMessage(
            "Cannot keep a copy of the TUF repository "
                + forge.address()
                + " in "
                + folder
                + ": other users may write to it. Set XDG_CACHE_HOME to a folder of this user, or"
                + " name the instance's files.");
  }

  @Test
  void update_ofANewFolder_isPrivate() throws Exception {
    Path made = folder.resolve("a/b");
    new TufRepository(forge.address(), () -> firstRoot, made, fixed(NOW)).update(http);

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
        .isEqualTo("rwx------");
  }

  /** Jobs of a session cluster have classes, hence monitors, of their own. */
  @Test
  void update_whileAnotherJobUpdates_waitsForIt() throws Exception {
    Semaphore turn = TufRepository.turn();
    turn.acquire();
    CompletableFuture<SigstoreInstance> updated =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return at(NOW).update(http);
              } catch (TrustException e) {
                throw new CompletionException(e);
              }
            });
    assertThatThrownBy(() -> updated.get(500, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);
    turn.release();

    assertThat(updated.get().trustedRoot().content()).asString().isEqualTo("first");
    assertThat(turn.availablePermits()).isEqualTo(1);
  }

  /** To close a file takes all locks of it from a process, so whoever waits must not open it. */
  @Test
  void update_thatGivesUpWaiting_leavesTheLockToTheOtherJob() throws Exception {
    Path lock = folder.resolve("lock");
    Semaphore turn = TufRepository.turn();
    turn.acquire();
    try (FileChannel other =
            FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock unused = other.lock()) {
      assertThatThrownBy(() -> at(NOW).update(http, Duration.ofMillis(100)))
          .isInstanceOf(TrustException.class)
          .hasMessage(
              "Cannot update the copy of the TUF repository "
                  + forge.address()
                  + " in "
                  + folder
                  + ": another update in this process did not end in time. Try again later.");
      assertThat(Path.of("/proc/locks"))
          .content()
          .contains(":" + Files.getAttribute(lock, "unix:ino") + " ");
    } finally {
      turn.release();
    }
  }

  /** Both would register the provider and remove it, each while the other needs it. */
  @Test
  void update_whileAnotherRepositoryIsUpdated_waitsForIt() throws Exception {
    List<Throwable> meanwhile = new CopyOnWriteArrayList<>();
    try (TufForge other = new TufForge(NOW)) {
      other.targets.put("trusted_root.json", "other".getBytes(UTF_8));
      other.publish();
      String otherRoot = other.root();
      TufRepository second =
          new TufRepository(other.address(), () -> otherRoot, folder.resolve("other"), fixed(NOW));
      forge.onRequest =
          () -> {
            forge.onRequest = () -> {};
            meanwhile.add(catchThrowable(() -> second.update(http, Duration.ofMillis(100))));
          };

      assertThat(at(NOW).update(http).trustedRoot().content()).asString().isEqualTo("first");
      assertThat(second.update(http).trustedRoot().content()).asString().isEqualTo("other");
    }

    assertThat(meanwhile)
        .singleElement()
        .isInstanceOf(TrustException.class)
        .asString()
        .contains("another update in this process did not end in time");
  }

  private TufRepository at(Instant now) {
    return new TufRepository(forge.address(), () -> firstRoot, folder, fixed(now));
  }

  private static Clock fixed(Instant now) {
    return Clock.fixed(now, ZoneOffset.UTC);
  }

  private AbstractThrowableAssert<?, ?> assertRefused(TufRepository repository) {
    return assertThatThrownBy(() -> repository.update(http)).isInstanceOf(TrustException.class);
  }

  private void publishNext(String content) {
    forge.versions.putAll(Map.of("timestamp", 2, "snapshot", 2, "targets", 2));
    forge.targets.put("trusted_root.json", content.getBytes(UTF_8));
    forge.publish();
  }

  private void replaceTarget(String content) {
    for (String name : List.copyOf(forge.served.keySet())) {
      if (name.endsWith(".trusted_root.json")) {
        forge.served.put(name, content.getBytes(UTF_8));
      }
    }
  }
}
