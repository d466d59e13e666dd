package dev.countersign.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.countersign.jobs.cli.ProgramRuns.Ended;
import dev.countersign.jobs.terminal.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the commands that messages advise, as printed; for those that convert keys, {@code
 * ShellCommandITCase} does. Folders have names that a shell would take apart.
 */
final class AdvisedCommandsITCase {

  private static final Pattern SHOWN_COMMAND =
      Pattern.compile("as in: countersign (.+?)\\.(?:\\s|$)");
  private static final Path LAUNCHERS = Path.of("../deploy/local");

  /** What the scripts find in place of Maven: it fails. */
  private static final String MAVEN = "#!/bin/sh\necho \"maven: $*\" >&2\nexit 1\n";

  @TempDir Path parent;
  private Path folder;
  private ProgramRuns program;

  @BeforeEach
  void setUp() throws IOException {
    folder = Files.createDirectory(parent.toRealPath().resolve("a user's $(folder)"));
    program = new ProgramRuns(folder);
    program.keyPair("release");
  }

  /** So that no command is advised without being run here. */
  @Test
  void messages_ofTheWholeProgram_adviseOnlyCommandsThatAreRun() throws IOException {
    Pattern literal = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"");
    Pattern command =
        Pattern.compile(
            "\\b(?:(?:openssl|ssh-keygen|keytool|cosign|age) -?[a-z]+ ?-.*"
                + "|(?:git lfs|chmod|chown|mvn) [-a-z]+"
                + "|countersign (?:sign|verify|resign|policy) [a-z]+)");
    Pattern scripted = Pattern.compile("\\$0|\\$\\((?:typed|again) [^)]+\\)|" + command);
    List<String> found = new ArrayList<>();
    for (String sources : List.of("../operators/src/main/java", "src/main/java")) {
      for (Path source : filesBelow(Path.of(sources), ".java")) {
        // One literal over several lines is one text.
        String code = Files.readString(source).replaceAll("\"\\s*\\+\\s*\"", "");
        literal
            .matcher(code)
            .results()
            .flatMap(text -> command.matcher(text.group()).results())
            .forEach(match -> found.add(source.getFileName() + ": " + match.group()));
      }
    }
    for (Path script : filesBelow(LAUNCHERS, "")) {
      Files.readAllLines(script).stream()
          .filter(line -> line.contains("die \""))
          .flatMap(line -> scripted.matcher(line).results())
          .forEach(match -> found.add(script.getFileName() + ": " + match.group()));
    }

