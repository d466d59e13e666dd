package dev.countersign.oms;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Optional;

/** Any bytes are the body of a log entry or an {@link OmsException}, under each kind. */
final class LoggedSignatureFuzzTest {

  @FuzzTest
  void fuzz(byte[] body) {
    read("dsse", "0.0.1", body);
    read("hashedrekord", "0.0.1", body);
    read("hashedrekord", "0.0.2", body);
  }

  private static void read(String kind, String version, byte[] body) {
    LogEntry entry =
        new LogEntry(0, new byte[0], kind, version, 0, new byte[0], Optional.empty(), body);
    try {
      LoggedSignature read = LoggedSignature.read(entry);
      assertThat(read.type().isNamed(kind, version)).isTrue();
      assertThat(read.digest()).isNotNull();
      assertThat(read.signature()).isNotEmpty();
      assertThat(read.certificate()).isNotEmpty();
    } catch (OmsException e) {
      // As it should be.
    }
  }
}
