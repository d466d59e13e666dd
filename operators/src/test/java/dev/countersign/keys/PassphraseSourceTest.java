package dev.countersign.keys;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PassphraseSourceTest {

  private static final String SECRET = "hunter2";

  @TempDir private Path folder;

  @Test
  void load_none_isEmpty() throws Exception {
    assertThat(PassphraseSource.NONE.load()).isEmpty();
  }

  @Test
  void load_bothNamed_isRefused() {
    assertThatThrownBy(() -> new PassphraseSource("file", "ENV"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'password-file' and 'password-env' were both given; name one of them");
  }

  @ParameterizedTest
  @CsvSource({
    "'correct horse', 'correct horse'",
    "'correct horse\\n', 'correct horse'",
    "'correct horse\\r\\n', 'correct horse'",
    "'correct horse\\n\\n', 'correct horse\\n'",
    "' spaces stay \\n', ' spaces stay '",
    "'пароль 模型 \uD83D\uDD11\\n', 'пароль 模型 \uD83D\uDD11'",
    "'\uFEFFcorrect horse\\r\\n', 'correct horse'",
    "'\uFEFF\uFEFFtwo marks', '\uFEFFtwo marks'",
  })
  void load_file_stripsOneLineEnd(String content, String expected) throws Exception {
    Path file = Files.writeString(folder.resolve("passphrase"), unescaped(content));

    char[] passphrase = new PassphraseSource(file.toString(), "").load().orElseThrow();

    assertThat(new String(passphrase)).isEqualTo(unescaped(expected));
  }

  @Test
  void load_emptyFile_isRefused() throws Exception {
    assertFileRefused(
        new byte[] {'\n'}, "is empty. Write the passphrase into it, or leave 'password-file' out.");
  }

  @Test
  void load_byteOrderMarkAlone_isRefused() throws Exception {
    assertFileRefused(
        "\uFEFF\n".getBytes(UTF_8),
        "is empty. Write the passphrase into it, or leave 'password-file' out.");
  }

  @Test
  void load_fileNotUtf8_isRefusedWithoutItsContent() throws Exception {
    byte[] content = ("\u0000" + SECRET).getBytes(UTF_8);
    content[0] = (byte) 0xff;

    assertFileRefused(content, "is not UTF-8 text. Write the passphrase into it as UTF-8.");
  }

  @Test
  void load_fileAboveTheLimit_isRefused() throws Exception {
    assertFileRefused(
        new byte[(1 << 20) + 1], "is larger than 1 MiB, the limit. Check 'password-file'.");
  }

  @Test
  void load_missingFile_namesTheFlag() {
    String path = folder.resolve("none").toString();

    assertThatThrownBy(() -> new PassphraseSource(path, "").load())
        .isInstanceOf(KeyFormatException.class)
        .hasMessage(
            "Cannot use %s as a passphrase file: it does not exist on this machine. Check"
                + " 'password-file'.",
            path);
  }

  @Test
  void load_directory_isRefused() {
    assertThatThrownBy(() -> new PassphraseSource(folder.toString(), "").load())
        .isInstanceOf(KeyFormatException.class)
        .hasMessageContaining("as a passphrase file: it is a directory.");
  }

  @Test
  void load_variable_isReadFromTheEnvironment() throws Exception {
    Map<String, String> environment = Map.of("KEY_PASSPHRASE", SECRET);

    char[] passphrase =
        new PassphraseSource("", "KEY_PASSPHRASE").load(environment::get).orElseThrow();

    assertThat(new String(passphrase)).isEqualTo(SECRET);
  }

  @ParameterizedTest
  @CsvSource({"UNSET, is not set", "EMPTY, is empty"})
  void load_variableWithoutValue_isRefusedNamingIt(String variable, String problem) {
    Map<String, String> environment = Map.of("EMPTY", "");

    assertThatThrownBy(() -> new PassphraseSource("", variable).load(environment::get))
        .isInstanceOf(KeyFormatException.class)
        .hasMessage(
            "Cannot use %s as a passphrase variable: it %s. Set it where the key is used (on a"
                + " cluster: in the environment of the task managers), or check 'password-env'.",
            variable, problem);
  }

  private void assertFileRefused(byte[] content, String message) throws Exception {
    Path file = Files.write(folder.resolve("passphrase"), content);

    assertThatThrownBy(() -> new PassphraseSource(file.toString(), "").load())
        .isInstanceOf(KeyFormatException.class)
        .hasMessage("Cannot use %s as a passphrase file: it %s", file, message)
        .hasMessageNotContaining(SECRET);
  }

  private static String unescaped(String text) {
    return text.replace("\\n", "\n").replace("\\r", "\r");
  }
}
