package dev.countersign.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.countersign.options.UsageException;

/** Any bytes are options or a {@link UsageException}. */
final class ConfigFileFuzzTest {

  @FuzzTest
  void fuzz(byte[] yaml) {
    try {
      assertThat(ConfigFile.parse("fuzzed.yaml", yaml)).isNotNull();
    } catch (UsageException e) {
      assertThat(e.getMessage()).doesNotContainPattern("\\p{Cntrl}");
    }
  }
}
