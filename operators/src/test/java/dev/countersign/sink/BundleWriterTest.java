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
import dev.countersign.oms.SignedTimestamp;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.FailureReason;
import dev.countersign.signing.BundleSigner;
import dev.countersign.signing.KeySigner;
import dev.countersign.signing.KeySigningSettings;
import dev.countersign.storage.StorageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BundleWriterTest {

  private static final OmsBounds BOUNDS = OmsBounds.defaults();

  @TempDir Path folder;

  private KeySigner signer;
  private Path target;

  @BeforeEach
  void loadSigner() throws Exception {
    signer = newSigner("own.key");
    target = folder.resolve("out/m.sig");
  }

  @Test
  void write_whereNothingLies_writesAndGivesItsDigest() throws Exception {
    Bundle bundle = bundle(signer, "a");

    String digest = write(true, bundle);

    assertThat(target).hasBinaryContent(BundleJson.write(bundle));
    assertThat(digest).isEqualTo(sha256(BundleJson.write(bundle)));
    assertThat(target.getParent()).isDirectoryContaining("glob:**m.sig");
    assertThat(target.getParent().toFile().list()).hasSize(1);
  }

  @Test
  void write_whereThisSignersBundleOfThePayloadLies_keepsIt() throws Exception {
    Bundle kept = bundle(signer, "a");
    byte[] first = BundleJson.write(kept);
    Bundle second = bundle(signer, "a");
    write(true, kept);

    String replacing = write(true, second);
    String refusing = write(false, second);

    assertThat(target).hasBinaryContent(first);
    assertThat(replacing).isEqualTo(sha256(first));
    assertThat(refusing).isEqualTo(sha256(first));
  }

  /** Whoever may write there can add to a bundle what nobody signed. */
  @Test
  void write_whereThisSignersBundleWasAddedTo_replacesIt() throws Exception {
    Bundle own = bundle(signer, "a");
    write(
        true,
        new Bundle(
            own.material(),
            own.envelope(),
            List.of(new SignedTimestamp(new byte[] {1})),
            List.of()));
    Bundle bundle = bundle(signer, "a");

    write(false, bundle);

    assertThat(target).hasBinaryContent(BundleJson.write(bundle));
  }

  @Test
  void write_ofABundleWithATimestamp_replacesThisSignersOwn() throws Exception {
    write(true, bundle(signer, "a"));
    Bundle own = bundle(signer, "a");
    Bundle stamped =
        new Bundle(
            own.material(),
            own.envelope(),
            List.of(new SignedTimestamp(new byte[] {1})),
            List.of());

    String digest = write(false, stamped);

    assertThat(target).hasBinaryContent(BundleJson.write(stamped));
    assertThat(digest).isEqualTo(sha256(BundleJson.write(stamped)));
  }

  @Test
  void write_whereThisSignersBundleOfAnotherPayloadLies_replacesOrRefuses() throws Exception {
    Bundle present = bundle(signer, "other");
    byte[] other = BundleJson.write(present);
    write(true, present);
    Bundle bundle = bundle(signer, "a");
    byte[] bytes = BundleJson.write(bundle);

    assertThatThrownBy(() -> write(false, bundle))
        .isInstanceOfSatisfying(
            ModelFailure.class,
            failure -> assertThat(failure.reason()).isEqualTo(FailureReason.BUNDLE_EXISTS))
        .hasMessageContaining(target + " already exists");
    assertThat(target).hasBinaryContent(other);
    assertThat(write(true, bundle)).isEqualTo(sha256(bytes));
    assertThat(target).hasBinaryContent(bytes);
  }

  @Test
  void write_whereAnotherSignersBundleOfThePayloadLies_replacesOrRefuses() throws Exception {
    KeySigner stranger = newSigner("stranger.key");
    byte[] others = BundleJson.write(bundle(stranger, "a"));
    Files.createDirectories(target.getParent());
    Files.write(target, others);
    Bundle bundle = bundle(signer, "a");
    byte[] bytes = BundleJson.write(bundle);

    assertThatThrownBy(() -> write(false, bundle)).isInstanceOf(ModelFailure.class);
    assertThat(target).hasBinaryContent(others);
    assertThat(write(true, bundle)).isEqualTo(sha256(bytes));
  }

  @Test
  void write_whereABundleAppearsDuringTheLastCheck_refuses() throws Exception {
    Files.createDirectories(target.getParent());

    assertThatThrownBy(
            () -> writer(false).write(targetThatGets("another run's"), bundle(signer, "a")))
        .isInstanceOfSatisfying(
            ModelFailure.class,
            failure -> assertThat(failure.reason()).isEqualTo(FailureReason.BUNDLE_EXISTS));

    assertThat(target).hasContent("another run's");
    assertThat(target.getParent().toFile().list()).containsExactly("m.sig");
  }

  @Test
  void replace_ofABundleThatIsReplacedDuringTheLastCheck_fails() throws Exception {
    byte[] verified = BundleJson.write(bundle(newSigner("stranger.key"), "a"));
    Files.createDirectories(target.getParent());
    Files.write(target, verified);

    assertThatThrownBy(
            () ->
                writer(true)
                    .replace(
                        targetThatGets("another run's"),
                        bundle(signer, "a"),
                        sha256(verified),
                        ReplacedBundle.of(target.toString(), "run")))
        .isInstanceOfSatisfying(
            ModelFailure.class,
            failure -> assertThat(failure.reason()).isEqualTo(FailureReason.CHANGED_WHILE_READ));

    assertThat(target).hasContent("another run's");
  }

  /** Returns a place where another run writes a bundle while the model is listed again. */
  private BundleWriter.Target targetThatGets(String content) {
    return new BundleWriter.Target(
        target.toString(),
        null,
        () -> {
          try {
            Files.writeString(target, content);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          return List.of();
        },
        false,
        new WritePermit(() -> {}));
  }

  @Test
  void write_whereAFolderLies_saysItCannotBeWritten() throws Exception {
    Files.createDirectories(target.resolve("inside"));
    Bundle bundle = bundle(signer, "a");

    assertThatThrownBy(() -> write(true, bundle))
        .isInstanceOfSatisfying(
            StorageException.class,
            fault -> assertThat(fault.kind()).isEqualTo(StorageException.Kind.NOT_WRITABLE))
        .hasMessageContaining(target.toString());
    assertThat(target.getParent().toFile().list()).containsExactly("m.sig");
  }

  private String write(boolean replaces, Bundle bundle) throws Exception {
    return writer(replaces)
        .write(
            new BundleWriter.Target(
                target.toString(), null, List::of, false, new WritePermit(() -> {})),
            bundle);
  }

  private BundleWriter writer(boolean replaces) throws Exception {
    return new BundleWriter(signer.ownVerifier(BOUNDS), BOUNDS, replaces, Optional.empty());
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
