package dev.countersign.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.ForkedProgram;
import dev.countersign.jobs.terminal.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The attacks that {@code HostileBundlesTest} gives to a verifier, through the whole program: each
 * bundle lies in a model of its own, and a good model lies among them.
 */
@Timeout(300)
final class AttackCorpusITCase {

  private static final Path RESOURCES =
      Path.of("../operators/src/test/resources").toAbsolutePath().normalize();
  private static final String VERIFIED = "VERIFIED";

  /** What a bundle that is fine comes to beside files that it is not about. */
  private static final String OF_OTHER_CONTENT = "CONTENT_MISMATCH";

  private static final Pattern STACK_FRAME = Pattern.compile("^\\s+at ", Pattern.MULTILINE);

  @TempDir private Path folder;

  /** The reason of each attack, or what a good model ends as, by the model's name. */
  private final Map<String, String> expected = new TreeMap<>();

  @BeforeEach
  void makeModels() throws IOException {
    for (String line : Files.readAllLines(RESOURCES.resolve("attacks/index.json"))) {
      if (line.contains("\"bundle\"")) {
        String bundle = field(line, "bundle");
        String reason = field(line, "reason");
        String model = bundle.replace(".sig", "").replace('/', '.');
        Files.copy(RESOURCES.resolve("attacks").resolve(bundle), model(model).resolve("model.sig"));
        expected.put(model, reason.equals("NONE") ? OF_OTHER_CONTENT : reason);
      }
    }
  }

  @Test
  void verify_ofAllAttacks_givesEachItsReasonAndPassesTheGoodModel() throws Exception {
    model("good");
    expected.put("good", VERIFIED);
    ForkedProgram signing =
        start("sign", "key", "--private-key", key("test-only-p256-pkcs8.pem"), "lake/good");
    assertThat(signing.await()).as(signing.err()).isEqualTo(ExitCode.OK);

    ForkedProgram verifying =
        start(
            "verify", "key", "--public-key", key("p256-public.pem"), "--output", "json", "lake/*");
    int code = verifying.await();

    assertThat(code).as(verifying.err()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(outcomes(verifying.out())).hasSizeGreaterThan(200).isEqualTo(expected);
    assertThat(verifying.err()).doesNotContainPattern(STACK_FRAME);
  }

  @Test
  void inspect_ofAllAttacks_showsThemOrSaysWhyNot() throws Exception {
    ForkedProgram inspecting = start("inspect", "lake/*");
    int code = inspecting.await();

    String printed = String.join("\n", inspecting.out()) + "\n" + inspecting.err();
    assertThat(code).as(inspecting.err()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(printed)
        .contains(expected.keySet().stream().map(model -> "lake/" + model + "/model.sig").toList())
        .doesNotContain("A fault of the program")
        .doesNotContainPattern(STACK_FRAME);
    assertThat(printed.replace("\n", "")).doesNotContainPattern("\\p{Cntrl}|\\p{Cf}");
  }

  private ForkedProgram start(String... arguments) throws IOException {
    return ForkedProgram.start(folder, List.of(), List.of(arguments));
  }

  private Path model(String name) throws IOException {
    Path model = Files.createDirectories(folder.resolve("lake").resolve(name));
    Files.writeString(model.resolve("weights.bin"), "weights");
    return model;
  }

  private static String key(String name) {
    return RESOURCES.resolve("keys").resolve(name).toString();
  }

  /** What each model came to, by its name; from results in JSON. */
  private static Map<String, String> outcomes(List<String> results) {
    Map<String, String> outcomes = new LinkedHashMap<>();
    for (String result : results) {
      String outcome = field(result, "outcome");
      String name = Path.of(field(result, "model")).getFileName().toString();
      outcomes.put(name, outcome.equals("FAILED") ? field(result, "reason") : outcome);
    }
    return outcomes;
  }

  private static String field(String json, String name) {
    Matcher field = Pattern.compile("\"" + name + "\": ?\"([^\"]*)\"").matcher(json);
    assertThat(field.find()).as("%s in %s", name, json).isTrue();
    return field.group(1);
  }
}