    assertThat(found)
        .filteredOn(text -> !text.startsWith("ShellCommand.java: "))
        .containsOnly(
            "Misunderstood.java: countersign policy check",
            "Misunderstood.java: countersign resign key",
            "Misunderstood.java: countersign sign key",
            "Misunderstood.java: countersign verify key",
            "PolicyCheckCommand.java: countersign policy check",
            "PolicyRules.java: countersign policy check",
            "ContentCheck.java: git lfs pull",
            "ModelFailure.java: git lfs pull",
            "StateFolder.java: chmod go-rwx",
            "cluster: $(typed chmod go-w \"$state\")",
            "cluster: $(typed chmod o-w \"${open#* }\")",
            "cluster: $(typed chmod g-w \"${open#* }\")",
            "cluster: $(again status)",
            "cluster: $(again start)",
            "cluster: $(typed mvn -f \"$root\" -DskipTests -Dquick package)",
            "countersign: $(typed mvn -f \"$root\" -DskipTests -Dquick package)",
            "quickstart: $(typed \"$0\" FOLDER)");
  }

  @Test
  void commandsThatErrorsShow_asPrinted_work() throws IOException {
    program.file("MODEL/weights.bin", "weights");
    program.file(
        "policy.yaml",
        "version: 1\nrules:\n  - name: all\n    models: '.*'\n    accept: {keys: release.pub}\n");
    for (String incomplete : List.of("sign", "verify", "resign", "policy", "policy check")) {
      Ended refused = program.run(incomplete.split(" ", -1));
      Matcher shown = SHOWN_COMMAND.matcher(refused.err());
      assertThat(shown.find()).as(refused.err()).isTrue();

      Ended ended = program.run(shown.group(1).split(" ", -1));

      assertThat(refused.code()).isEqualTo(ExitCode.USAGE);
      assertThat(ended.code()).as("%s: %s", shown.group(), ended.err()).isEqualTo(ExitCode.OK);
    }
  }

  @Test
  void state_thatOthersMayRead_isTakenAfterTheCommandAsPrinted() throws Exception {
    program.file("model/weights.bin", "weights");
    Path state = Files.createDirectory(folder.resolve("state"));
    Files.setPosixFilePermissions(state, PosixFilePermissions.fromString("rwxr-xr-x"));

    Ended refused = program.run("digest", "--state", "state", "model");
    Shell chmod = shell(after(" run: ", refused.err()));
    Ended digested = program.run("digest", "--state", "state", "model");

    assertThat(refused.code()).isEqualTo(ExitCode.USAGE);
    assertThat(chmod.code()).as(chmod.output()).isZero();
    assertThat(digested.code()).as(digested.err()).isEqualTo(ExitCode.OK);
  }

  @Test
  void pointersOfGitLfs_afterTheCommandAsPrinted_areTheModel() throws Exception {
    if (shell("git lfs version").code() != 0) {
      assertThat(System.getenv("COUNTERSIGN_CI_ALL")).as("git-lfs is missing").isNotEqualTo("yes");
      abort("git-lfs is not installed");
    }
    requireSuccess(
        "git init -q --bare \"$HOME/store.git\" && git init -q model && cd model"
            + " && git lfs install --local && git lfs track '*.bin' && echo weights > weights.bin"
            + " && git add . && git -c user.name=t -c user.email=t@example.org commit -qm model"
            + " && git push -q \"file://$HOME/store.git\" HEAD:refs/heads/main");
    assertThat(program.run("sign", "key", "--private-key", "release.key", "model").code()).isZero();
    requireSuccess(
        "mv model signed && GIT_LFS_SKIP_SMUDGE=1 git clone -q -b main \"file://$HOME/store.git\""
            + " model && cp signed/model.sig model");
    Path weights = folder.resolve("model/weights.bin");
    String pointer = Files.readString(weights);

    Ended unsigned = program.run("sign", "key", "--private-key", "release.key", "model");
    Ended changed = program.run("verify", "key", "--public-key", "release.pub", "model");
    List<String> advised = new ArrayList<>();
    for (Ended ended : List.of(unsigned, changed)) {
      Matcher command = Pattern.compile("git lfs [a-z]+").matcher(ended.err());
      assertThat(command.find()).as(ended.err()).isTrue();
      advised.add(command.group());
    }
    requireSuccess("cd model && " + advised.get(0));
    Ended verified = program.run("verify", "key", "--public-key", "release.pub", "model");

    assertThat(pointer).startsWith("version https://git-lfs");
    assertThat(unsigned.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(changed.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(advised.get(1)).isEqualTo(advised.get(0));
    assertThat(verified.code()).as(verified.err()).isEqualTo(ExitCode.OK);
  }

  @Test
  void clusterInAFolderThatOthersCanWriteTo_afterTheCommandAsPrinted_isTaken() throws Exception {
    Path state = Files.createDirectories(folder.resolve("above/state"));
    String status = cluster(state, "status");
    Files.setPosixFilePermissions(state.getParent(), PosixFilePermissions.fromString("rwxrwxrwx"));
    Files.setPosixFilePermissions(state, PosixFilePermissions.fromString("rwxrwxr-x"));
    List<String> modes = new ArrayList<>(List.of("go-w", "o-w"));
    if (Files.getAttribute(state, "unix:uid").equals(0)) {
      Files.setAttribute(state.getParent(), "unix:gid", 54_321);
      modes.add("g-w");
    }

    for (String mode : modes) {
      Shell refused = shell(status);
      String advised = after(" with: ", refused.output());
      requireSuccess(advised);

      assertThat(refused.code()).isEqualTo(2);
      assertThat(advised).startsWith("chmod " + mode + " ");
    }
    assertThat(shell(status).output()).isEqualTo("not running\n");
  }

  @Test
  void cluster_whereverItIs_advisesCommandsForThatCluster() throws Exception {
    Path state = Files.createDirectories(folder.resolve("state"));
    Path plain = Files.createDirectories(parent.resolve("plain/pids")).toRealPath().getParent();
    Process process =
        new ProcessBuilder("sh", "-c", "sleep 60; :", "job-manager", "--configDir", plain + "/conf")
            .start();
    try {
      Files.writeString(plain.resolve("pids/jm"), process.pid() + "\n");

      String status = after(" see: ", shell(cluster(plain, "start")).output());
      String start = after(" see: ", shell(cluster(state, "add")).output());

      assertThat(shell(status).output()).startsWith("jm: running, process " + process.pid());
      assertThat(start).endsWith(" start");
      assertThat(shell(start.replaceFirst("start$", "status")).output()).isEqualTo("not running\n");
    } finally {
      process.descendants().forEach(ProcessHandle::destroy);
      process.destroy();
    }
  }

  @Test
  void scripts_withoutAJar_adviseToBuildTheirOwn() throws Exception {
    Path root = folder.resolve("checkout");
    requireSuccess("mkdir -p checkout/deploy && cp -r \"$LAUNCHERS\" checkout/deploy");
    String launcher = root + "/deploy/local/countersign";
    String quickstart = root + "/deploy/local/quickstart";

    String ofLauncher = after(" run: ", shell(quoted(launcher) + " --version").output());
    String ofCluster =
        after(" with: ", shell(quoted(root + "/deploy/local/cluster") + " run --version").output());
    program.file("FOLDER/file", "");
    String another = after(" folder: ", shell(quoted(quickstart) + " FOLDER").output());

    assertThat(ofCluster).isEqualTo(ofLauncher);
    assertThat(shell(ofLauncher).output())
        .isEqualTo("maven: -f " + root + " -DskipTests -Dquick package\n");
    assertThat(shell(another).output()).endsWith(" folder: " + another + "\n");
  }

  private static List<Path> filesBelow(Path root, String ending) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> file.toString().endsWith(ending))
          .sorted()
          .toList();
    }
  }

  /** The command at the end of a message's last line. */
  private static String after(String words, String said) {
    String last = said.strip();
    last = last.substring(last.lastIndexOf('\n') + 1);
    assertThat(last).contains(words);
    return last.substring(last.lastIndexOf(words) + words.length());
  }

  private static String cluster(Path state, String command) {
    return quoted(LAUNCHERS.toAbsolutePath().normalize() + "/cluster")
        + " --dir "
        + quoted(state.toString())
        + " "
        + command;
  }

  private static String quoted(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }

  private void requireSuccess(String command) throws Exception {
    Shell ended = shell(command);
    assertThat(ended.code()).as("%s: %s", command, ended.output()).isZero();
  }

  private record Shell(int code, String output) {}

  /** Runs a command in the folder, with a home of its own and without Maven. */
  private Shell shell(String command) throws Exception {
    Path tools = Files.createDirectories(parent.resolve("tools"));
    Path maven = Files.writeString(tools.resolve("mvn"), MAVEN);
    Files.setPosixFilePermissions(maven, PosixFilePermissions.fromString("rwx------"));
    Path output = parent.resolve("output");
    ProcessBuilder builder =
        new ProcessBuilder("sh", "-c", command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().put("PATH", tools + ":" + System.getenv("PATH"));
    builder.environment().put("HOME", tools.toString());
    builder.environment().put("LAUNCHERS", LAUNCHERS.toRealPath().toString());
    Process process = builder.start();
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).as(command).isTrue();
    return new Shell(process.exitValue(), Files.readString(output));
  }
}
