package dev.countersign.jobs.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.keys.PrivateKeyFile;
import dev.countersign.oms.Bundle;
import dev.countersign.oms.BundleJson;
import dev.countersign.oms.Envelope;
import dev.countersign.oms.Manifest;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.Statement;
import dev.countersign.oms.VerificationMaterial.PublicKeyHint;
import dev.countersign.schemas.DifferenceKind;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Outcome;
import dev.countersign.source.planning.ExistingBundle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.Signature;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A model with a bundle in the form of the reference client's release 0.2.0, made here. */
@Timeout(120)
final class LegacyBundleITCase {

  private static final String CONTENT = "weights";

  @TempDir Path folder;

  private TestRuns runs;
  private Path model;

  @BeforeEach
  void makeSignedModel() throws Exception {
    runs = new TestRuns(folder);
    model = Files.createDirectories(folder.resolve("models/old/.git")).getParent();
    Files.writeString(model.resolve(".git/HEAD"), "not signed, and not part of the model");
    Files.writeString(model.resolve("a.bin"), CONTENT);
    // Older than the bundle, so that its time is no reason to sign the model again.
    Files.setLastModifiedTime(
        model.resolve("a.bin"), FileTime.from(Instant.parse("2025-01-01T00:00:00Z")));
    Files.write(model.resolve("model.sig"), bundle());
  }

  @Test
  void verify_ofItsModel_isByItsFiles() throws Exception {
    ModelResult intact = runs.verify(model).get(0);
    Files.writeString(model.resolve("a.bin"), "other");
    ModelResult changed = runs.verify(model).get(0);

    assertThat(intact.getOutcome()).as(intact.getMessage()).isEqualTo(Outcome.VERIFIED);
    assertThat(intact.getFiles()).isEqualTo(1);
    assertThat(changed.getReason()).isEqualTo(FailureReason.CONTENT_MISMATCH);
    assertThat(changed.getDifferences())
        .singleElement()
        .satisfies(
            difference -> {
              assertThat(difference.getKind()).isEqualTo(DifferenceKind.CHANGED);
              assertThat(difference.getName()).isEqualTo("a.bin");
            });
  }

  @Test
  void sign_skippingWhatIsSigned_bringsItToThePresentForm() throws Exception {
    String before = Files.readString(model.resolve("model.sig"));
    runs.existing = ExistingBundle.SKIP_IF_SIGNED;

    ModelResult first = runs.sign(model).get(0);
    ModelResult second = runs.sign(model).get(0);

    assertThat(first.getOutcome()).isEqualTo(Outcome.SIGNED);
    assertThat(model.resolve("model.sig")).content().isNotEqualTo(before);
    assertThat(second.getOutcome()).isEqualTo(Outcome.SKIPPED);
  }

  @Test
  void resign_ofItsModel_saysWhatTheOldFormLacks() throws Exception {
    TestRuns fresh = new TestRuns(Files.createDirectory(folder.resolve("fresh")));

    ModelResult signed = fresh.resign(runs, model).get(0);

    assertThat(signed.getOutcome()).as(signed.getMessage()).isEqualTo(Outcome.SIGNED);
    assertThat(signed.getHashType()).isEqualTo("sha256");
    assertThat(signed.getSerialization()).isEqualTo("files");
    OmsBounds bounds = OmsBounds.defaults();
    Manifest manifest =
        Statement.read(
            BundleJson.read(Files.readAllBytes(model.resolve("model.sig")), bounds)
                .envelope()
                .payload(),
            bounds);
    assertThat(manifest.modelName()).isEqualTo("old");
    assertThat(manifest.serialization().ignorePaths())
        .containsExactlyInAnyOrder(".git", ".gitattributes", ".github", ".gitignore", "model.sig");
    assertThat(manifest.serialization().allowSymlinks()).isFalse();
    assertThat(fresh.verify(model).get(0).getOutcome()).isEqualTo(Outcome.VERIFIED);
  }

  private byte[] bundle() throws Exception {
    String digest =
        HexFormat.of()
            .formatHex(MessageDigest.getInstance("SHA-256").digest(CONTENT.getBytes(UTF_8)));
    String payload =
        "{\"_type\": \"https://in-toto.io/Statement/v1\", \"subject\": [{\"name\": \"a.bin\","
            + " \"digest\": {\"sha256\": \""
            + digest
            + "\"}}], \"predicateType\": \"https://model_signing/Digests/v0.1\"}";
    // As Python prints bytes that need no escapes.
    String encoding =
        "DSSEV1 28 " + Envelope.PAYLOAD_TYPE + " " + payload.length() + " b'" + payload + "'";
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(
        PrivateKeyFile.load(folder.resolve("test.key").toString(), Optional.empty())
            .pair()
            .getPrivate());
    signature.update(encoding.getBytes(UTF_8));
    return BundleJson.write(
        new Bundle(
            new PublicKeyHint(""),
            new Envelope(Envelope.PAYLOAD_TYPE, payload.getBytes(UTF_8), signature.sign(), "")));
  }
}
