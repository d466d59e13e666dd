package dev.countersign.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.cli.ProgramRuns.Ended;
import dev.countersign.jobs.terminal.ExitCode;
import dev.countersign.options.Command;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.declarations.DeclaredOptions;
import dev.countersign.options.settings.ConfigEntries;
import dev.countersign.options.settings.ModelRunOptions;
import dev.countersign.options.settings.OptionValues;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

final class HelpTextsTest {

  private static final int SCREEN_LINES = 24;
  private static final int SCREEN_COLUMNS = 80;
  private static final int FULL_COLUMNS = 100;

  @TempDir Path folder;
  private ProgramRuns program;

  @BeforeEach
  void setUp() {
    program = new ProgramRuns(folder);
  }

  static List<String> commands() {
    return below(CommandTree.create()).toList();
  }

  @Test
  void commands_ofTheTree_haveThoseWithOptions() {
    assertThat(commands())
        .contains("countersign", "countersign sign", "countersign completion", "countersign help")
        .containsAll(Arrays.stream(Command.values()).map(HelpTextsTest::name).toList());
  }

  @ParameterizedTest
  @MethodSource("commands")
  void help_ofEachCommand_fitsAScreenAndNamesTheRest(String command) {
    Ended ended = run(command, "--help");

    assertThat(ended.code()).isEqualTo(ExitCode.OK);
    assertThat(ended.err()).isEmpty();
    assertThat(ended.outLines())
        .hasSizeLessThanOrEqualTo(SCREEN_LINES)
        .allMatch(line -> line.length() <= SCREEN_COLUMNS);
    assertThat(ended.out())
        .startsWith("Usage: " + command)
        .contains("\nExamples:\n  ")
        .doesNotContain("${", "%n")
        .doesNotContainPattern("(?<!--)null");
    assertThat(ended.outLines().get(ended.outLines().size() - 1)).contains(command + " --help-all");
  }

  @ParameterizedTest
  @EnumSource(Command.class)
  void help_ofEachCommand_showsItsCommonOptionsInOneLineEach(Command command) {
    Ended ended = run(name(command), "--help");

    String options = ended.out().substring(0, ended.out().indexOf("\nExamples:"));
    List<String> shown = matches("(?m)^  --([a-z0-9-]+)[= ].*  [A-Z]", options);
    assertThat(shown)
        .isNotEmpty()
        .hasSameSizeAs(matches("(?m)^  +[-a-z].*", options))
        .containsExactlyInAnyOrderElementsOf(
            DeclaredOptions.of(command).stream()
                .filter(option -> option.isCommonIn(command))
                .map(DeclaredOption::key)
                .toList());
  }

  @Test
  void help_ofSigning_beginsWithKeysSignatureAndOutput() {
    Ended ended = run("countersign sign certificate", "--help");

    assertThat(ended.out())
        .containsSubsequence(
            "MODEL...",
            "--private-key=FILE",
            "--signing-certificate=FILE",
            "--signature=PATH",
            "--output=text|json",
            "(default: text)");
  }

