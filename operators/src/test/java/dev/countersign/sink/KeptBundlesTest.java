package dev.countersign.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.catalog.ReplacedBundle;
import dev.countersign.keys.KeyPairFiles;
import dev.countersign.keys.PassphraseSource;
import dev.countersign.oms.Bundle;
import dev.countersign.oms.BundleJson;
import dev.countersign.oms.Digest;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.Manifest;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.Resource;
import dev.countersign.oms.Serialization;
import dev.countersign.oms.ShardAlgorithm;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.FailureReason;
import dev.countersign.signing.BundleSigner;
import dev.countersign.signing.KeySigner;
import dev.countersign.signing.KeySigningSettings;
import dev.countersign.source.TestFileSystem;
import dev.countersign.storage.PinnedFolder;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.objects.FakeBucket;
import dev.countersign.storage.objects.FakeStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replacing a bundle that was verified, and keeping it. */
final class KeptBundlesTest {

  private static final OmsBounds BOUNDS = OmsBounds.defaults();

  @TempDir Path folder;

  private KeySigner signer;
  private Path target;
  private Path kept;

  @BeforeEach
  void loadSigner() throws Exception {
    signer = newSigner("own.key");
    target = Files.createDirectory(folder.resolve("out")).resolve("m.sig");
    kept = folder.resolve("previous");
  }

  @Test
  void replace_ofTheBundleThatWasVerified_keepsItUnderItsDigest() throws Exception {
    byte[] previous = BundleJson.write(bundle(newSigner("old.key"), "a"));
    Files.write(target, previous);
    Bundle bundle = bundle(signer, "a");

    String digest = replace(bundle, sha256(previous));

    assertThat(target).hasBinaryContent(BundleJson.write(bundle));
    assertThat(digest).isEqualTo(sha256(BundleJson.write(bundle)));
    assertThat(kept.resolve(sha256(previous) + ".sig")).hasBinaryContent(previous);
    assertThat(kept.toFile().list()).hasSize(1);
    assertThat(copy()).hasBinaryContent(previous);
  }

  @Test
  void replace_ofTheRunsOwnBundleAfterACrash_leavesTheCopyOfTheFirst() throws Exception {
    byte[] previous = BundleJson.write(bundle(newSigner("old.key"), "a"));
    Files.write(target, previous);
    Bundle bundle = bundle(signer, "a");
    String written = replace(bundle, sha256(previous));

    String again = replace(bundle(signer, "a"), sha256(previous));

    assertThat(again).isEqualTo(written);
    assertThat(copy()).hasBinaryContent(previous);
    assertThat(kept.toFile().list()).hasSize(1);
  }

  @Test
  void replace_whereACopyWasPlanted_keepsWhatIsReplacedInItsPlace() throws Exception {
    byte[] previous = BundleJson.write(bundle(newSigner("old.key"), "a"));
    Files.write(target, previous);
    Files.writeString(copy(), "planted");

    String unused = replace(bundle(signer, "a"), sha256(previous));

    assertThat(copy()).hasBinaryContent(previous);
  }

  @Test
  void replace_whereNoBundleWas_keepsAnEmptyCopy() throws Exception {
    Bundle bundle = bundle(signer, "a");

    String digest = replace(bundle, "");

    assertThat(digest).isEqualTo(sha256(Files.readAllBytes(target)));
    assertThat(copy()).isEmptyFile();
  }

  @Test
  void replace_whereTheCopyCannotBeWritten_replacesNothing() throws Exception {
    byte[] previous = BundleJson.write(bundle(newSigner("old.key"), "a"));
    Files.write(target, previous);
    Files.createDirectory(copy());
    Bundle bundle = bundle(signer, "a");

    assertThatThrownBy(() -> replace(bundle, sha256(previous)))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("is a directory");
    assertThat(target).hasBinaryContent(previous);
  }

  /** The link leads to a model that has the same bundle, so that nothing else differs. */
  @Test
  void replace_inAFolderThatALinkReplaced_leavesNoCopyWhereTheLinkLeads() throws Exception {
    byte[] previous = BundleJson.write(bundle(newSigner("old.key"), "a"));
    Files.write(target, previous);
    PinnedFolder pinned = Storages.forUri(target.toString()).pin(target.toString());
    Path other = Files.createDirectory(folder.resolve("other"));
    Files.write(other.resolve("m.sig"), previous);
    Files.move(target.getParent(), folder.resolve("moved"));
    Files.createSymbolicLink(target.getParent(), other);
    Bundle bundle = bundle(signer, "a");
    BundleWriter.Target place =
        new BundleWriter.Target(
            target.toString(), pinned, List::of, false, new WritePermit(() -> {}));

    assertThatThrownBy(() -> replace(place, bundle, sha256(previous)))
        .isInstanceOfSatisfying(
            StorageException.class,
            e -> assertThat(e.kind()).isEqualTo(StorageException.Kind.CHANGED));
    assertThat(other.toFile().list()).containsExactly("m.sig");
    assertThat(other.resolve("m.sig")).hasBinaryContent(previous);
  }

