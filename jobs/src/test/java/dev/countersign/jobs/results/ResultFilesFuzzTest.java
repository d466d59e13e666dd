package dev.countersign.jobs.results;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files of results may come from anybody: they are read, or refused with a message. */
final class ResultFilesFuzzTest {

  @FuzzTest
  void fuzz(byte[] content) throws IOException {
    Path file = Files.createTempFile("results-", ".avro");
    try {
      Files.write(file, content);
      ResultFiles.read(new org.apache.flink.core.fs.Path("file://" + file), result -> {});
    } catch (IOException e) {
      if (!String.valueOf(e.getMessage()).contains(file.getFileName().toString())) {
        throw new AssertionError("the message names no file", e);
      }
    } finally {
      Files.delete(file);
    }
  }
}
