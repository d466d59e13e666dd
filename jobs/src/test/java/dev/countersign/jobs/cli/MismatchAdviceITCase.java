package dev.countersign.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.cli.ProgramRuns.Ended;
import dev.countersign.jobs.terminal.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is advised for a model that is not what was signed fits the case, and works. */
final class MismatchAdviceITCase {

  private static final String UNFINISHED =
      ".countersign-tmp-00112233aabbccdd-1a2b-00112233445566778899aabbccddeeff";
  private static final String REPLACED =
      ".countersign-replaced-7b0de6a4-9d65-4bb9-a3b8-0f6f4a3f5a11-00112233aabbccdd";

  @TempDir Path folder;
  private ProgramRuns program;

  @BeforeEach
  void setUp() throws IOException {
    program = new ProgramRuns(folder);
    program.keyPair("release");
    for (String model : new String[] {"below", "extra", "inside", "leftovers", "outside"}) {
      program.file("lake/" + model + "/weights.bin", "weights");
      program.file("lake/" + model + "/copy.bin", "weights");
      program.file("lake/" + model + "/sub/config.json", "{}");
    }
    Ended signed = program.run("sign", "key", "--private-key", "release.key", "lake/*");
    assertThat(signed.code()).as(signed.err()).isEqualTo(ExitCode.OK);
    program.file("store/copy.bin", "weights");
    program.file("store/sub/config.json", "{}");
    program.file("lake/extra/notes.txt", "extra");
    program.file("lake/leftovers/.cache/huggingface/download/weights.bin.metadata", "etag");
    program.file("lake/leftovers/.cache/huggingface/.gitignore", "*");
    program.file("lake/leftovers/.DS_Store", "");
    program.file("lake/leftovers/registered_model_meta", "name: a");
    program.file("lake/leftovers/model.sigstore.json", "{}");
    program.file("lake/leftovers/claims.jsonl", "{}");
    program.file("lake/leftovers/" + UNFINISHED, "");
    program.file("lake/leftovers/" + REPLACED, "{}");
    link("lake/inside/copy.bin", "weights.bin");
    link("lake/outside/copy.bin", "../../store/copy.bin");
    Files.delete(folder.resolve("lake/below/sub/config.json"));
    link("lake/below/sub", "../../store/sub");
  }

  @Test
  void verify_ofModelsThatDiffer_advisesWhatFitsEach() {
    Ended verified = verify("lake/*");

    assertThat(verified.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(verified.err())
        .contains(
            "lake/extra  CONTENT_MISMATCH: The model is not what was signed: 0 changed, 0 missing,"
                + " 1 extra. All that was signed is there and unchanged. Remove the extra files,"
                + " leave them out with --ignore-paths, or let all unsigned files pass with"
                + " --ignore-unsigned-files.",
            "0 changed, 0 missing, 8 extra. All that was signed is there and unchanged. Among the"
                + " extra files: .DS_Store (what macOS leaves in folders), .cache/huggingface"
                + " (download notes of huggingface_hub), "
                + REPLACED
                + " (bundle that a run of resign has replaced, which deletes it when it ends or is"
                + " resumed), "
                + UNFINISHED
                + " (unfinished file of a run that was killed), claims.jsonl (claims of another"
                + " client), model.sigstore.json (a bundle of another client),"
                + " registered_model_meta (MLflow's note of the registered model). Remove the extra"
                + " files,",
            "lake/inside  CONTENT_MISMATCH: The model is not what was signed: 0 changed, 1 missing,"
                + " 0 extra. All that is missing is there as a symbolic link. Follow the links with"
                + " --allow-symlinks.",
            "lake/outside  CONTENT_MISMATCH: The model is not what was signed: 0 changed, 1"
                + " missing, 0 extra. All that is missing is there as a symbolic link that leads"
                + " out of the model. Follow the links with --allow-symlinks, and name the folder"
                + " that they lead to with --symlink-root.",
            "lake/below  CONTENT_MISMATCH: The model is not what was signed: 0 changed, 1 missing,"
                + " 1 extra. The missing files are below links to directories, which are never"
                + " followed. Put the directories themselves in the place of the links.",
            "below a symbolic link to ../../store/sub, a directory");
  }

  @Test
  void verify_asAdvised_verifies() throws IOException {
    Ended advised =
        verify("--allow-symlinks", "--symlink-root", "store", "--ignore-unsigned-files", "lake/*");
    Ended ignored =
        verify(
            "--ignore-paths",
            ".cache/huggingface",
            "--ignore-paths",
            ".DS_Store",
            "--ignore-paths",
            "registered_model_meta",
            "--ignore-paths",
            "model.sigstore.json",
            "--ignore-paths",
            "claims.jsonl",
            "--ignore-paths",
            UNFINISHED,
            "--ignore-paths",
            REPLACED,
            "lake/leftovers");
    Ended links = verify("--allow-symlinks", "lake/outside");
    Files.delete(folder.resolve("lake/below/sub"));
    program.file("lake/below/sub/config.json", "{}");
    Ended below = verify("lake/below");

    assertThat(models(advised))
        .containsExactlyInAnyOrder(
            "VERIFIED lake/extra",
            "VERIFIED lake/inside",
            "VERIFIED lake/leftovers",
            "VERIFIED lake/outside");
    assertThat(models(ignored)).containsExactly("VERIFIED lake/leftovers");
    assertThat(links.err())
        .contains(
            " All that is missing is there as a symbolic link that leads out of the model. Name the"
                + " folder that the links lead to with --symlink-root.");
    assertThat(below.outLines()).containsExactly("VERIFIED lake/below");
  }

  /** What verified, without what weakened it. */
  private static List<String> models(Ended ended) {
    return ended.outLines().stream().map(line -> line.replaceFirst(" {2}\\(.*", "")).toList();
  }

  private Ended verify(String... more) {
    String[] words = new String[more.length + 4];
    System.arraycopy(new String[] {"verify", "key", "--public-key", "release.pub"}, 0, words, 0, 4);
    System.arraycopy(more, 0, words, 4, more.length);
    return program.run(words);
  }

  private void link(String name, String target) throws IOException {
    Path link = folder.resolve(name);
    Files.delete(link);
    Files.createSymbolicLink(link, Path.of(target));
  }
}
