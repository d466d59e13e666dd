package dev.countersign.source.planning;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.countersign.faults.LibraryFaults;
import dev.countersign.keys.PublicKeyFile;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.OmsException;
import dev.countersign.schemas.FailureReason;
import dev.countersign.verification.KeyVerifier;
import dev.countersign.verification.VerificationException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The attacks under {@code resources/attacks}, one bundle each. */
final class HostileBundlesTest {

  /** A line of {@code index.json}. */
  private record Attack(String bundle, String kind, String reason, String message) {
    @Override
    public String toString() {
      return bundle;
    }
  }

  private static final Pattern FIELD = Pattern.compile("\"(\\w+)\": \"((?:[^\"\\\\]|\\\\.)*)\"");

  static Stream<Attack> attacks() throws IOException {
    return lines().filter(attack -> !attack.kind().equals("NONE"));
  }

  static Stream<Attack> soundBundles() throws IOException {
    return lines().filter(attack -> attack.kind().equals("NONE"));
  }

  @ParameterizedTest
  @MethodSource("attacks")
  void verify_ofAnAttack_isRefusedForIt(Attack attack) throws Exception {
    byte[] bundle = resource(attack.bundle());
    byte[] given = bundle.clone();

    Throwable thrown = catchThrowable(() -> verifier().verify(given));

    assertThat(thrown)
        .as("what escapes")
        .isInstanceOfAny(OmsException.class, VerificationException.class);
    assertThat(thrown).hasMessageContaining(attack.message());
    assertThat(kind(thrown)).as(thrown.getMessage()).isEqualTo(attack.kind());
    assertThat(LibraryFaults.failureOf((Exception) thrown).reason())
        .as("the result's reason")
        .isEqualTo(FailureReason.valueOf(attack.reason()));
    assertThat(thrown.getMessage())
        .as("fit for a terminal")
        .hasSizeLessThan(1000)
        .doesNotContainPattern("\\p{Cntrl}|\\p{Cf}");
    assertThat(given).as("the bytes, afterwards").isEqualTo(bundle);
  }

  @ParameterizedTest
  @MethodSource("soundBundles")
  void verify_ofAnOddBundleThatIsSound_passes(Attack sound) throws Exception {
    byte[] bundle = resource(sound.bundle());

    assertThat(verifier().verify(bundle).manifest().modelName()).isEqualTo("model");
  }

  @Test
  void index_listsWhatIsThere_andNothingElse() throws Exception {
    List<String> listed = lines().map(Attack::bundle).toList();

    assertThat(files()).containsExactlyInAnyOrderElementsOf(listed);
    assertThat(listed).doesNotHaveDuplicates().hasSizeGreaterThan(200);
  }

  private static KeyVerifier verifier() throws Exception {
    return KeyVerifier.of(
        PublicKeyFile.read(resource("../keys/p256-public.pem"), "the test key"),
        OmsBounds.defaults());
  }

  private static String kind(Throwable thrown) {
    return thrown instanceof OmsException oms
        ? oms.kind().name()
        : ((VerificationException) thrown).kind().name();
  }

  private static Stream<Attack> lines() throws IOException {
    return new String(resource("index.json"), UTF_8)
        .lines()
        .filter(line -> line.contains("\"bundle\""))
        .map(
            line ->
                new Attack(
                    field(line, "bundle"),
                    field(line, "kind"),
                    field(line, "reason"),
                    field(line, "message")));
  }

  private static String field(String line, String name) {
    Matcher fields = FIELD.matcher(line);
    while (fields.find()) {
      if (fields.group(1).equals(name)) {
        return fields.group(2).replaceAll("\\\\(.)", "$1");
      }
    }
    throw new IllegalStateException("No " + name + " in " + line);
  }

  private static List<String> files() throws IOException, URISyntaxException {
    Path folder =
        Path.of(
                Objects.requireNonNull(
                        HostileBundlesTest.class.getResource("/attacks/index.json"), "index.json")
                    .toURI())
            .resolveSibling("");
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".sig"))
          .map(file -> folder.relativize(file).toString().replace('\\', '/'))
          .toList();
    }
  }

  private static byte[] resource(String name) throws IOException {
    String path = Path.of("/attacks").resolve(name).normalize().toString().replace('\\', '/');
    try (InputStream in =
        Objects.requireNonNull(HostileBundlesTest.class.getResourceAsStream(path), path)) {
      return in.readAllBytes();
    }
  }
}
