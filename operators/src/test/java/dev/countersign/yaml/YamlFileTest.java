package dev.countersign.yaml;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class YamlFileTest {

  @TempDir Path folder;

  @Test
  void tree_ofAFile_hasTextsListsAndMappingsWithTheirLines() throws Exception {
    YamlNode root = parse("a: 1\nb:\n  - 'x'\n  - {c: no}\n");

    assertThat(root)
        .isEqualTo(
            new YamlNode.Mapping(
                1,
                List.of(
                    new YamlNode.Entry(1, "a", new YamlNode.Text(1, "1", false)),
                    new YamlNode.Entry(
                        2,
                        "b",
                        new YamlNode.Sequence(
                            3,
                            List.of(
                                new YamlNode.Text(3, "x", true),
                                new YamlNode.Mapping(
                                    4,
                                    List.of(
                                        new YamlNode.Entry(
                                            4, "c", new YamlNode.Text(4, "no", false))))))))));
  }

  @ParameterizedTest
  @CsvSource({
    "'a: 1\na: 2', 'has the key ''a'' twice, again at line 2. Keep one.'",
    "'a: {b: 1, b: 2}', 'has the key ''b'' twice, again at line 1. Keep one.'",
    "'a: &x b', has an anchor or an alias (& or *) at line 1.",
    "'a: *x', has an anchor or an alias (& or *) at line 1.",
    "'a: !!binary aGk=', has a tag (!) at line 1.",
    "'a: !x b', has a tag (!) at line 1.",
    "'a: 1\n---\nb: 2', has a second document at line 2.",
    "'{[a]: b}', 'has something nested at line 1, where a key must be a string.'",
    "'a: [b', is not valid YAML at line ",
    "'a: \u0007', is not valid YAML.",
    "'a: \"\\x', is not valid YAML.",
  })
  void form_thatIsNotTaken_isRefusedWithItsLine(String yaml, String problem) {
    assertThatThrownBy(() -> parse(yaml))
        .isInstanceOf(YamlFormatException.class)
        .hasMessageStartingWith(problem);
  }

  @Test
  void aliases_thatMakeALotOfALittle_areRefusedAtTheFirst() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 30; i++) {
      bomb.append("a").append(i).append(": &a").append(i).append(" [");
      bomb.append(("*a" + (i - 1) + ", ").repeat(9)).append("x]\n");
    }

    assertThatThrownBy(() -> parse(bomb.toString()))
        .hasMessageContaining("has an anchor or an alias (& or *) at line 1");
  }

  @Test
  void nesting_beyondTheBound_isRefused() {
    assertThatThrownBy(() -> parse("[".repeat(10_000)))
        .isInstanceOf(YamlFormatException.class)
        .hasMessageContaining("is nested deeper at line 1 than 32 levels");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"1", "-1", "0x1f", "1.5", "1e9", ".inf", "true", "null", "~", "''", "False"})
  void text_thatOtherReadersTakeForSomethingElse_isNoString(String value) {
    assertThat(new YamlNode.Text(1, value.equals("''") ? "" : value, false).isString()).isFalse();
    assertThat(new YamlNode.Text(1, value, true).isString()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "no", "1.2.3", "/lake/.*", "0xg", "12e", "2026-03-01T12:00:00Z"})
  void text_thatEverybodyTakesForOne_isAString(String value) {
    assertThat(new YamlNode.Text(1, value, false).isString()).isTrue();
  }

  @Test
  void file_thatCannotBeRead_isRefused() throws Exception {
    Files.write(folder.resolve("large.yaml"), new byte[(1 << 20) + 1]);

    assertThatThrownBy(() -> YamlFile.load("none.yaml", folder, "Check X."))
        .hasMessage("does not exist. Check X.");
    assertThatThrownBy(() -> YamlFile.load("large.yaml", folder, "Check X."))
        .hasMessage("is larger than 1 MiB, the limit. Check X.");
    assertThatThrownBy(() -> YamlFile.load("a\0b", folder, "Check X."))
        .hasMessage("is not a valid path on this machine. Check X.");
    assertThatThrownBy(() -> YamlFile.load(".", folder, "Check X."))
        .hasMessageContaining("cannot be read (IOException). Check X.");
  }

  private static YamlNode parse(String yaml) throws YamlFormatException {
    return YamlFile.parse(yaml.getBytes(UTF_8)).orElseThrow();
  }
}
