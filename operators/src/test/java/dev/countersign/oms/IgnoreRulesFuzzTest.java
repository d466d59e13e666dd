package dev.countersign.oms;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Any paths, one a line, are rules or an {@link OmsException}. Signed ones are rules or nothing,
 * and never the whole model.
 */
final class IgnoreRulesFuzzTest {

  @FuzzTest
  void fuzz(byte[] lines) throws OmsException {
    List<String> paths = new String(lines, StandardCharsets.UTF_8).lines().toList();
    try {
      check(
          IgnoreRules.forSigning(
              "/models/m", paths, "/models", true, Optional.of("/models/m/model.sig")));
    } catch (OmsException e) {
      assertThat(e.kind()).isEqualTo(OmsException.Kind.NAME);
    }
    check(
        IgnoreRules.forVerification(
            "s3://bucket/m",
            Serialization.files(HashAlgorithm.SHA256).withIgnorePaths(paths),
            List.of(),
            "/models",
            Optional.empty()));
  }

  private static void check(IgnoreRules rules) throws OmsException {
    for (String path : rules.recorded()) {
      CanonicalName.check(path);
      assertThat(rules.ignores(path)).as(path).isTrue();
      assertThat(rules.ignores(path + "/below")).as(path).isTrue();
    }
    assertThat(rules.ignores("\ud83d\ude00 not listed")).isFalse();
  }
}
