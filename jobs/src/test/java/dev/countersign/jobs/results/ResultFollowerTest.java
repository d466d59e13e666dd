package dev.countersign.jobs.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.jobs.terminal.Repetition;
import dev.countersign.records.ResultFormat;
import dev.countersign.schemas.ModelResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.flink.api.common.serialization.BulkWriter;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ResultFollowerTest {

  private static final String RUN = "20261124-1";

  /** Suffix that Flink's sink appends to the run's id. */
  private static final String PART = "-0f8fad5b-d9cb-469f-a165-70867728950e-";

  @TempDir Path folder;
  private final List<Long> seen = new ArrayList<>();
  private int batches;

  @Test
  void files_committedOneAfterTheOther_areReadOnce() throws IOException {
    ResultFollower follower = follower(folder);

    follower.readNew();
    write("results-" + RUN + PART + "0.avro", 0, 1);
    follower.readNew();
    write("results-" + RUN + PART + "1.avro", 2);
    follower.readNew();
    follower.readNew();

    assertThat(seen).containsExactly(0L, 1L, 2L);
    assertThat(batches).isEqualTo(2);
  }

  @ParameterizedTest
  @EnumSource
  void files_ofEachFormat_areReadOnce(ResultFormat format) throws IOException {
    ResultFollower follower = follower(folder);

    write(format, "results-" + RUN + PART + "0" + format.suffix(), 0, 1);
    follower.readNew();
    write(format, "results-" + RUN + PART + "1" + format.suffix(), 2);
    follower.readNew();

    assertThat(seen).containsExactly(0L, 1L, 2L);
  }

  @Test
  void files_hiddenOrOfAnotherRun_areLeftAlone() throws IOException {
    write(".results-" + RUN + PART + "0.avro.inprogress.x", 0);
    write(".results-" + RUN + PART + "0.avro", 1);
    write("results-20251124-1" + PART + "0.avro", 2);
    write("results-" + RUN + PART + "3.txt", 3);
    write("_results-" + RUN + PART + "4.avro", 4);

    follower(folder).readNew();

    assertThat(seen).isEmpty();
  }

  @Test
  void files_ofARunWhoseIdBeginsWithThisOne_areLeftAlone() throws IOException {
    write("results-" + RUN + "-2" + PART + "0.avro", 0);
    write("results-" + RUN + PART + "x" + PART + "0.avro", 1);
    write("results-" + RUN + PART + "0.avro", 2);

    follower(folder).readNew();

    assertThat(seen).containsExactly(2L);
  }

  @Test
  void passOver_ofWhatIsThere_readsOnlyWhatComesLater() throws IOException {
    write("results-" + RUN + PART + "0.avro", 0);
    ResultFollower follower = follower(folder);

    follower.passOver();
    write("results-" + RUN + PART + "1.avro", 1);
    follower.readNew();

    assertThat(seen).containsExactly(1L);
  }

  @Test
  void folder_thatIsNotThereYet_isEmpty() throws IOException {
    follower(folder.resolve("later")).readNew();

    assertThat(seen).isEmpty();
  }

  @Test
  void file_thatCannotBeReadToItsEnd_isTakenUpWhereItFailed() throws IOException {
    Path file = write("results-" + RUN + PART + "0.avro", 0, 1, 2);
    byte[] whole = Files.readAllBytes(file);
    byte[] damaged = whole.clone();
    damaged[whole.length - 1] ^= 1;
    Files.write(file, damaged);
    ResultFollower follower = follower(folder);

    assertThatThrownBy(follower::readNew).isInstanceOf(IOException.class);
    Files.write(file, whole);
    follower.readNew();

    assertThat(seen).containsExactly(0L, 1L, 2L);
  }

  @Test
  void thread_thatFollows_readsUntilClosed() throws Exception {
    CountDownLatch read = new CountDownLatch(1);
    ResultFollower follower =
        new ResultFollower(
            "file://" + folder, RUN, result -> seen.add(result.getEntryId()), read::countDown);

    try (Repetition following =
        Repetition.start("results", Duration.ofMillis(5), () -> readNew(follower))) {
      write("results-" + RUN + PART + "0.avro", 7);
      assertThat(read.await(60, TimeUnit.SECONDS)).isTrue();
    }

    assertThat(seen).containsExactly(7L);
  }

  private static void readNew(ResultFollower follower) {
    try {
      follower.readNew();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ResultFollower follower(Path place) {
    return new ResultFollower(
        "file://" + place, RUN, result -> seen.add(result.getEntryId()), () -> batches++);
  }

  private void write(ResultFormat format, String name, long... entries) throws IOException {
    Path temporary = folder.resolve(".writing");
    try (FSDataOutputStream output =
        FileSystem.getLocalFileSystem()
            .create(
                new org.apache.flink.core.fs.Path(temporary.toUri()),
                FileSystem.WriteMode.OVERWRITE)) {
      BulkWriter<ModelResult> writer = format.writers().create(output);
      for (long entry : entries) {
        writer.addElement(ModelResult.newBuilder().setEntryId(entry).build());
      }
      writer.finish();
    }
    Files.move(temporary, folder.resolve(name));
  }

  /** Appears under its name at once, as a committed file does. */
  private Path write(String name, long... entries) throws IOException {
    Path temporary = folder.resolve(".writing");
    try (DataFileWriter<ModelResult> writer =
        new DataFileWriter<>(new SpecificDatumWriter<>(ModelResult.class))) {
      writer.create(ModelResult.getClassSchema(), temporary.toFile());
      for (long entry : entries) {
        writer.append(ModelResult.newBuilder().setEntryId(entry).build());
        writer.sync();
      }
    }
    return Files.move(temporary, folder.resolve(name));
  }
}
