package dev.countersign.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import dev.countersign.schemas.FailureReason;
import dev.countersign.signing.BundleSigner;
import dev.countersign.signing.KeySigner;
import dev.countersign.signing.KeySigningSettings;
import dev.countersign.source.ModelFailure;
import dev.countersign.storage.StorageException;
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
    byte[] bundle = BundleJson.write(bundle(signer, "a"));

    String digest = write(true, bundle(signer, "a"), bundle);

    assertThat(target).hasBinaryContent(bundle);
    assertThat(digest).isEqualTo(sha256(bundle));
    assertThat(target.getParent()).isDirectoryContaining("glob:**m.sig");
    assertThat(target.getParent().toFile().list()).hasSize(1);
  }

  @Test
  void write_whereThisSignersBundleOfThePayloadLies_keepsIt() throws Exception {
    byte[] first = BundleJson.write(bundle(signer, "a"));
    Bundle second = bundle(signer, "a");
    write(true, bundle(signer, "a"), first);

    String replacing = write(true, second, BundleJson.write(second));
    String refusing = write(false, second, BundleJson.write(second));

    assertThat(target).hasBinaryContent(first);
    assertThat(replacing).isEqualTo(sha256(first));
    assertThat(refusing).isEqualTo(sha256(first));
  }

  @Test
  void write_whereThisSignersBundleOfAnotherPayloadLies_replacesOrRefuses() throws Exception {
    byte[] other = BundleJson.write(bundle(signer, "other"));
    write(true, bundle(signer, "other"), other);
    Bundle bundle = bundle(signer, "a");
    byte[] bytes = BundleJson.write(bundle);

    assertThatThrownBy(() -> write(false, bundle, bytes))
        .isInstanceOfSatisfying(
            ModelFailure.class,
            failure -> assertThat(failure.reason()).isEqualTo(FailureReason.BUNDLE_EXISTS))
        .hasMessageContaining(target + " is there already");
    assertThat(target).hasBinaryContent(other);
    assertThat(write(true, bundle, bytes)).isEqualTo(sha256(bytes));
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

    assertThatThrownBy(() -> write(false, bundle, bytes)).isInstanceOf(ModelFailure.class);
    assertThat(target).hasBinaryContent(others);
    assertThat(write(true, bundle, bytes)).isEqualTo(sha256(bytes));
  }

  @Test
  void write_whereAFolderLies_saysItCannotBeWritten() throws Exception {
    Files.createDirectories(target.resolve("inside"));
    Bundle bundle = bundle(signer, "a");
    byte[] bytes = BundleJson.write(bundle);

    assertThatThrownBy(() -> write(true, bundle, bytes))
        .isInstanceOfSatisfying(
            StorageException.class,
            fault -> assertThat(fault.kind()).isEqualTo(StorageException.Kind.NOT_WRITABLE))
        .hasMessageContaining(target.toString());
    assertThat(target.getParent().toFile().list()).containsExactly("m.sig");
  }

  private String write(boolean replaces, Bundle bundle, byte[] bytes) throws Exception {
    return new BundleWriter(signer.ownVerifier(BOUNDS), BOUNDS, replaces)
        .write(target.toString(), bytes, bundle.envelope());
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
