package dev.countersign.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.Checkpoints;
import dev.countersign.jobs.ForkedProgram;
import dev.countersign.jobs.cli.ProgramRuns.Ended;
import dev.countersign.jobs.terminal.ExitCode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs with {@code --state}, which go on after their process was stopped or killed. */
@Timeout(300)
final class ResumedRunsITCase {

  private static final int MODELS = 60;

  private static final Pattern RESUMED =
      Pattern.compile("Resumed: ([0-9]+) of 60 models were done before; ([0-9.]+) (\\S+) were");

  /** Slow to read, so that a kill hits the run in the middle. */
  private static final List<String> SLOW = List.of("-Dcountersign.test.pause-millis=100");

  @TempDir Path folder;
  private ProgramRuns program;

  @BeforeEach
  void setUp() throws IOException {
    program = new ProgramRuns(folder);
    program.keyPair("release");
    Files.createDirectory(folder.resolve("bundles"));
    for (int i = 0; i < MODELS; i++) {
      program.file("lake/model-" + i + "/weights.slow", "w".repeat(1_000 + i));
    }
  }

  @Test
  void run_killedAndStartedAgain_goesOnAndShowsTheWholeRun() throws Exception {
    Path opened = Files.createDirectory(folder.resolve("opened"));
    ForkedProgram first =
        ForkedProgram.start(
            folder,
            List.of(SLOW.get(0), "-Dcountersign.test.opened-in=" + opened),
            List.of(with(sign(), "--checkpoint-interval", "500 ms")));
    awaitFiles(folder.resolve("bundles"), MODELS / 2);
    // Nothing more is read, so that it does not end before a checkpoint has these.
    Files.createFile(opened.resolve("weights.slow.held"));
    int before = newestCheckpoint();
    while (newestCheckpoint() < before + 2) {
      assertThat(first.isAlive()).as(first.err()).isTrue();
      Thread.sleep(100);
    }
    first.kill();
    assertThat(first.await()).isGreaterThan(128);
    ForkedProgram second = start("--checkpoint-interval", "500 ms");
    int code = second.await();
    List<String> out = second.out();
    String err = second.err();
    Ended again = again();

    assertThat(code).as(err).isEqualTo(ExitCode.OK);
    assertThat(out).hasSize(MODELS).doesNotHaveDuplicates().allMatch(s -> s.startsWith("SIGNED "));
    assertThat(err).contains("60 models: 60 signed; ", " since it was resumed");
    Matcher resumed = RESUMED.matcher(err);
    assertThat(resumed.find()).as(err).isTrue();
    assertThat(Integer.parseInt(resumed.group(1))).isBetween(5, MODELS - 1);
    assertThat(Double.parseDouble(resumed.group(2))).isPositive();
    assertThat(again.code()).isEqualTo(ExitCode.OK);
    assertThat(again.outLines()).containsExactlyInAnyOrderElementsOf(out);
    assertThat(again.err()).contains("60 models: 60 signed; ", "has ended already");
    assertThat(program.run(verify()).err()).contains("60 models: 60 verified");
    assertThat(runRecord()).contains("\"models\" : 60", "\"SIGNED\" : 60");
    assertThat(folder.resolve("state/checkpoints")).isEmptyDirectory();
  }

  @Test
  void run_askedToStop_keepsWhatWasDoneSinceTheLastCheckpoint() throws Exception {
    ForkedProgram first = start("--checkpoint-interval", "10 min");
    awaitFiles(folder.resolve("bundles"), MODELS / 3);
    first.askToStop();
    int stopped = first.await();
    String said = first.err();
    ForkedProgram second = start("--checkpoint-interval", "10 min");
    int code = second.await();

    assertThat(stopped).isEqualTo(ExitCode.INTERRUPTED);
    assertThat(said).contains("To go on where it was, run the same command.");
    assertThat(code).as(second.err()).isEqualTo(ExitCode.OK);
    assertThat(second.out()).hasSize(MODELS).doesNotHaveDuplicates();
    Matcher resumed = RESUMED.matcher(second.err());
    assertThat(resumed.find()).as(second.err()).isTrue();
    assertThat(Integer.parseInt(resumed.group(1))).isGreaterThanOrEqualTo(MODELS / 3 - 4);
  }

