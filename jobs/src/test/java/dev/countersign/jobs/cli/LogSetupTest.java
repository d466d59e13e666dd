package dev.countersign.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.NoSuchFileException;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.impl.Log4jLogEvent;
import org.apache.logging.log4j.core.layout.PatternLayout;
import org.apache.logging.log4j.message.SimpleMessage;
import org.junit.jupiter.api.Test;

final class LogSetupTest {

  private static final String HOSTILE = "a\u001b[2J\r\n2026-01-01 forged\u202e\u009b\u2028é模";

  @Test
  void log_ofHostileNames_forgesNoLineAndCommandsNoTerminal() {
    Throwable thrown = new IllegalStateException(HOSTILE, new NoSuchFileException(HOSTILE));

    String text = logged(HOSTILE, thrown);

    assertThat(text.replace("\n", "").replace("\t", ""))
        .doesNotContainPattern("[\\p{Cntrl}\\u009b\\u2028\\u202e]")
        .contains("é模");
    assertThat(text.lines())
        .hasSizeGreaterThan(4)
        .allMatch(
            line ->
                line.matches(
                    "(\\d{4}-.* ERROR x - a|java.lang.IllegalStateException: |\\tat |\\t\\.\\.\\."
                        + " |Caused by: java.nio.file).*"));
  }

  @Test
  void log_withoutACause_isOneLine() {
    assertThat(logged("Read 3 files", null)).endsWith(" ERROR x - Read 3 files\n");
  }

  private static String logged(String message, Throwable thrown) {
    return PatternLayout.newBuilder()
        .withPattern(LogSetup.PATTERN)
        .build()
        .toSerializable(
            Log4jLogEvent.newBuilder()
                .setLoggerName("x")
                .setLevel(Level.ERROR)
                .setMessage(new SimpleMessage(message))
                .setThrown(thrown)
                .build());
  }
}
