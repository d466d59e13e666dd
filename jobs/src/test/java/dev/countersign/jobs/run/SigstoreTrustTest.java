package dev.countersign.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SigstoreTrustTest {

  @Test
  void cacheFolder_withAnAbsoluteVariable_isBelowIt() {
    assertThat(SigstoreTrust.cacheFolder(Map.of("XDG_CACHE_HOME", "/var/cache/jobs")))
        .isEqualTo(Path.of("/var/cache/jobs/countersign/sigstore"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "cache"})
  void cacheFolder_withAnotherVariable_isInTheHomeFolder(String value) {
    assertThat(SigstoreTrust.cacheFolder(Map.of("XDG_CACHE_HOME", value)))
        .isEqualTo(Path.of(System.getProperty("user.home"), ".cache/countersign/sigstore"));
  }
}