  @Test
  void replace_ofABundleThatIsKeptAlready_isFine() throws Exception {
    byte[] previous = BundleJson.write(bundle(newSigner("old.key"), "a"));
    Files.createDirectory(kept);
    Files.write(kept.resolve(sha256(previous) + ".sig"), previous);
    Files.write(target, previous);

    String digest = replace(bundle(signer, "a"), sha256(previous));

    assertThat(digest).isNotEqualTo(sha256(previous));
    assertThat(kept.resolve(sha256(previous) + ".sig")).hasBinaryContent(previous);
  }

  @Test
  void replace_whereSomethingElseIsKeptUnderThatName_failsAndReplacesNothing() throws Exception {
    byte[] previous = BundleJson.write(bundle(newSigner("old.key"), "a"));
    byte[] longer = new byte[previous.length + 1];
    byte[] other = new byte[previous.length];
    Files.createDirectory(kept);
    Path place = kept.resolve(sha256(previous) + ".sig");
    Files.write(target, previous);
    Bundle bundle = bundle(signer, "a");

    for (byte[] there : List.of(longer, other, new byte[0])) {
      Files.write(place, there);

      assertThatThrownBy(() -> replace(bundle, sha256(previous)))
          .isInstanceOfSatisfying(
              ModelFailure.class,
              failure -> assertThat(failure.reason()).isEqualTo(FailureReason.OUTPUT_NOT_WRITABLE))
          .hasMessageContaining(place + " is there with other content, and is not overwritten");
      assertThat(place).hasBinaryContent(there);
      assertThat(target).hasBinaryContent(previous);
    }
  }

  @Test
  void replace_whereNothingCanBeKept_replacesNothing() throws Exception {
    byte[] previous = BundleJson.write(bundle(newSigner("old.key"), "a"));
    Files.write(target, previous);
    Files.writeString(kept, "no folder");
    Bundle bundle = bundle(signer, "a");

    assertThatThrownBy(() -> replace(bundle, sha256(previous)))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining(kept.toString());
    assertThat(target).hasBinaryContent(previous);
  }

  @Test
  void keep_inAFolderThatALinkReplacedBeforeTheFirst_keepsNothing() throws Exception {
    byte[] bundle = {1};
    Files.createDirectory(kept);
    KeptBundles bundles = new KeptBundles(kept.toString());
    Path other = Files.createDirectory(folder.resolve("other"));
    Files.delete(kept);
    Files.createSymbolicLink(kept, other);

    assertThatThrownBy(() -> bundles.keep(bundle, sha256(bundle), new WritePermit(() -> {})))
        .isInstanceOfSatisfying(
            StorageException.class,
            e -> assertThat(e.kind()).isEqualTo(StorageException.Kind.CHANGED));
    assertThat(other).isEmptyDirectory();
  }

  @Test
  void replace_ofAnotherBundleThanWasVerified_isRefused() throws Exception {
    byte[] verified = BundleJson.write(bundle(newSigner("old.key"), "a"));
    byte[] other = BundleJson.write(bundle(newSigner("other.key"), "a"));
    Files.write(target, other);
    Bundle bundle = bundle(signer, "a");

    for (String expected : List.of(sha256(verified), "")) {
      assertThatThrownBy(() -> replace(bundle, expected))
          .isInstanceOfSatisfying(
              ModelFailure.class,
              failure -> assertThat(failure.reason()).isEqualTo(FailureReason.CHANGED_WHILE_READ))
          .hasMessageContaining(target + " is no longer the bundle that was verified");
    }
    assertThat(target).hasBinaryContent(other);
    Files.delete(target);
    assertThatThrownBy(() -> replace(bundle, sha256(verified))).isInstanceOf(ModelFailure.class);
    assertThat(target).doesNotExist();
    assertThat(kept).doesNotExist();
  }

  @Test
  void replace_afterACrashBehindTheWrite_keepsThisRunsOwn() throws Exception {
    byte[] previous = BundleJson.write(bundle(newSigner("old.key"), "a"));
    Files.write(target, previous);
    String first = replace(bundle(signer, "a"), sha256(previous));
    byte[] own = Files.readAllBytes(target);

    String again = replace(bundle(signer, "a"), sha256(previous));

    assertThat(again).isEqualTo(first);
    assertThat(target).hasBinaryContent(own);
    assertThat(kept.toFile().list()).containsExactly(sha256(previous) + ".sig");
  }

