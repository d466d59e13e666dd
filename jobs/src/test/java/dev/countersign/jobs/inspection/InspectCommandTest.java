package dev.countersign.jobs.inspection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.cli.ProgramRuns;
import dev.countersign.jobs.cli.ProgramRuns.Ended;
import dev.countersign.jobs.terminal.ExitCode;
import dev.countersign.oms.Bundle;
import dev.countersign.oms.BundleJson;
import dev.countersign.oms.Digest;
import dev.countersign.oms.Envelope;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.Manifest;
import dev.countersign.oms.OmsException;
import dev.countersign.oms.Resource;
import dev.countersign.oms.Serialization;
import dev.countersign.oms.ShardAlgorithm;
import dev.countersign.oms.SignedTimestamp;
import dev.countersign.oms.Statement;
import dev.countersign.oms.VerificationMaterial;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class InspectCommandTest {

  private static final Path BUNDLES =
      Path.of("../operators/src/test/resources/bundles").toAbsolutePath().normalize();

  /** A bundle of the reference client to which a timestamp was added. */
  private static final Path STAMPED =
      Path.of(
              "src/test/resources/dev/countersign/jobs/inspection/BundleInspectorFuzzTestInputs",
              "timestamp")
          .toAbsolutePath();

  /** A bundle whose certificate has an address range with an impossible mask among its names. */
  private static final Path ODD_MASK = STAMPED.resolveSibling("alternative-name-with-odd-mask");

  private static final byte[] SIGNATURE = {1, 2, 3};

  @TempDir Path folder;
  private ProgramRuns program;

  @BeforeEach
  void setUp() {
    program = new ProgramRuns(folder);
  }

  @Test
  void inspect_ofBundlesOfTheReferenceClient_showsEachAndThatItIsNotVerified() throws IOException {
    Files.createDirectories(folder.resolve("model"));
    Files.copy(BUNDLES.resolve("python-1.1.1/shards.sig"), folder.resolve("model/model.sig"));
    Files.copy(BUNDLES.resolve("python-0.2.0/files-p256.sig"), folder.resolve("old.sig"));

    Ended ended = program.run("inspect", "model", "old.sig");

    assertThat(ended.code()).as(ended.err()).isEqualTo(ExitCode.OK);
    assertThat(ended.err()).isEmpty();
    assertThat(ended.out())
        .contains("model/model.sig  NOT VERIFIED")
        .contains("old.sig  NOT VERIFIED")
        .contains("  method       key\n")
        .contains("  predicate    https://model_signing/signature/v1.0\n")
        .contains("  predicate    https://model_signing/Digests/v0.1\n")
        .contains("  hash         sha256, shards of 64 bytes\n")
        .contains("model.safetensors:64:128");
  }

  @Test
  void inspect_asJson_hasAllFilesAndSaysThatItIsNotVerified() throws Exception {
    write("many.sig", manifest(100, "weights-"), List.of());

    Ended text = program.run("inspect", "--max-listed", "3", "many.sig");
    Ended json = program.run("inspect", "--output", "json", "many.sig");

    assertThat(text.out())
        .contains("weights-002")
        .doesNotContain("weights-003")
        .contains("and 97 more (--max-listed or --output json show more)");
    assertThat(json.outLines()).hasSize(1);
    assertThat(json.out())
        .startsWith("{\"bundle\":\"" + folder.resolve("many.sig") + "\",\"verified\":false,")
        .contains("\"method\":\"key\"", "\"keyHint\":\"0a\"", "\"name\":\"weights-099\"")
        .contains("\"files\":100", "\"faults\":[]");
  }

  @Test
  void inspect_ofCertificatesAndATimestamp_showsWhoIsSaidToHaveSignedAndWhen() throws Exception {
    Files.copy(STAMPED, folder.resolve("stamped.sig"));
    String signer = "946d4146c9b2e06a29f8a3d79439c10f22381a49a03c79aaac36e7b468607a45";
    String issuer = "5c63a927cb6646312d4ab09fd23dc3ed584de7c810c3e39369524563be920736";
    String root = "f6fd3e1c813470604dec336245e44fe2c46e9efba50cc635c0db67ae0a737510";

    Ended text = program.run("inspect", "stamped.sig");
    Ended json = program.run("inspect", "--output", "json", "stamped.sig");

    assertThat(text.code()).as(text.err()).isEqualTo(ExitCode.OK);
    assertThat(text.out())
        .contains("stamped.sig  NOT VERIFIED", "  method       certificate\n")
        .contains(
            "  signer       CN=odd: of one month\n",
            "               issued by CN=Test intermediate\n",
            "               EC P-256, serial 4b11f6ef7527f20a04ce06a8d6b2641ccc16f2e3,"
                + " valid from 2025-01-01T00:00:00Z to 2025-02-01T00:00:00Z\n",
            "               sha256 " + signer + "\n")
        .contains(
            "  issuer       CN=Test intermediate\n",
            "               issued by CN=Test root\n",
            "               sha256 " + issuer + "\n")
        .contains("  timestamp    2026-11-25T00:32:36Z, by CN=TSA,O=Countersign tests\n")
        .contains("  root digest  sha256:" + root + "\n")
        .doesNotContain("fault");
    assertThat(json.code()).as(json.err()).isEqualTo(ExitCode.OK);
    assertThat(json.outLines()).hasSize(1);
    assertThat(json.out())
        .contains("\"verified\":false", "\"method\":\"certificate\"", "\"faults\":[]")
        .contains(
            "\"certificates\":[{\"subject\":\"CN=odd: of one month\","
                + "\"issuer\":\"CN=Test intermediate\"",
            "\"serial\":\"4b11f6ef7527f20a04ce06a8d6b2641ccc16f2e3\"",
            "\"sha256\":\"" + signer + "\"",
            "\"sha256\":\"" + issuer + "\"")
        .contains(
            "\"timestamps\":[{\"time\":\"2026-11-25T00:32:36Z\","
                + "\"authority\":\"CN=TSA,O=Countersign tests\","
                + "\"serial\":\"3\",\"policy\":\"1.2.3.4.1\"}]")
        .contains("\"rootDigest\":\"" + root + "\"");
  }

  @Test
  void inspect_ofHostileNames_escapesThem() throws Exception {
    write("hostile.sig", manifest(1, "\u001b[2J\u202e"), List.of());

    Ended text = program.run("inspect", "hostile.sig");
    Ended json = program.run("inspect", "--output", "json", "hostile.sig");

    assertThat(text.out()).contains("\\u001b[2J\\u202e000").doesNotContain("\u001b", "\u202e");
    assertThat(json.out()).contains("\\u001B[2J\\u202E000").doesNotContain("\u001b", "\u202e");
  }

  @Test
  void inspect_ofPartsThatCannotBeRead_showsTheRest() throws Exception {
    byte[] payload = "{\"_type\":\"x\"}".getBytes(StandardCharsets.UTF_8);
    write(
        "odd.sig",
        new Bundle(
            new VerificationMaterial.CertificateChain(List.of(new byte[] {1})),
            new Envelope(Envelope.PAYLOAD_TYPE, payload, SIGNATURE, ""),
            List.of(new SignedTimestamp(new byte[] {2})),
            List.of()));

    Ended ended = program.run("inspect", "odd.sig");

    assertThat(ended.code()).isEqualTo(ExitCode.OK);
    assertThat(ended.out())
        .contains("  method       certificate\n")
        .contains("  fault        Certificate 1 ")
        .containsPattern("  fault        .*imestamp")
        .contains("  fault        The signature is over an in-toto statement of type \"x\"");
  }

  @Test
  void inspect_ofAlternativeNamesThatCannotBeRead_showsTheRest() throws Exception {
    Files.copy(ODD_MASK, folder.resolve("odd.sig"));

    Ended ended = program.run("inspect", "odd.sig");

    assertThat(ended.code()).as(ended.err()).isEqualTo(ExitCode.OK);
    assertThat(ended.err()).isEmpty();
    assertThat(ended.out())
        .contains("  signer       CN=Signer of an odd mask\n", "  method       certificate\n")
        .doesNotContain("fault", "signer@example.org");
  }

  @Test
  void inspect_ofWhatIsNoBundle_failsItAndShowsTheOthers() throws Exception {
    program.file("text.sig", "no bundle");
    Files.createDirectories(folder.resolve("unsigned"));
    write("fine.sig", manifest(1, "weights-"), List.of());

    Ended ended = program.run("inspect", "text.sig", "unsigned", "gone.sig", "fine.sig");
    Ended json = program.run("inspect", "--output", "json", "text.sig");

    assertThat(ended.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(ended.out()).contains("fine.sig  NOT VERIFIED");
    assertThat(ended.err())
        .contains("FAILED   text.sig  The bundle is not a JSON object in UTF-8.")
        .contains("FAILED   unsigned  ", "FAILED   gone.sig  ")
        .doesNotContain("Exception");
    assertThat(json.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(json.out()).contains("\"verified\":false,\"error\":\"The bundle is not a JSON");
  }

  @Test
  void inspect_ofAFolderOfModels_saysToNameThem() throws IOException {
    Files.createDirectories(folder.resolve("group/model"));

    Ended ended = program.run("inspect", "group");

    assertThat(ended.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(ended.err())
        .contains(
            "FAILED   group  This folder contains no model.sig. Name a signed model or a bundle;"
                + " for the models in a folder, quote a glob such as 'models/*'.");
  }

  @Test
  void inspect_ofNothing_saysWhatToGive() {
    Ended none = program.run("inspect");
    Ended glob = program.run("inspect", "lake/*");

    assertThat(none.code()).isEqualTo(ExitCode.USAGE);
    assertThat(none.err()).contains("No bundle was named.");
    assertThat(glob.code()).isEqualTo(ExitCode.USAGE);
    assertThat(glob.err()).contains("The glob lake/* matches nothing.");
  }

  private void write(String name, Manifest manifest, List<SignedTimestamp> timestamps)
      throws OmsException, IOException {
    byte[] payload = Statement.write(manifest, ShardAlgorithm.CLIENT);
    write(
        name,
        new Bundle(
            new VerificationMaterial.PublicKeyHint("0a"),
            new Envelope(Envelope.PAYLOAD_TYPE, payload, SIGNATURE, ""),
            timestamps,
            List.of()));
  }

  private void write(String name, Bundle bundle) throws OmsException, IOException {
    Files.write(folder.resolve(name), BundleJson.write(bundle));
  }

  private static Manifest manifest(int files, String prefix) throws OmsException {
    List<Resource> resources = new ArrayList<>();
    for (int i = 0; i < files; i++) {
      resources.add(
          Resource.whole(prefix + String.format(Locale.ROOT, "%03d", i), Digest.of(new byte[32])));
    }
    return Manifest.sorted("model", Serialization.files(HashAlgorithm.SHA256), resources);
  }
}
