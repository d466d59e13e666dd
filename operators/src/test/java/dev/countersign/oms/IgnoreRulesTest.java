package dev.countersign.oms;

import static dev.countersign.oms.OmsAssertions.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class IgnoreRulesTest {

  private static final String MODEL = "/lake/m1";
  private static final Serialization FILES = Serialization.files(HashAlgorithm.SHA256);

  @Test
  void ignores_takesAPathAndAllBelowIt() throws OmsException {
    IgnoreRules rules = signing(MODEL, "/", "docs", "a/b");

    assertThat(rules.ignores("docs")).isTrue();
    assertThat(rules.ignores("docs/x/y")).isTrue();
    assertThat(rules.ignores("a/b")).isTrue();
    assertThat(rules.ignores("a/b/c")).isTrue();
    assertThat(rules.ignores("a")).isFalse();
    assertThat(rules.ignores("a/bc")).isFalse();
    assertThat(rules.ignores("docs.txt")).isFalse();
    assertThat(rules.ignores("x/docs")).isFalse();
  }

  @Test
  void ignores_hasNoPatterns() throws OmsException {
    IgnoreRules rules = signing(MODEL, "/", "*.log", "[ab]");

    assertThat(rules.ignores("train.log")).isFalse();
    assertThat(rules.ignores("a")).isFalse();
    assertThat(rules.ignores("*.log")).isTrue();
  }

  @Test
  void gitPaths_areIgnoredAtTheRootOnly() throws OmsException {
    IgnoreRules rules =
        IgnoreRules.forSigning(MODEL, List.of(), "/", true, Optional.of(MODEL + "/model.sig"));

    assertThat(rules.recorded())
        .containsExactly(".git", ".gitattributes", ".github", ".gitignore", "model.sig");
    assertThat(rules.ignores(".git/HEAD")).isTrue();
    assertThat(rules.ignores(".gitmodules")).isFalse();
    assertThat(rules.ignores("sub/.git")).isFalse();
    assertThat(rules.ignores("sub/model.sig")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    // model, working directory, path, recorded
    "/lake/m1, /lake/m1, docs, docs",
    "/lake/m1, /lake/m1/sub, docs, sub/docs",
    "/lake/m1, /lake, m1/docs, docs",
    "/lake/m1, /lake, docs, docs",
    "/lake/m1, /home, docs, docs",
    "/lake/m1, /home, ./docs//x/, docs/x",
    "/lake/m1, /home, ../lake/m1/docs, docs",
    "/lake/m1, /home, a/../docs, docs",
    "/lake/m1, /home, /lake/m1/docs/, docs",
    "/lake/m1, /home, /lake/x/../m1/docs, docs",
    "/lake/m1, /home, file:///lake/m1/docs, docs",
    "/lake/m1, /home, file:/lake/m1/docs, docs",
    "file:///lake/m1, /home, /lake/m1/docs, docs",
    "hdfs://nn/lake/m1, /home, docs, docs",
    "hdfs://nn/lake/m1, /home, hdfs://nn/lake/m1/docs, docs",
    "hdfs://nn/lake/m1, hdfs://nn/lake, m1/docs, docs",
    "/, /home, docs, home/docs",
    "/lake/m1, /home, FILE://LOCALHOST/lake/m1/logs, logs",
    "hdfs://nn/m, /home, HDFS://nn/m/logs, logs",
    "hdfs://nn/m, /home, hdfs://NN:8020/m/logs, logs",
    "s3a://bucket, /home, S3A://bucket//logs/, logs",
    "hdfs:///m, /home, hdfs:/m/logs, logs",
    "hdfs:/m, /home, hdfs:///m/logs, logs",
  })
  void forSigning_takesEachFormOfAPath(
      String model, String workingDirectory, String path, String recorded) throws OmsException {
    assertThat(signing(model, workingDirectory, path).recorded()).containsExactly(recorded);
  }

  @ParameterizedTest
  @CsvSource({
    "/lake/m1, /elsewhere/docs",
    "/lake/m1, /lake/m10/docs",
    "/lake/m1, /lake/m1/../m2",
    "/lake/m1, /lake",
    "/lake/m1, hdfs://nn/lake/m1/docs",
    "hdfs://nn/lake/m1, hdfs://other/lake/m1/docs",
    "hdfs://nn/lake/m1, /lake/m1/docs",
    "/lake/m1, hdfs:/lake/m1/docs",
    "hdfs://nn/lake/m1, webhdfs:/lake/m1/docs",
    "hdfs://nn/lake/m1, hdfs:/lake/m2/docs",
  })
  void forSigning_withAnAbsolutePathElsewhere_recordsNothing(String model, String path)
      throws OmsException {
    assertThat(signing(model, "/home", path).recorded()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "'', is empty",
    "../docs, leads out of the model",
    "a/../../docs, leads out of the model",
    "., is the whole model",
    "a/.., is the whole model",
    "/lake/m1, is the whole model",
    "/lake/m1/, is the whole model",
  })
  void forSigning_withAPathThatCannotBeMeant_isRefused(String path, String fault) {
    assertRefused(() -> signing(MODEL, "/home", path), OmsException.Kind.NAME, fault);
  }

  /**
   * Whether the default host is the model's is not known, and dropping the path would hide that.
   */
  @ParameterizedTest
  @CsvSource({
    "hdfs://nn/m, hdfs:/m/logs, names no host",
    "hdfs:///m, hdfs://nn/m/logs, names a host",
  })
  void forSigning_withAPathThatMayBeInTheModel_isRefused(String model, String path, String fault) {
    assertRefused(
        () -> signing(model, "/home", path),
        OmsException.Kind.NAME,
        fault + ", unlike the model " + model + ", so it may be in it or not");
  }

  @Test
  void forSigning_withTheBundleUnderAnotherSpellingOfTheHost_recordsIt() throws OmsException {
    assertThat(
            IgnoreRules.forSigning(
                    "hdfs://nn/m", List.of(), "/", false, Optional.of("hdfs://NN/m/model.sig"))
                .recorded())
        .containsExactly("model.sig");
  }

  @Test
  void forSigning_withABundleElsewhere_recordsNothing() throws OmsException {
    assertThat(
            IgnoreRules.forSigning(MODEL, List.of(), "/", false, Optional.of("/lake/m1.sig"))
                .recorded())
        .isEmpty();
    assertThat(IgnoreRules.forSigning(MODEL, List.of(), "/", false, Optional.empty()).recorded())
        .isEmpty();
  }

  @Test
  void recorded_isSortedByCodePointWithoutDuplicates() throws OmsException {
    assertThat(signing(MODEL, "/", "b", "😀", "a/b", "\uffee", "a", "b/").recorded())
        .containsExactly("a", "a/b", "b", "\uffee", "😀");
  }

  @Test
  void forVerification_takesWhatWasSignedAndWhatTheCallerAdds() throws OmsException {
    IgnoreRules rules =
        IgnoreRules.forVerification(
            MODEL,
            FILES.withIgnorePaths(List.of("signed")),
            List.of("mine"),
            "/home",
            Optional.of("/lake/m1/new.sig"));

    assertThat(rules.recorded()).containsExactly("mine", "new.sig", "signed");
    assertThat(rules.ignores(".git")).as("it was not signed as ignored").isFalse();
  }

  @Test
  void forVerification_withoutARecordedList_ignoresGit() throws OmsException {
    Serialization old =
        new Serialization(
            SerializationMethod.FILES, HashAlgorithm.SHA256, false, List.of(), 0, false);

    assertThat(IgnoreRules.forVerification(MODEL, old, List.of(), "/", Optional.empty()).recorded())
        .containsExactly(".git", ".gitattributes", ".github", ".gitignore");
  }

  @Test
  void forVerification_withSignedPathsThatAreNone_ignoresNothingForThem() throws OmsException {
    Serialization signed =
        FILES.withIgnorePaths(List.of("/", ".", "..", "../x", "/lake/m1/a", "a/..", "ok/", "./b"));

    assertThat(
            IgnoreRules.forVerification(MODEL, signed, List.of(), "/", Optional.empty()).recorded())
        .containsExactly("b", "ok");
  }

  private static IgnoreRules signing(String model, String workingDirectory, String... paths)
      throws OmsException {
    return IgnoreRules.forSigning(model, List.of(paths), workingDirectory, false, Optional.empty());
  }
}