  @Test
  void keep_ofTheSameBundleByManyThreads_writesItWhole() throws Exception {
    byte[] bundle = BundleJson.write(bundle(signer, "a"));
    KeptBundles bundles = new KeptBundles(kept.toString());
    ExecutorService threads = Executors.newFixedThreadPool(8);
    List<Future<?>> all = new ArrayList<>();

    for (int i = 0; i < 64; i++) {
      all.add(
          threads.submit(
              () -> {
                bundles.keep(bundle, sha256(bundle), new WritePermit(() -> {}));
                return null;
              }));
    }
    for (Future<?> one : all) {
      assertThat(one.get()).isNull();
    }
    threads.shutdown();

    assertThat(kept.resolve(sha256(bundle) + ".sig")).hasBinaryContent(bundle);
    assertThat(kept.toFile().list()).hasSize(1);
  }

  @Test
  void keep_whereAnotherAppearsMeanwhileInAnObjectStore_doesNotReplaceIt() throws Exception {
    byte[] bundle = BundleJson.write(bundle(signer, "a"));
    FakeBucket bucket = FakeStore.bucket("kept");
    String key = "previous/" + sha256(bundle) + ".sig";
    byte[] other = {1, 2, 3};
    bucket.hook(
        request -> {
          if (request.startsWith("PUT ")) {
            bucket.put(key, other);
          }
        });

    assertThatThrownBy(
            () ->
                new KeptBundles("mem://kept/previous")
                    .keep(bundle, sha256(bundle), new WritePermit(() -> {})))
        .isInstanceOf(ModelFailure.class)
        .hasMessageContaining("is there with other content");
    assertThat(bucket.content(key)).isEqualTo(other);
  }

  @Test
  void keep_whileAnotherWriteHangs_canBeGivenUpAndKeepsNothingLater() throws Exception {
    byte[] bundle = {1};
    Path hanging = Files.createDirectory(folder.resolve(TestFileSystem.NEVER_WRITES));
    TestFileSystem.register();
    try {
      KeptBundles bundles = new KeptBundles(TestFileSystem.uri(hanging));
      WritePermit permit = new WritePermit(() -> {});
      FutureTask<Void> first = keeping(bundles, bundle, permit);
      new Thread(first).start();
      TestFileSystem.awaitStall();
      FutureTask<Void> second = keeping(bundles, bundle, new WritePermit(() -> {}));
      Thread waiting = new Thread(second);
      waiting.start();
      while (waiting.getState() != Thread.State.WAITING) {
        Thread.sleep(1);
      }

      waiting.interrupt();

      assertGivenUp(second);
      assertThat(permit.withdraw()).isFalse();
      TestFileSystem.release();
      assertGivenUp(first);
      assertThat(hanging).isEmptyDirectory();
    } finally {
      TestFileSystem.unregister();
    }
  }

  private static FutureTask<Void> keeping(KeptBundles bundles, byte[] bundle, WritePermit permit) {
    return new FutureTask<>(
        () -> {
          bundles.keep(bundle, sha256(bundle), permit);
          return null;
        });
  }

  private static void assertGivenUp(FutureTask<Void> keeping) {
    assertThatThrownBy(() -> keeping.get(60, TimeUnit.SECONDS))
        .hasCauseInstanceOf(ModelFailure.class)
        .hasMessageContaining("The write was given up.");
  }

  private String replace(Bundle bundle, String verified) throws Exception {
    return replace(
        new BundleWriter.Target(
            target.toString(), null, List::of, false, new WritePermit(() -> {})),
        bundle,
        verified);
  }

  private String replace(BundleWriter.Target place, Bundle bundle, String verified)
      throws Exception {
    return new BundleWriter(
            signer.ownVerifier(BOUNDS), BOUNDS, true, Optional.of(new KeptBundles(kept.toString())))
        .replace(place, bundle, verified, ReplacedBundle.of(target.toString(), "run"));
  }

  private Path copy() {
    return Path.of(ReplacedBundle.of(target.toString(), "run").uri());
  }

  private KeySigner newSigner(String name) throws Exception {
    Path key = folder.resolve(name);
    Files.write(
        key,
        KeyPairFiles.privatePem(KeyPairFiles.generate("P-256").getPrivate(), Optional.empty()));
    return KeySigner.load(new KeySigningSettings(key.toString(), PassphraseSource.NONE));
  }

  private static Bundle bundle(KeySigner signer, String file) throws Exception {
    Manifest manifest =
        Manifest.sorted(
            "m",
            Serialization.files(HashAlgorithm.SHA256),
            List.of(Resource.whole(file, Digest.of(new byte[32]))));
    return new BundleSigner(signer, ShardAlgorithm.CLIENT, Optional.empty()).sign(manifest);
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }
}
