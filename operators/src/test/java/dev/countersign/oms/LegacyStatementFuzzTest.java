package dev.countersign.oms;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Any bytes are a statement of release 0.2.0 or an {@link OmsException}. */
final class LegacyStatementFuzzTest {

  @FuzzTest
  void fuzz(byte[] payload) {
    try {
      Manifest manifest = LegacyStatement.read(payload, OmsBounds.defaults());
      assertThat(manifest.resources()).isNotEmpty();
    } catch (OmsException e) {
      assertThat(e.getMessage()).doesNotContainPattern("\\p{Cntrl}");
    }
  }
}
