package dev.countersign.jobs.results;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.schemas.ModelResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.specific.SpecificDatumWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CommittedResultsTest {

  @TempDir Path folder;

  @Test
  void of_aRun_countsWhatItCommittedAndNothingElse() throws Exception {
    write("results-run-1-0f8fad5b-d9cb-469f-a165-70867728950e-0.avro", 2, 3_000);
    write("results-run-1-0f8fad5b-d9cb-469f-a165-70867728950e-1.avro", 3, 4_000);
    write(".results-run-1-0f8fad5b-d9cb-469f-a165-70867728950e-2.avro.inprogress", 4, 9_000);
    write("results-run-2-0f8fad5b-d9cb-469f-a165-70867728950e-0.avro", 5, 9_000);

    CommittedResults committed = CommittedResults.of(folder.toUri().toString(), "run-1");

    assertThat(committed.count()).isEqualTo(5);
    assertThat(committed.newest()).contains(FileTime.fromMillis(4_000));
  }

  @Test
  void of_aFolderThatIsNotThere_isNothing() throws Exception {
    CommittedResults committed = CommittedResults.of("file://" + folder + "/none", "run-1");

    assertThat(committed).isEqualTo(new CommittedResults(0, Optional.empty()));
  }

  private void write(String name, int records, long millis) throws Exception {
    Path file = folder.resolve(name);
    try (DataFileWriter<ModelResult> out =
        new DataFileWriter<>(new SpecificDatumWriter<>(ModelResult.class))) {
      out.create(ModelResult.getClassSchema(), file.toFile());
      for (int i = 0; i < records; i++) {
        out.append(ModelResult.newBuilder().build());
      }
    }
    Files.setLastModifiedTime(file, FileTime.fromMillis(millis));
  }
}
