package dev.countersign.options.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.keys.EcCurve;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.options.Command;
import dev.countersign.options.UsageException;
import dev.countersign.options.declarations.KeyOptions;
import dev.countersign.options.declarations.ModelOptions;
import dev.countersign.options.declarations.OutputOptions;
import dev.countersign.options.declarations.RunOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.MemorySize;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OptionValuesTest {

  private static final Map<String, List<String>> NO_FLAGS = Map.of();

  @Test
  void value_givenNowhere_isTheDefault() {
    OptionValues values = resolve(NO_FLAGS, Map.of(), Map.of());

    assertThat(values.get(ModelOptions.HASH_ALGORITHM)).isEqualTo(HashAlgorithm.SHA256);
    assertThat(values.get(ModelOptions.IGNORE_GIT_PATHS)).isTrue();
    assertThat(values.get(RunOptions.STALL_TIMEOUT)).isEqualTo(Duration.ofMinutes(5));
    assertThat(values.get(KeyOptions.PUBLIC_KEY)).isEmpty();
    assertThat(values.find(OutputOptions.RESULTS)).isEmpty();
    assertThat(values.isGiven(ModelOptions.HASH_ALGORITHM)).isFalse();
    assertThat(values.recorded()).isEmpty();
  }

  @Test
  void value_givenEverywhere_isTheFlagsThenTheVariablesThenTheFiles() {
    Map<String, List<String>> flag = Map.of("hash-algorithm", List.of("blake3"));
    Map<String, String> variable = Map.of("COUNTERSIGN_HASH_ALGORITHM", "blake2b");
    Map<String, List<String>> file = Map.of("hash-algorithm", List.of("sha256"));

    assertThat(resolve(flag, variable, file).get(ModelOptions.HASH_ALGORITHM))
        .isEqualTo(HashAlgorithm.BLAKE3);
    assertThat(resolve(NO_FLAGS, variable, file).get(ModelOptions.HASH_ALGORITHM))
        .isEqualTo(HashAlgorithm.BLAKE2B);
    assertThat(resolve(NO_FLAGS, Map.of(), file).get(ModelOptions.HASH_ALGORITHM))
        .isEqualTo(HashAlgorithm.SHA256);
  }

  @Test
  void list_fromVariable_isSplitAtSemicolonsAndFromFlagIsNot() {
    OptionValues variable =
        resolve(NO_FLAGS, Map.of("COUNTERSIGN_IGNORE_PATHS", "a b;hdfs://nn:8020/c"), Map.of());
    OptionValues flag = resolve(Map.of("ignore-paths", List.of("a;b", "c")), Map.of(), Map.of());

    assertThat(variable.get(ModelOptions.IGNORE_PATHS)).containsExactly("a b", "hdfs://nn:8020/c");
    assertThat(flag.get(ModelOptions.IGNORE_PATHS)).containsExactly("a;b", "c");
  }

  @ParameterizedTest
  @CsvSource({
    "1000, 1000",
    "64 MiB, 67108864",
    "64mb, 67108864",
    "1 GiB, 1073741824",
    "' 2k ', 2048",
  })
  void size_withAndWithoutUnit_isBytes(String text, long bytes) {
    OptionValues values = resolve(Map.of("shard-size", List.of(text)), Map.of(), Map.of());

    assertThat(values.get(ModelOptions.SHARD_SIZE)).isEqualTo(new MemorySize(bytes));
  }

  @ParameterizedTest
  @CsvSource({
    "hash-algorithm, md5, 'one of sha256, blake2b, blake3'",
    "shard-size, -1, a size above 0",
    "shard-size, 0, a size above 0",
    "shard-size, 99999999999999999999, a size above 0",
    "stall-timeout, soon, a time above 0 with a unit",
    "stall-timeout, 0 s, a time above 0 with a unit",
    "stall-timeout, 30, a time above 0 with a unit",
    "lanes, 0, a whole number from 1",
    "lanes, 1.5, a whole number from 1",
    "max-files, 0, a whole number from 1 on",
    "max-recorded-differences, 1000001, a whole number from 0 to 1000000",
    "dry-run, yes, true or false",
    "signature, '', some text",
  })
  void value_thatBreaksItsRule_isRefusedWithOriginAndRule(String key, String text, String rule) {
    Map<String, String> variable =
        Map.of("COUNTERSIGN_" + key.toUpperCase(java.util.Locale.ROOT).replace('-', '_'), text);

    assertThatThrownBy(() -> resolve(NO_FLAGS, variable, Map.of()))
        .isInstanceOf(UsageException.class)
        .hasMessageStartingWith(variable.keySet().iterator().next() + " is '" + text + "'")
        .hasMessageContaining("but must be " + rule);
  }

  @Test
  void value_thatIsHostile_isEscapedInTheMessage() {
    assertThatThrownBy(
            () -> resolve(Map.of("hash-algorithm", List.of("\u001b[2Jx")), Map.of(), Map.of()))
        .hasMessageContaining("'\\u001b[2Jx'");
  }

  @Test
  void fileKey_ofAnotherCommand_isPassedOver() {
    OptionValues values =
        resolve(
            NO_FLAGS,
            Map.of(),
            Map.of("public-key", List.of("release.pub"), "curve", List.of("P-384")));

    assertThat(values.isGiven(KeyOptions.CURVE)).isFalse();
    assertThat(values.get(KeyOptions.CURVE)).isEqualTo(EcCurve.P256);
  }

  @Test
  void fileKey_thatIsNoOption_isRefusedWithTheNearest() {
    assertThatThrownBy(() -> resolve(NO_FLAGS, Map.of(), Map.of("hash-algo", List.of("x"))))
        .isInstanceOf(UsageException.class)
        .hasMessage(
            "options.yaml has the key 'hash-algo', which is not an option (did you mean"
                + " 'hash-algorithm'?). Correct or remove it.");
  }

  @Test
  void fileKey_ofSeveralValuesForOne_isRefused() {
    assertThatThrownBy(() -> resolve(NO_FLAGS, Map.of(), Map.of("lanes", List.of("1", "2"))))
        .hasMessage("lanes in options.yaml takes one value, not 2.");
  }

  @Test
  void recorded_ofGivenOptions_areReadableAgain() {
    OptionValues values =
        resolve(
            Map.of("shard-size", List.of("64 MiB"), "ignore-paths", List.of("a", "b")),
            Map.of("COUNTERSIGN_STALL_TIMEOUT", "90 s"),
            Map.of());

    assertThat(values.recorded())
        .containsExactlyInAnyOrder("shard-size=64 MiB", "ignore-paths=a;b", "stall-timeout=90 s");
  }

  private static OptionValues resolve(
      Map<String, List<String>> flags,
      Map<String, String> environment,
      Map<String, List<String>> file) {
    return OptionValues.resolve(
        Command.SIGN_KEY, flags, environment, new ConfigEntries("options.yaml", file));
  }
}
