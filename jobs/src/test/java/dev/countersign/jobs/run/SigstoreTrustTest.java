package dev.countersign.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.options.UsageException;
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

  /** The folder of a relative path may be anybody's, with a trusted root of theirs. */
  @Test
  void cacheFolder_ofAUserWithoutAHomeFolder_isRefused() {
    String home = System.setProperty("user.home", "?");
    try {
      assertThatThrownBy(() -> SigstoreTrust.cacheFolder(Map.of()))
          .isInstanceOf(UsageException.class)
          .hasMessageContaining("Set XDG_CACHE_HOME");
    } finally {
      System.setProperty("user.home", home);
    }
  }
}
