package dev.countersign.jobs.cli;

import static dev.countersign.jobs.cli.ProgramRuns.certificateFile;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.cli.ProgramRuns.Ended;
import dev.countersign.jobs.terminal.ExitCode;
import dev.countersign.keys.PassphraseSource;
import dev.countersign.oms.Envelope;
import dev.countersign.signing.KeySigner;
import dev.countersign.signing.KeySigningSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
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
      Pattern.compile("\"line\":(\\d+),.*\"outcome\":\"(\\w+)\".*\"reason\":\"(\\w+)\"");

  private static final Pattern SIG = Pattern.compile("\"sig\":\"([^\"]+)\"");

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
    List<String> catalog = new ArrayList<>();
    for (int i = 0; i < MODELS; i++) {
      program.file(model(i) + "/weights.bin", "weights of " + i);
      program.file(model(i) + "/config.json", "{}");
      catalog.add("{\"model\":\"" + model(i) + "\"}");
    }
    program.file("lake/m0900/key.forbidden", "may not be read through the faulty storage");
    Ended signed = sign("release.key", "lake/*");
    program.keyPair("other");
    Map<Integer, String> expected = breakTen(catalog);
    Files.write(folder.resolve("catalog.jsonl"), catalog);

    Ended verified = verify("--output", "json", "--results", "out", "--catalog", "catalog.jsonl");

    assertThat(signed.code()).as(signed.err()).isEqualTo(ExitCode.OK);
    assertThat(verified.code()).as(verified.err()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(verified.outLines()).hasSize(MODELS);
    Map<Integer, String> failed = new TreeMap<>();
    Set<Integer> done = new TreeSet<>();
    for (String text : verified.outLines()) {
      Matcher result = RESULT.matcher(text);
      assertThat(result.find()).as(text).isTrue();
      int line = Integer.parseInt(result.group(1));
      if (result.group(3).equals("NONE")) {
        assertThat(result.group(2)).as(text).isEqualTo("VERIFIED");
      } else {
        assertThat(result.group(2)).as(text).isEqualTo("FAILED");
        failed.put(line, result.group(3));
      }
      done.add(line);
    }
    assertThat(failed).isEqualTo(expected);
    assertThat(done).as("a result for each line").hasSize(MODELS);
    assertThat(verified.err())
        .contains("1,000 models: 990 verified, 10 failed; ")
        .doesNotContain("Exception");
    String record = record().replaceAll("\\s", "");
    assertThat(record)
        .contains("\"models\":1000,", "\"outcomes\":{\"FAILED\":10,\"VERIFIED\":990}")
        .contains("\"reasons\":" + counted(expected));
  }

  /** Breaks every hundredth model in a way of its own; returns the reasons by line. */
  private Map<Integer, String> breakTen(List<String> catalog) throws Exception {
    Map<Integer, String> reasons = new TreeMap<>();
    Files.delete(folder.resolve(model(0) + "/model.sig"));
    reasons.put(1, "UNSIGNED");
    program.file(model(100) + "/model.sig", "{\"mediaType\":");
    reasons.put(101, "MALFORMED_BUNDLE");
    program.file(model(200) + "/model.sig", withSignatureOf(model(200), model(201)));
    reasons.put(201, "BAD_SIGNATURE");
    assertThat(sign("other.key", model(300)).code()).isEqualTo(ExitCode.OK);
    reasons.put(301, "UNTRUSTED_SIGNER");
    program.file(model(400) + "/weights.bin", "weights of 499");
    reasons.put(401, "CONTENT_MISMATCH");
    Files.delete(folder.resolve(model(500) + "/config.json"));
    reasons.put(501, "CONTENT_MISMATCH");
    catalog.set(600, "{\"model\":\"" + model(600) + "\",\"model\":\"" + model(601) + "\"}");
    reasons.put(601, "BAD_CATALOG_ENTRY");
    signWithCertificate(model(700));
    reasons.put(701, "METHOD_MISMATCH");
    program.file(model(800) + "/model.sig", withHashType(model(800), "sha3-256"));
    reasons.put(801, "UNSUPPORTED_ALGORITHM");
    catalog.set(900, "{\"model\":\"" + faulty(model(900)) + "\"}");
    reasons.put(901, "PERMISSION_DENIED");
    return reasons;
  }

  private void signWithCertificate(String model) throws Exception {
    Ended signed =
        program.run(
            "sign",
            "certificate",
            "--private-key",
            certificateFile("test-only-p256.key"),
            "--signing-certificate",
            certificateFile("p256.pem"),
            "--certificate-chain",
            certificateFile("intermediate.pem"),
            model);
    assertThat(signed.code()).as(signed.err()).isEqualTo(ExitCode.OK);
  }

  /** The bundle of a model, rightly signed, whose statement names another hash algorithm. */
  private String withHashType(String model, String hashType) throws Exception {
    Matcher payload = Pattern.compile("\"payload\":\"([^\"]+)\"").matcher(bundle(model));
    Matcher sig = SIG.matcher(bundle(model));
    assertThat(payload.find() && sig.find()).isTrue();
    String statement =
        new String(Base64.getDecoder().decode(payload.group(1)), StandardCharsets.UTF_8);
    assertThat(statement).contains("\"hash_type\":\"sha256\"");
    byte[] changed =
        statement
            .replace("\"hash_type\":\"sha256\"", "\"hash_type\":\"" + hashType + "\"")
            .getBytes(StandardCharsets.UTF_8);
    KeySigningSettings settings =
        new KeySigningSettings(folder.resolve("release.key").toString(), PassphraseSource.NONE);
    byte[] signature;
    try (KeySigner signer = KeySigner.load(settings)) {
      signature = signer.sign(Envelope.pae(Envelope.PAYLOAD_TYPE, changed));
    }
    Base64.Encoder encoder = Base64.getEncoder();
    return bundle(model)
        .replace(payload.group(1), encoder.encodeToString(changed))
        .replace(sig.group(1), encoder.encodeToString(signature));
  }

  /** Reasons and how often each is there, as the record of a run has them. */
  private static String counted(Map<Integer, String> reasons) {
    Map<String, Integer> counts = new TreeMap<>();
    for (String reason : reasons.values()) {
      counts.merge(reason, 1, Integer::sum);
    }
    return counts.entrySet().stream()
        .map(count -> "\"" + count.getKey() + "\":" + count.getValue())
        .collect(Collectors.joining(",", "{", "}"));
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
    Matcher own = SIG.matcher(bundle(model));
    Matcher foreign = SIG.matcher(bundle(other));
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
