package dev.countersign.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.options.UsageException;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ModelArgumentsTest {

  @Test
  void read_ofLinesBehindAByteOrderMark_takesTheFirstNameWithoutIt() {
    assertThat(read("\uFEFFlake/a\r\n\nlake/\uFEFFb\n", false, "x", "-", "y"))
        .containsExactly("x", "lake/a", "lake/\uFEFFb", "y");
    assertThat(read("\uFEFFlake/a\0lake/b\0", true, "-")).containsExactly("lake/a", "lake/b");
  }

  @Test
  void read_ofNamesThatEndInNul_takesThemAsTheyAre() {
    assertThat(read("a\nb\0\0 c \0d", true, "-")).containsExactly("a\nb", " c ", "d");
  }

  @Test
  void read_ofNamesThatEndInNulWithoutTheOption_namesIt() {
    assertThatThrownBy(() -> read("a\0b\0", false, "-"))
        .isInstanceOf(UsageException.class)
        .hasMessage(
            "Standard input contains NUL characters. Use --null if names end with them, as from"
                + " find -print0.");
  }

  @Test
  void read_withTheOptionAndNoStandardInput_isRefused() {
    assertThatThrownBy(() -> read("", true, "lake/a"))
        .isInstanceOf(UsageException.class)
        .hasMessage("--null needs - among the arguments: it says how names on standard input end.");
  }

  @Test
  void read_ofNothing_saysHowToWriteNames() {
    assertThatThrownBy(() -> read("\uFEFF\n", false, "-"))
        .isInstanceOf(UsageException.class)
        .hasMessage("Standard input names no model. Write one path, URI or glob on each line.");
    assertThatThrownBy(() -> read("\0\0", true, "-"))
        .isInstanceOf(UsageException.class)
        .hasMessage(
            "Standard input names no model. Write paths, URIs or globs that each end with NUL, as"
                + " find -print0 does.");
  }

  @Test
  void read_ofBytesThatAreNotUtf8_saysWhere() {
    assertThatThrownBy(
            () ->
                ModelArguments.read(
                    List.of("-"),
                    new ByteArrayInputStream(new byte[] {'a', 0, (byte) 0xFF, 0}),
                    "model",
                    true))
        .isInstanceOf(UsageException.class)
        .hasMessageStartingWith("Standard input is not valid UTF-8 after name ");
  }

  private static List<String> read(String text, boolean nullSeparated, String... arguments) {
    return ModelArguments.read(
        List.of(arguments),
        new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)),
        "model",
        nullSeparated);
  }
}
