package dev.countersign.jobs.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FoundResultsTest {

  @TempDir Path folder;

  @Test
  void folder_ofARun_givesCommittedFilesAndTheRecord() throws IOException {
    for (String name :
        List.of(
            "results-b-0.avro",
            "results-a-0.avro",
            ".results-b-1.avro.inprogress",
            ".results-c.avro",
            "_results-d.avro",
            "listings-a.avro",
            "results-a.txt",
            "run-b.json",
            "run.txt")) {
      Files.createFile(folder.resolve(name));
    }
    Files.createDirectory(folder.resolve("results-folder.avro"));

    FoundResults found = FoundResults.in(List.of("file://" + folder));

    assertThat(names(found.results())).containsExactly("results-a-0.avro", "results-b-0.avro");
    assertThat(names(found.records())).containsExactly("run-b.json");
    assertThat(found.unread()).isEmpty();
  }

  @Test
  void file_namedItselfAndByItsFolder_isThereOnce() throws IOException {
    Path file = Files.createFile(folder.resolve("results-a.avro"));

    FoundResults found = FoundResults.in(List.of("file://" + folder, "file://" + file));

    assertThat(found.results()).hasSize(1);
  }

  @Test
  void place_thatIsNotThere_isUnread() {
    FoundResults found = FoundResults.in(List.of("file://" + folder.resolve("none")));

    assertThat(found.results()).isEmpty();
    assertThat(found.unread())
        .singleElement()
        .satisfies(
            file -> assertThat(file.message()).contains("none is not there. Check its name."));
  }

  @Test
  void store_thatNobodyKnows_isUnread() {
    FoundResults found = FoundResults.in(List.of("carrier-pigeon://nest/results"));

    assertThat(found.unread())
        .singleElement()
        .satisfies(
            file ->
                assertThat(file.message())
                    .contains("no file system is set up for the scheme carrier-pigeon"));
  }

  @Test
  void record_ofARun_isReadAsFarAsItIsKnown() throws IOException {
    ClosedRun run =
        record(
            "{\"runId\":\"r1\",\"operation\":\"sign\",\"models\":12,\"more\":{\"a\":[1,{}]},\"outcomes\":{\"SIGNED\":12},"
                + "\"versions\":{\"countersign\":\"0.1.0\",\"x\":1},\"options\":[\"a=b\",7,[\"x\"]]}");

    assertThat(run).isEqualTo(new ClosedRun("r1", "sign", "", "", 12, "0.1.0", List.of("a=b")));
  }

  @Test
  void record_thatIsNone_isRefusedWithItsName() {
    for (String text :
        List.of("", "[]", "{\"models\":\"many\"}", "{\"options\":[", "{\"a\":" + "[".repeat(50))) {
      assertThatThrownBy(() -> record(text))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("run-a.json is not a run record; the report ignores it.");
    }
    assertThatThrownBy(() -> record(" ".repeat((1 << 20) + 1)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is longer than 1 MiB");
  }

  private ClosedRun record(String text) throws IOException {
    Path file = Files.writeString(folder.resolve("run-a.json"), text);
    return ClosedRun.read(new org.apache.flink.core.fs.Path("file://" + file));
  }

  private static List<String> names(List<org.apache.flink.core.fs.Path> files) {
    return files.stream().map(org.apache.flink.core.fs.Path::getName).toList();
  }
}