  @Test
  void help_ofCatalog_showsItsLayoutsByName() {
    Ended ended = run("countersign catalog", "--help");

    assertThat(ended.outLines())
        .anyMatch(line -> line.matches("  --layout=LAYOUT +Layout of .* \\(default: auto\\)"));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void helpAll_ofEachCommand_listsAllItsOptions(String command) {
    Ended ended = run(command, "--help-all");

    assertThat(ended.code()).isEqualTo(ExitCode.OK);
    assertThat(ended.err()).isEmpty();
    assertThat(ended.out())
        .startsWith("Usage: " + command)
        .contains("\nExamples:\n  ", "  -h, --help ", " --help-all ")
        .doesNotContain("${", "%n")
        .doesNotContainPattern("(?<!--)null");
    for (Command each : Command.values()) {
      if (name(each).equals(command)) {
        assertThat(matches("(?m)^ {6}--(?:\\[no-])?([a-z0-9-]+)", ended.out()))
            .containsAll(DeclaredOptions.of(each).stream().map(DeclaredOption::key).toList());
        assertThat(ended.out()).contains("Exit codes:");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Command.class)
  void helpAll_ofEachCommand_breaksDescriptionsAtSpacesOnly(Command command) {
    Ended ended = run(name(command), "--help-all");

    assertThat(ended.outLines()).allMatch(line -> line.length() <= FULL_COLUMNS);
    String words = ended.out().replaceAll("\\s+", " ");
    assertThat(words).contains("COUNTERSIGN_HASH_ALGORITHM=blake3, where semicolons");
    // A list of defaults is one long word, which is broken behind semicolons.
    assertThat(words.replace("; ", ";"))
        .contains(
            DeclaredOptions.of(command).stream()
                .map(HelpTexts::description)
                .map(text -> text.replace("%%", "%").replace("; ", ";"))
                .toList());
  }

  @Test
  void helpAll_ofSignKey_hasGroupsAndDefaults() {
    Ended ended = program.run("sign", "key", "--help-all");

    assertThat(ended.out())
        .containsSubsequence(
            "Keys:",
            "--private-key=FILE",
            "Signatures:",
            "Model content:",
            "Hashing:",
            "Output:",
            "Execution:",
            "Limits:",
            "Help:",
            "Exit codes:",
            "Examples:")
        .contains("--[no-]ignore-git-paths", "Default: sha256.", "Default: 1000000000.")
        .contains("COUNTERSIGN_HASH_ALGORITHM=blake3");
    assertThat(ended.out().lines()).allMatch(line -> line.length() <= 300);
  }

  @ParameterizedTest
  @MethodSource("commands")
  void help_asACommand_isTheShortHelp(String command) {
    String words = command.replaceFirst("^countersign ?", "");

    assertThat(run("countersign help", words).out()).isEqualTo(run(command, "--help").out());
  }

  @Test
  void help_beforeACommand_isThatCommandsHelp() {
    assertThat(run("countersign", "--help sign key").out())
        .isEqualTo(run("countersign sign key", "--help").out());
    assertThat(run("countersign", "--help-all sign key model").out())
        .isEqualTo(run("countersign sign key", "--help-all").out());
  }

  @ParameterizedTest
  @MethodSource("commands")
  void examples_ofEachCommand_areAccepted(String command) {
    List<String> examples = examples(run(command, "--help-all").out());

    assertThat(examples).isNotEmpty().containsAll(examples(run(command, "--help").out()));
    for (String example : examples) {
      assertThat(example + " ").startsWith(command + " ");
      String[] arguments =
          matches("'[^']*'|[^ ']+", example).stream()
              .map(word -> word.replace("'", ""))
              .toArray(String[]::new);
      ParseResult parsed =
          CommandTree.create().parseArgs(Arrays.copyOfRange(arguments, 1, arguments.length));
      while (parsed.hasSubcommand()) {
        parsed = parsed.subcommand();
      }
      if (parsed.commandSpec().userObject() instanceof Command each) {
        OptionValues values =
            OptionValues.resolve(each, Program.flags(parsed, each), Map.of(), ConfigEntries.NONE);
        if (each.worksOnModels()) {
          assertThat(new ModelRunOptions(values, folder)).isNotNull();
        }
      }
    }
  }

  /** The commands in help's examples, without what a shell does around them. */
  private static List<String> examples(String help) {
    String lines = help.substring(help.indexOf("\nExamples:\n") + "\nExamples:\n".length());
    return lines
        .split("\n\n", 2)[0]
        .replaceAll(" \\\\\n +", " ")
        .lines()
        .map(line -> line.replaceFirst("^.*?\\bcountersign ", "countersign "))
        .map(line -> line.replaceFirst("\\)$| >>? .*", ""))
        .toList();
  }

  private static Stream<String> below(CommandLine command) {
    return Stream.concat(
        Stream.of(command.getCommandSpec().qualifiedName()),
        command.getSubcommands().values().stream().flatMap(HelpTextsTest::below));
  }

  private static String name(Command command) {
    return "countersign " + command.words();
  }

  private static List<String> matches(String pattern, String text) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map(found -> found.group(found.groupCount()))
        .toList();
  }

  private Ended run(String command, String argument) {
    String words = (command + " " + argument).replaceFirst("^countersign ", "").strip();
    return program.run(words.split(" "));
  }
}