  @Test
  void run_killedBeforeItsFirstCheckpoint_takesItsBundlesForItsOwn() throws Exception {
    ForkedProgram first = start("--checkpoint-interval", "10 min", "--no-overwrite");
    Checkpoints.failFirst(folder.resolve("state/checkpoints/attempt-000001"), 1);
    awaitFiles(folder.resolve("bundles"), MODELS / 3);
    first.kill();
    ForkedProgram second = start("--checkpoint-interval", "10 min", "--no-overwrite");
    int code = second.await();

    assertThat(code).as(second.err()).isEqualTo(ExitCode.OK);
    assertThat(second.out()).hasSize(MODELS).allMatch(line -> line.startsWith("SIGNED "));
  }

  @Test
  @Timeout(600)
  void run_stoppedAndThenKilledFourTimesDuringALargeFile_isChargedWithTheKillsAlone()
      throws Exception {
    Path large = program.file("one/large/weights.slow", "");
    try (RandomAccessFile content = new RandomAccessFile(large.toFile(), "rw")) {
      content.setLength(100L << 20);
    }
    Path opened = Files.createDirectory(folder.resolve("opened"));
    String[] digest = {
      "digest",
      "--state",
      "state",
      "--checkpoint-interval",
      "500 ms",
      "faulty://" + folder + "/one/large"
    };
    for (int start = 1; start <= 8; start++) {
      ForkedProgram run =
          ForkedProgram.start(
              folder,
              List.of(SLOW.get(0), "-Dcountersign.test.opened-in=" + opened),
              List.of(digest));
      awaitOpened(opened.resolve("weights.slow"), run);
      int before = newestCheckpoint();
      while (newestCheckpoint() < before + 2) {
        assertThat(run.isAlive()).as(run.err()).isTrue();
        Thread.sleep(100);
      }
      if (start <= 4) {
        run.askToStop();
        assertThat(run.await()).as(run.err()).isEqualTo(ExitCode.INTERRUPTED);
      } else {
        run.kill();
      }
    }

    Ended last = program.run(digest);

    assertThat(last.code()).as(last.err()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(last.err()).contains("CRASHED_WORKER", "4 times");
  }

  @Test
  void run_whoseProcessEndsAsItListsAModel_failsThatModelAtTheFourthStart() throws Exception {
    for (String model : List.of("a", "b", "c.deadly", "d")) {
      program.file("some/" + model + "/weights.bin", model);
    }
    String lake = "faulty://" + folder + "/some/";
    String[] digest = {
      "digest", "--state", "state", lake + "a", lake + "b", lake + "c.deadly", lake + "d"
    };
    for (int start = 1; start <= 3; start++) {
      ForkedProgram run = ForkedProgram.start(folder, List.of(), List.of(digest));
      int unused = run.await();
      assertThat(run.err()).doesNotContain("CRASHED_WORKER");
    }

    Ended last = program.run(digest);

    assertThat(last.code()).as(last.err()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(last.err()).contains("CRASHED_WORKER", "ended the process 3 times");
    assertThat(last.outLines()).hasSize(3);
  }

  private static void awaitOpened(Path file, ForkedProgram run) throws Exception {
    while (!Files.exists(file) || !Files.readString(file).equals(Long.toString(run.pid()))) {
      assertThat(run.isAlive()).as(run.err()).isTrue();
      Thread.sleep(100);
    }
  }

  private int newestCheckpoint() {
    return Checkpoints.newest(folder.resolve("state/checkpoints"));
  }

  @Test
  void secondProcess_whileTheFirstRuns_isRefusedByNumber() throws Exception {
    // Half a minute of work, so that it is not done before the second has begun.
    ForkedProgram first =
        ForkedProgram.start(
            folder,
            List.of("-Dcountersign.test.pause-millis=1000"),
            List.of(with(sign(), "--checkpoint-interval", "10 min", "--lanes", "1")));
    awaitFiles(folder.resolve("bundles"), 1);
    Ended second = again();
    first.kill();

    assertThat(second.code()).isEqualTo(ExitCode.USAGE);
    assertThat(second.err()).contains("is in use by process " + first.pid() + ". Wait until");
  }

  @Test
  void anotherCommand_isRefusedWithWhatDiffers() throws Exception {
    program.file("small/a/weights.bin", "a");
    program.keyPair("other");
    String[] sign = {"sign", "key", "--state", "state", "--private-key", "release.key", "small/a"};
    assertThat(program.run(sign).code()).isEqualTo(ExitCode.OK);

    Ended same = program.run(sign);
    Ended quieter = program.run(with(sign, "--quiet", "--parallelism", "1"));
    Ended algorithm = program.run(with(sign, "--hash-algorithm", "blake2b"));
    sign[5] = "other.key";
    Ended key = program.run(sign);
    Files.move(folder.resolve("release.key"), folder.resolve("moved.key"));
    sign[5] = "moved.key";
    Ended moved = program.run(sign);

    assertThat(same.code()).isEqualTo(ExitCode.OK);
    assertThat(quieter.code()).isEqualTo(ExitCode.OK);
    assertThat(algorithm.code()).isEqualTo(ExitCode.USAGE);
    assertThat(algorithm.err())
        .contains("differs in --hash-algorithm (was not given, now 'blake2b'). Run that command");
    assertThat(key.code()).isEqualTo(ExitCode.USAGE);
    assertThat(key.err()).contains("differs in the signer (others now).");
    assertThat(moved.code()).as(moved.err()).isEqualTo(ExitCode.OK);
  }

  @Test
  void catalog_editedSinceTheRunBegan_isRefusedWithWhatDiffers() throws Exception {
    program.file("small/a/weights.bin", "a");
    program.file("small/b/weights.bin", "b");
    program.file("lines.jsonl", "{\"model\":\"small/a\"}\n{\"model\":\"small/b\"}\n");
    program.file("moved.jsonl", "{\"model\": \"small/a\"}\n{\"model\": \"small/b\"}\n");

    Ended first = digestCatalog("lines.jsonl");
    Ended moved = digestCatalog("moved.jsonl");
    program.file(
        "lines.jsonl", "{\"model\":\"small/a\"}\n{\"model\":\"small/b\",\"version\":\"2\"}\n");
    Ended edited = digestCatalog("lines.jsonl");
    program.file("lines.jsonl", "{\"model\":\"small/a\"}\n");
    Ended shorter = digestCatalog("lines.jsonl");

    assertThat(first.code()).as(first.err()).isEqualTo(ExitCode.OK);
    assertThat(moved.code()).as(moved.err()).isEqualTo(ExitCode.OK);
    assertThat(moved.err()).contains("has ended already");
    assertThat(edited.code()).isEqualTo(ExitCode.USAGE);
    assertThat(edited.out()).isEmpty();
    assertThat(edited.err())
        .containsPattern(
            "differs in the models \\(was '2, sha256:(\\w{64})', now '2,"
                + " sha256:(?!\\1)\\w{64}'\\)");
    assertThat(shorter.code()).isEqualTo(ExitCode.USAGE);
    assertThat(shorter.err()).contains("(was '2, sha256:", "now '1, sha256:");
  }

  private Ended digestCatalog(String catalog) {
    return program.run("digest", "--state", "state", "--catalog", catalog);
  }

  @Test
  void finishedRun_ofFailures_endsWithTheSameCodeAgain() throws Exception {
    program.file("small/a/weights.bin", "a");
    String[] verify = {
      "verify", "key", "--state", "state", "--public-key", "release.pub", "small/a"
    };

    Ended first = program.run(verify);
    Ended second = program.run(verify);
    deleteResults();
    Ended third = program.run(verify);

    assertThat(first.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(second.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(second.err()).contains("FAILED   small/a  UNSIGNED", "1 model: 1 failed;");
    assertThat(third.code()).isEqualTo(ExitCode.BROKEN);
    assertThat(third.err()).contains("0 of 1 results are in ");
  }

  @Test
  void state_thatCannotBeUsed_isRefused() throws Exception {
    program.file("small/a/weights.bin", "a");
    program.file("full/precious.txt", "x");
    program.file("newer/state.json", "{\"version\": 2}");
    program.file("torn/state.json", "{\"version\": 1, \"runId\"");
    program.file("file", "x");
    for (String state : List.of("full", "newer", "torn")) {
      Files.setPosixFilePermissions(
          folder.resolve(state), PosixFilePermissions.fromString("rwx------"));
    }

    assertThat(digest("small/a/state").err())
        .contains("small/a/state that this run writes is inside the model ");
    assertThat(digest("full").err()).contains("contains precious.txt but no state.json");
    assertThat(digest("newer").err()).contains("has version 2, and this release knows version 1");
    assertThat(digest("torn").err()).contains("state.json is damaged");
    assertThat(digest("file").err()).contains("is not a folder");
    assertThat(digest("hdfs://nn/state").err()).contains("must be a folder on a local disk");
    assertThat(Stream.of("small/a/state", "full", "newer", "torn", "file", "hdfs://nn/state"))
        .allMatch(state -> digest(state).code() == ExitCode.USAGE);
    assertThat(digest("new").code()).isEqualTo(ExitCode.OK);
  }

  private void deleteResults() throws IOException {
    for (Path file : files(folder.resolve("state/results"))) {
      Files.delete(file);
    }
  }

  private String runRecord() throws IOException {
    for (Path file : files(folder.resolve("state/results"))) {
      if (file.getFileName().toString().startsWith("run-")) {
        return Files.readString(file);
      }
    }
    throw new AssertionError("no record of the run");
  }

  private Ended digest(String state) {
    return program.run("digest", "--state", state, "small/a");
  }

  private static String[] with(String[] command, String... more) {
    return Stream.concat(Stream.of(command), Stream.of(more)).toArray(String[]::new);
  }

  private ForkedProgram start(String... more) throws IOException {
    return ForkedProgram.start(folder, SLOW, List.of(with(sign(), more)));
  }

  private Ended again() {
    return program.run(sign());
  }

  private String[] sign() {
    return new String[] {
      "sign",
      "key",
      "--private-key",
      "release.key",
      "--state",
      "state",
      "--parallelism",
      "2",
      "--read-depth",
      "1",
      "--signature",
      folder + "/bundles/{name}.sig",
      "faulty://" + folder + "/lake/*"
    };
  }

  private String[] verify() {
    return new String[] {
      "verify",
      "key",
      "--public-key",
      "release.pub",
      "--signature",
      folder + "/bundles/{name}.sig",
      folder + "/lake/*"
    };
  }

  private static List<Path> files(Path in) throws IOException {
    if (!Files.isDirectory(in)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(in)) {
      return new ArrayList<>(
          all.filter(Files::isRegularFile).sorted(Comparator.naturalOrder()).toList());
    }
  }

  private static void awaitFiles(Path in, int count) throws Exception {
    for (int tenths = 0; tenths < 1_800; tenths++) {
      try {
        if (files(in).size() >= count) {
          return;
        }
      } catch (IOException | UncheckedIOException e) {
        // Something was deleted meanwhile.
      }
      Thread.sleep(100);
    }
    throw new AssertionError("no " + count + " files in " + in);
  }
}
