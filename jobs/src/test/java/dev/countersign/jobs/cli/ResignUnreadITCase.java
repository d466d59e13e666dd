package dev.countersign.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.cli.ProgramRuns.Ended;
import dev.countersign.jobs.terminal.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code resign --trust-previous-digests} of models signed by shards, whose sizes are known. */
final class ResignUnreadITCase {

  @TempDir Path folder;

  @Test
  void models_signedByShards_failUnreadIfASizeDiffers() throws IOException {
    ProgramRuns program = new ProgramRuns(folder);
    program.keyPair("old");
    program.keyPair("new");
    program.file(
        "policy.yaml",
        """
        version: 1
        rules:
          - name: all
            models: '.*'
            accept: {keys: old.pub}
            trust-previous-digests: true
        """);
    List<String> models = List.of("same", "longer", "shorter");
    for (String model : models) {
      program.file("lake/" + model + "/weights.bin", "w".repeat(1_500));
    }
    Ended signed =
        program.run(
            "sign",
            "key",
            "--private-key",
            "old.key",
            "--serialization",
            "shards",
            "--shard-size",
            "1000",
            "lake/*");
    List<byte[]> before = bundles(models);
    program.file("lake/longer/weights.bin", "w".repeat(1_501));
    program.file("lake/shorter/weights.bin", "w".repeat(1_499));

    Ended resigned =
        program.run(
            "resign",
            "key",
            "--private-key",
            "new.key",
            "--policy",
            "policy.yaml",
            "--trust-previous-digests",
            "lake/*");

    assertThat(signed.code()).as(signed.err()).isEqualTo(ExitCode.OK);
    assertThat(resigned.code()).as(resigned.err()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(resigned.outLines()).singleElement().asString().startsWith("SIGNED   lake/same ");
    assertThat(resigned.err())
        .contains("FAILED   lake/longer  CONTENT_MISMATCH: ", "weights.bin:1000:1501")
        .contains("FAILED   lake/shorter  CONTENT_MISMATCH: ", "weights.bin:1000:1499");
    List<byte[]> after = bundles(models);
    assertThat(after.get(0)).isNotEqualTo(before.get(0));
    assertThat(after.get(1)).isEqualTo(before.get(1));
    assertThat(after.get(2)).isEqualTo(before.get(2));
  }

  private List<byte[]> bundles(List<String> models) throws IOException {
    List<byte[]> bundles = new ArrayList<>();
    for (String model : models) {
      bundles.add(Files.readAllBytes(folder.resolve("lake/" + model + "/model.sig")));
    }
    return bundles;
  }
}
