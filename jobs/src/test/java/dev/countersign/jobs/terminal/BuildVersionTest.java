package dev.countersign.jobs.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class BuildVersionTest {

  @Test
  void current_fromBuild_isFilledIn() {
    assertThat(BuildVersion.current()).matches("\\d+\\.\\d+\\.\\d+.*");
  }
}
