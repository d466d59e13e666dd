package dev.countersign.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.cli.ProgramRuns.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A large run of which some models are broken, and runs that are given up. */
@Timeout(300)
final class FailureIsolationITCase {

  private static final int MODELS = 1_000;

  private static final Pattern RESULT =
      Pattern.compile("\"model\":\"[^\"]*/(m\\d+)\".*\"reason\":\"(\\w+)\"");

  private static final Pattern ENDED =
      Pattern.compile(
          "Ended early: (\\d+) of 40 models failed, more than --max-failures (\\S+) allows;"
              + " (\\d+) models were not done and have no result\\. (.*)");

  @TempDir private Path folder;
  private ProgramRuns program;

  @BeforeEach
  void makeKeys() {
    program = new ProgramRuns(folder);
    program.keyPair("release");
  }

  @Test
  void verify_ofACatalogWithModelsBrokenInTenWays_countsThemByReasonAndDoesTheRest()
      throws Exception {
    for (int i = 0; i < MODELS; i++) {
      program.file(model(i) + "/weights.bin", "weights of " + i);
      program.file(model(i) + "/config.json", "{}");
    }
    Ended signed = sign("release.key", "lake/*");
    program.keyPair("other");
    Map<String, String> expected = breakTen();
    List<String> arguments =
        new ArrayList<>(List.of("verify", "key", "--public-key", "release.pub"));
    for (int i = 0; i < MODELS; i++) {
      arguments.add(model(i));
    }
    arguments.addAll(List.of("--output", "json"));

    Ended verified = program.run(arguments.toArray(String[]::new));

    assertThat(signed.code()).as(signed.err()).isEqualTo(ExitCode.OK);
    assertThat(verified.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(verified.outLines()).hasSize(MODELS);
    Map<String, String> failed = new TreeMap<>();
    for (String line : verified.outLines()) {
      Matcher result = RESULT.matcher(line);
      assertThat(result.find()).as(line).isTrue();
      if (!result.group(2).equals("NONE")) {
        failed.put(result.group(1), result.group(2));
      } else {
        assertThat(line).contains("\"outcome\":\"VERIFIED\"");
      }
    }
    assertThat(failed).isEqualTo(expected);
    assertThat(verified.err())
        .contains("1,000 models: 990 verified, 10 failed; ")
        .doesNotContain("Exception");
  }

  /** Breaks every hundredth model in a way of its own; returns the reasons by name. */
  private Map<String, String> breakTen() throws Exception {
    Map<String, String> reasons = new TreeMap<>();
    Files.delete(folder.resolve(model(0) + "/model.sig"));
    reasons.put("m0000", "UNSIGNED");
    program.file(model(100) + "/model.sig", "{\"mediaType\":");
    reasons.put("m0100", "MALFORMED_BUNDLE");
    program.file(model(200) + "/model.sig", withSignatureOf(model(200), model(201)));
    reasons.put("m0200", "BAD_SIGNATURE");
    sign("other.key", model(300));
    reasons.put("m0300", "UNTRUSTED_SIGNER");
    program.file(model(400) + "/weights.bin", "weights of 499");
    reasons.put("m0400", "CONTENT_MISMATCH");
    Files.delete(folder.resolve(model(500) + "/config.json"));
    reasons.put("m0500", "CONTENT_MISMATCH");
    program.file(model(600) + "/more/extra.bin", "extra");
    reasons.put("m0600", "CONTENT_MISMATCH");
    Path replaced = folder.resolve(model(700) + "/weights.bin");
    Files.delete(replaced);
    assertThat(new ProcessBuilder("mkfifo", replaced.toString()).start().waitFor()).isZero();
    reasons.put("m0700", "CONTENT_MISMATCH");
    Files.createSymbolicLink(folder.resolve(model(800) + "/dangling"), Path.of("nowhere"));
    reasons.put("m0800", "CONTENT_MISMATCH");
    try (Stream<Path> files = Files.walk(folder.resolve(model(900)))) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
    reasons.put("m0900", "MODEL_NOT_FOUND");
    return reasons;
  }

  @Test
  void sign_thatMayNotFail_endsAtTheFirstFailureAndGoesOnWithSkipSigned() throws IOException {
    slowModels();
    blockBundles();

    Ended ended = signSlowly("--max-failures", "0", "--signature", "blocked/{name}.sig");
    Ended rest = sign("release.key", "--max-failures", "0", "--skip-signed", "lake/*");

    assertThat(ended.code()).isEqualTo(ExitCode.MODEL_FAILED);
    Matcher said = ended(ended);
    assertThat(said.group(2)).isEqualTo("0");
    assertThat(Integer.parseInt(said.group(1))).isBetween(1, 30);
    assertThat(said.group(4)).contains("same command and --skip-signed");
    assertThat(rest.code()).as(rest.err()).isEqualTo(ExitCode.OK);
    assertThat(rest.outLines()).hasSize(40);
  }

  @Test
  void sign_withMoreFailuresThanMayBe_endsEarlyAndTheRecordSaysSo() throws IOException {
    slowModels();
    blockBundles();

    Ended ended =
        signSlowly("--max-failures", "5", "--signature", "blocked/{name}.sig", "--results", "out");

    Matcher said = ended(ended);
    assertThat(ended.code()).isEqualTo(ExitCode.MODEL_FAILED);
    int failed = Integer.parseInt(said.group(1));
    int notDone = Integer.parseInt(said.group(3));
    assertThat(failed).isBetween(6, 30);
    assertThat(ended.err().lines().filter(line -> line.startsWith("FAILED"))).hasSize(failed);
    assertThat(failed + notDone).isEqualTo(40);
    assertThat(record())
        .contains("\"endedEarly\" : true", "\"notDone\" : " + notDone, "\"models\" : " + failed);
  }

  @Test
  void verify_withJustAsManyFailuresAsMayBe_goesOnToTheEnd() throws IOException {
    slowModels();
    sign("release.key", "lake/*");
    for (int i = 0; i < 4; i++) {
      Files.delete(folder.resolve("lake/m" + i + "/model.sig"));
    }

    Ended all = verify("--max-failures", "10%", "--results", "out", "lake/*");
    Files.delete(folder.resolve("lake/m4/model.sig"));
    Ended tooMany =
        verify(
            "--max-failures",
            "10%",
            "--parallelism",
            "1",
            "--lanes",
            "1",
            "--window-models",
            "2",
            faulty("lake/*"));

    assertThat(all.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(all.err())
        .contains("40 models: 36 verified, 4 failed")
        .doesNotContain("Ended early");
    assertThat(record()).contains("\"endedEarly\" : false", "\"notDone\" : 0");
    assertThat(tooMany.code()).isEqualTo(ExitCode.MODEL_FAILED);
    Matcher said = ended(tooMany);
    assertThat(said.group(1)).isEqualTo("5");
    assertThat(said.group(2)).isEqualTo("10%");
    assertThat(said.group(4)).isEqualTo("Mend the cause, and run the same command again.");
  }

  /** Forty models; read through the faulty storage, each takes a tenth of a second at least. */
  private void slowModels() throws IOException {
    for (int i = 0; i < 40; i++) {
      program.file("lake/m" + i + "/weights.slow", "weights of " + i);
    }
  }

  /** Directories where bundles go, which shows when one is written, not when a model is planned. */
  private void blockBundles() throws IOException {
    for (int i = 0; i < 40; i++) {
      Files.createDirectories(folder.resolve("blocked/m" + i + ".sig"));
    }
  }

  private Ended signSlowly(String... options) {
    List<String> all =
        new ArrayList<>(List.of("--parallelism", "1", "--lanes", "1", "--window-models", "2"));
    all.addAll(List.of(options));
    all.add(faulty("lake/*"));
    return sign("release.key", all.toArray(String[]::new));
  }

  private String faulty(String pattern) {
    return "faulty://" + folder + "/" + pattern;
  }

  private static Matcher ended(Ended ended) {
    Matcher said =
        ended
            .err()
            .lines()
            .map(ENDED::matcher)
            .filter(Matcher::matches)
            .findFirst()
            .orElseThrow(() -> new AssertionError(ended.err()));
    return said;
  }

  private String record() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("out"))) {
      return Files.readString(
          files.filter(file -> file.toString().endsWith(".json")).findFirst().orElseThrow());
    }
  }

  /** A bundle with the payload of one model under the signature of another. */
  private String withSignatureOf(String model, String other) throws IOException {
    Pattern sig = Pattern.compile("\"sig\":\"([^\"]+)\"");
    Matcher own = sig.matcher(bundle(model));
    Matcher foreign = sig.matcher(bundle(other));
    assertThat(own.find() && foreign.find()).isTrue();
    return bundle(model).replace(own.group(1), foreign.group(1));
  }

  private String bundle(String model) throws IOException {
    return Files.readString(folder.resolve(model).resolve("model.sig"));
  }

  private static String model(int number) {
    return String.format(Locale.ROOT, "lake/m%04d", number);
  }

  private Ended sign(String key, String... arguments) {
    return run(List.of("sign", "key", "--private-key", key), arguments);
  }

  private Ended verify(String... arguments) {
    return run(List.of("verify", "key", "--public-key", "release.pub"), arguments);
  }

  private Ended run(List<String> words, String... arguments) {
    List<String> all = new ArrayList<>(words);
    all.addAll(List.of(arguments));
    return program.run(all.toArray(String[]::new));
  }
}
