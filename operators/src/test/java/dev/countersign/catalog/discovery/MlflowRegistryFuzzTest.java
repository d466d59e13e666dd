package dev.countersign.catalog.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Optional;

/** Any text has a value or none, and a place is never one that leads upwards from its run. */
final class MlflowRegistryFuzzTest {

  @FuzzTest
  void fuzz(byte[] bytes) {
    Optional.ofNullable(MlflowRegistry.texts(bytes).get("source"))
        .flatMap(MlflowRegistry.Place::of)
        .ifPresent(place -> assertThat(place.id()).matches("(m-)?[0-9a-f]{32}"));
  }
}
