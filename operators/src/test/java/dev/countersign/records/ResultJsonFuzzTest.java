package dev.countersign.records;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.countersign.schemas.ModelResult;
import java.nio.charset.StandardCharsets;

/**
 * Any bytes are a result or a {@link MalformedResultsException}; a result is the same when it is
 * written and read once more.
 */
final class ResultJsonFuzzTest {

  @FuzzTest
  void fuzz(byte[] input) throws MalformedResultsException {
    ModelResult result;
    try {
      result = ResultJsonParser.parse(input);
    } catch (MalformedResultsException e) {
      assertThat(e.getMessage()).doesNotContainPattern("\\p{Cntrl}");
      return;
    }
    byte[] again = RecordJson.line(result).getBytes(StandardCharsets.US_ASCII);
    assertThat(ResultJsonParser.parse(again)).isEqualTo(result);
  }
}
