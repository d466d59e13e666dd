package dev.countersign.verification;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.countersign.oms.BundleJson;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.OmsException;
import java.util.Arrays;
import java.util.List;

/** Any bytes are refused, or hold the statement of one of the bundles that fuzzing begins with. */
final class SigstoreVerifierFuzzTest {

  private static final List<String> BUNDLES =
      List.of("model-signing-v0.3.1.sig", "model-signing-v1.1.0.sig");

  private static final BundleVerifier VERIFIER = verifier();

  @FuzzTest
  void fuzz(byte[] json) throws Exception {
    VerifiedBundle verified;
    try {
      verified = VERIFIER.verify(json);
    } catch (OmsException | VerificationException e) {
      return;
    }
    for (String name : BUNDLES) {
      byte[] signed =
          BundleJson.read(SigstorePublicBundlesTest.bundle(name), OmsBounds.defaults())
              .envelope()
              .payload();
      if (Arrays.equals(signed, verified.payload())) {
        return;
      }
    }
    assertThat(verified.payload()).as("a payload that nobody signed").isNull();
  }

  private static BundleVerifier verifier() {
    try {
      return SigstorePublicBundlesTest.verifier();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
