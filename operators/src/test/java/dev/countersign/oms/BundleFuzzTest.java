package dev.countersign.oms;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Any bytes are a bundle or an {@link OmsException}; a bundle is written as it was read. */
final class BundleFuzzTest {

  @FuzzTest
  void fuzz(byte[] json) throws OmsException {
    Bundle bundle;
    try {
      bundle = BundleJson.read(json, OmsBounds.defaults());
    } catch (OmsException e) {
      return;
    }
    assertThat(BundleJson.read(BundleJson.write(bundle), OmsBounds.defaults())).isEqualTo(bundle);
  }
}
