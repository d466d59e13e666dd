package dev.countersign.oms;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Any bytes are a statement or an {@link OmsException}; it says the same once written again. */
final class StatementFuzzTest {

  @FuzzTest
  void fuzz(byte[] payload) throws OmsException {
    Manifest manifest;
    try {
      manifest = Statement.read(payload, OmsBounds.defaults());
    } catch (OmsException e) {
      return;
    }
    Manifest again =
        Statement.read(Statement.write(manifest, ShardAlgorithm.CLIENT), OmsBounds.defaults());
    assertThat(again.resources()).isEqualTo(manifest.resources());
    assertThat(again.serialization()).isEqualTo(manifest.serialization());
    assertThat(again.modelName()).isEqualTo(manifest.modelName());
    for (Resource resource : manifest.resources()) {
      assertThat(resource.path().split("/", -1))
          .as(resource.path())
          .doesNotContain("..", "")
          .satisfiesAnyOf(
              segments -> assertThat(segments).doesNotContain("."),
              segments -> assertThat(segments).containsExactly("."));
    }
  }
}
