package dev.countersign.jobs.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.countersign.jobs.results.CommittedResults;
import dev.countersign.options.UsageException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StateFolderTest {

  private static final CommittedResults NONE = new CommittedResults(0, Optional.empty());

  @TempDir Path parent;

  @Test
  void open_makesAFolderForThisUserAlone() throws Exception {
    Path folder = parent.resolve("a/state");

    try (StateFolder state = StateFolder.open(folder)) {
      assertThat(state.run()).isEmpty();
    }

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
        .isEqualTo("rwx------");
  }

  @Test
  void open_ofAFolderThatIsOpenToOthers_isRefused() throws Exception {
    Path folder = state();
    StateFolder.open(folder).close();
    for (String mode : List.of("rwxr-x---", "rwx---r--", "rwx----w-", "rwx-----x")) {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(mode));

      assertThatThrownBy(() -> StateFolder.open(folder))
          .isInstanceOf(UsageException.class)
          .hasMessage(
              "--state %s is open to other accounts. If only this account has written there, run:"
                  + " chmod go-rwx %s",
              folder, folder);
    }
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    StateFolder.open(folder).close();
  }

  @Test
  void open_ofAFolderOfAnotherAccount_isRefused() throws Exception {
    assumeTrue(
        Files.getAttribute(parent, "unix:uid").equals(0), "only root can give a folder away");
    Path folder = state();
    StateFolder.open(folder).close();
    Path link = Files.createSymbolicLink(parent.resolve("link"), folder);
    Files.setAttribute(folder, "unix:uid", 65_534);

    for (Path named : List.of(folder, link)) {
      assertThatThrownBy(() -> StateFolder.open(named))
          .isInstanceOf(UsageException.class)
          .hasMessage(
              "--state %s belongs to another account, which decides what it says. Name a folder of"
                  + " this account, or a new one.",
              named);
    }
  }

  @Test
  void open_belowAFolderThatAllMayWriteTo_isRefusedUnlessItIsSticky() throws Exception {
    Path shared = Files.createDirectory(parent.resolve("shared"));
    Path folder = shared.resolve("state");
    StateFolder.open(folder).close();
    Files.setAttribute(shared, "unix:mode", 0777);

    assertThatThrownBy(() -> StateFolder.open(folder))
        .isInstanceOf(UsageException.class)
        .hasMessage(
            "--state %s can be replaced by any account, since all may write to %s. Name a folder"
                + " elsewhere, or take that permission away.",
            folder, shared);
    Files.setAttribute(shared, "unix:mode", 01777);
    StateFolder.open(folder).close();
  }

  @Test
  void open_belowAFolderThatAGroupMayWriteTo_isRefusedUnlessItIsAnAccountsOwn() throws Exception {
    assumeTrue(
        Files.getAttribute(parent, "unix:uid").equals(0), "only root can give a folder away");
    Path shared = Files.createDirectory(parent.resolve("shared"));
    Path folder = shared.resolve("state");
    StateFolder.open(folder).close();
    Files.setAttribute(shared, "unix:gid", 54_321);
    Files.setAttribute(shared, "unix:mode", 02775);

    assertThatThrownBy(() -> StateFolder.open(folder))
        .isInstanceOf(UsageException.class)
        .hasMessage(
            "--state %s can be replaced by members of the group 54321, who may write to %s. Name a"
                + " folder elsewhere, or take that permission away.",
            folder, shared);
    Files.setAttribute(shared, "unix:uid", 54_321);
    StateFolder.open(folder).close();
    Files.setAttribute(shared, "unix:gid", 0);
    StateFolder.open(folder).close();
    Files.setAttribute(shared, "unix:gid", 54_322);
    Files.setAttribute(shared, "unix:mode", 03775);
    StateFolder.open(folder).close();
  }

  @Test
  void open_throughALink_isRefused() throws Exception {
    Path folder = state();
    StateFolder.open(folder).close();
    Path link = Files.createSymbolicLink(parent.resolve("link"), folder);
    Path above = Files.createSymbolicLink(parent.resolve("above"), parent);

    for (Path named : List.of(link, above.resolve(folder.getFileName()))) {
      assertThatThrownBy(() -> StateFolder.open(named))
          .isInstanceOf(UsageException.class)
          .hasMessage(
              "--state %s leads through a link, which its owner can turn to another folder. Name"
                  + " the folder itself: %s",
              named, folder);
    }
  }

  @Test
  void open_whileItIsOpen_isRefused() throws Exception {
    Path folder = parent.resolve("state");
    try (StateFolder state = StateFolder.open(folder)) {
      assertThat(state.run()).isEmpty();

      assertThatThrownBy(() -> StateFolder.open(folder))
          .isInstanceOf(UsageException.class)
          .hasMessageContaining("is in use by process " + ProcessHandle.current().pid());
    }
    StateFolder.open(folder).close();
  }

  @Test
  void newestCheckpoint_isTheOneOfTheLastStartWithTheHighestNumber() throws Exception {
    checkpoint(1, 9);
    checkpoint(2, 10);
    Path newest = checkpoint(2, 11);
    Files.createDirectories(newest.resolveSibling("chk-12"));
    Files.createDirectories(newest.resolveSibling("shared"));

    try (StateFolder state = StateFolder.open(state())) {
      assertThat(state.newestCheckpoint(NONE))
          .contains(new StateFolder.ResumePoint("file://" + newest, 0));
    }
  }

  @Test
  void newestCheckpoint_ifDamaged_isTheOneBefore() throws Exception {
    Path intact = checkpoint(1, 1);
    Path damaged = checkpoint(1, 2);
    Files.write(damaged.resolve("_metadata"), new byte[] {1, 2, 3});
    Files.setLastModifiedTime(intact.resolve("_metadata"), FileTime.fromMillis(5_000));

    try (StateFolder state = StateFolder.open(state())) {
      assertThat(state.newestCheckpoint(NONE))
          .contains(new StateFolder.ResumePoint("file://" + intact, 1));
      assertThat(state.newestCheckpoint(results(5_000))).isPresent();
      assertThatThrownBy(() -> state.newestCheckpoint(results(5_001)))
          .isInstanceOf(UsageException.class)
          .hasMessageContaining("results of its run are newer than the newest checkpoint");
      assertThatThrownBy(() -> state.newestCheckpoint(new CommittedResults(1, Optional.empty())))
          .as("results on another machine, whose clock says nothing")
          .isInstanceOf(UsageException.class);
    }
  }

  @Test
  void newestCheckpoint_ifThereIsNone_isEmptyUnlessResultsAreThere() throws Exception {
    Path damaged = checkpoint(1, 2);
    Files.write(damaged.resolve("_metadata"), new byte[0]);

    try (StateFolder state = StateFolder.open(state())) {
      assertThat(state.newestCheckpoint(NONE)).isEmpty();
      assertThatThrownBy(() -> state.newestCheckpoint(results(1)))
          .isInstanceOf(UsageException.class)
          .hasMessageContaining("results of its run are there, and no checkpoint that is intact")
          .hasMessageContaining("start anew with another folder");
    }
  }

  @Test
  void deleteOldCheckpoints_keepsTheChosenAndTheOneBefore() throws Exception {
    Path oldest = checkpoint(1, 1);
    Path before = checkpoint(2, 2);
    Path chosen = checkpoint(2, 3);
    Path damaged = checkpoint(3, 4);
    Files.write(damaged.resolve("_metadata"), new byte[0]);

    try (StateFolder state = StateFolder.open(state())) {
      assertThat(state.newestCheckpoint(NONE)).isPresent();
      state.deleteOldCheckpoints();

      assertThat(List.of(before, chosen)).allMatch(Files::exists);
      assertThat(List.of(oldest, damaged)).noneMatch(Files::exists);
      state.deleteCheckpoints();
      assertThat(state().resolve("checkpoints")).isEmptyDirectory();
    }
  }

  private Path state() {
    return parent.resolve("state");
  }

  private static CommittedResults results(long newestMillis) {
    return new CommittedResults(1, Optional.of(FileTime.fromMillis(newestMillis)));
  }

  @Test
  void newestCheckpoint_afterAStopWithASavepoint_isTheSavepoint() throws Exception {
    checkpoint(1, 9);
    Path savepoint = savepoint(1, 10);

    try (StateFolder state = StateFolder.open(state())) {
      assertThat(state.newestCheckpoint(NONE))
          .contains(new StateFolder.ResumePoint("file://" + savepoint, 0));
    }
  }

  @Test
  void newestCheckpoint_afterASavepointThatDidNotStopTheRun_isTheCheckpoint() throws Exception {
    Path savepoint = savepoint(1, 10);
    Path newest = checkpoint(1, 11);
    checkpoint(1, 9);

    try (StateFolder state = StateFolder.open(state())) {
      assertThat(state.newestCheckpoint(NONE))
          .contains(new StateFolder.ResumePoint("file://" + newest, 0));
      state.deleteOldCheckpoints();
    }

    assertThat(savepoint).as("the one before is kept").isDirectory();
    assertThat(newest.resolveSibling("chk-9")).doesNotExist();
  }

  private Path savepoint(int attempt, long number) throws Exception {
    Path checkpoint = checkpoint(attempt, number);
    return Files.move(
        checkpoint, checkpoint.getParent().resolveSibling("savepoint-0a1b2c-3d4e5f" + number));
  }

  private Path checkpoint(int attempt, long number) throws Exception {
    Path folder =
        Files.createDirectories(
            state().resolve("checkpoints/attempt-00000" + attempt + "/job/chk-" + number));
    Files.setPosixFilePermissions(state(), PosixFilePermissions.fromString("rwx------"));
    if (!Files.exists(state().resolve("state.json"))) {
      Files.writeString(
          state().resolve("state.json"),
          "{\"version\":1,\"runId\":\"r-1\",\"started\":\"2026-01-01T00:00:00Z\",\"attempt\":1,"
              + "\"parallelism\":2,\"models\":3,\"command\":{}}");
    }
    try (OutputStream out = Files.newOutputStream(folder.resolve("_metadata"))) {
      Checkpoints.storeCheckpointMetadata(
          new CheckpointMetadata(number, List.of(), List.of()), out);
    }
    return folder;
  }
}
