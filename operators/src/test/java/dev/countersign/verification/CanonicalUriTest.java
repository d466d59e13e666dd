package dev.countersign.verification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.storage.Storages;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** No spelling of a model's name reaches a rule that another spelling does not. */
final class CanonicalUriTest {

  /** What is strict, and what takes the rest: escaping the first is the attack. */
  private static final PolicyRules RULES =
      PolicyRules.of(
          new PolicySettings(
              List.of(
                  rule(
                      "strict",
                      "/lake/strict/.*",
                      "hdfs://nn/lake/strict/.*",
                      "s3://lake/strict/.*",
                      "s3a://b/strict/.*",
                      "abfs://c@a.blob.x/strict/.*"),
                  rule("lax", ".*")),
              List.of()));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/lake/strict/m",
        "/lake/strict/m/",
        "/lake/strict//m",
        "//lake/strict/m",
        "/lake/./strict/m",
        "/lake/lax/../strict/m",
        "/../lake/strict/m",
        "lake/strict/m",
        "./lake/strict/m/.",
        "file:/lake/strict/m",
        "file:///lake/strict/m",
        "file://localhost/lake/strict/m",
        "FILE:///lake/lax/../strict/m/",
        "/lake/strict/a\nb",
        "/lake/strict/%6d",
        "/lake/strict/a\\b",
        "hdfs://nn/lake/strict/m",
        "hdfs://NN/lake/strict/m",
        "HDFS://nn//lake/strict/m/",
        "hdfs://nn/lake/lax/../strict/m",
        "hdfs://nn./lake/strict/m",
        "hdfs://nn:/lake/strict/m",
        "s3://lake/strict/m",
        "S3A://LAKE/strict/m",
        "s3://b/strict/m",
        "s3a://b/strict/m",
        "abfs://c@a.blob.x/strict/m",
        "abfss://c@A.dfs.x/strict/m",
      })
  void model_spelledInAnotherWay_fallsUnderTheSameRule(String given) throws Exception {
    PolicyRules.Choice choice = RULES.choose(Storages.absolute(given, "/"));

    assertThat(choice.rule().name()).isEqualTo("strict");
  }

  /** Other names, however alike: what is encoded in one stays encoded when it is opened. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/lake/%73trict/m",
        "/lake/strict%2Fm",
        "/lake/%2e%2e/strict/m",
        "/lake/Strict/m",
        "/lake/strict",
        "/lake/stri\u0441t/m",
        "hdfs://nn/lake/%73trict/m",
      })
  void model_ofAnotherName_isAnotherModel(String given) throws Exception {
    String uri = Storages.absolute(given, "/");

    assertThat(uri).isEqualTo(given);
    assertThat(RULES.choose(uri).rule().name()).isEqualTo("lax");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hdfs://somebody@nn/lake/strict/m",
        "hdfs://@nn/lake/strict/m",
        "hdfs://n%6e/lake/strict/m",
        "s3a://key:secret@bucket/m",
        "hdfs://n\nn/lake/strict/m",
      })
  void model_namedInAWayThatStoresPassOver_hasNoRule(String given) {
    assertRefused(Storages.absolute(given, "/"));
  }

  /** Nothing of ours makes such; if something did, it would be denied. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/lake//strict/m",
        "/lake/strict/m/",
        "/lake/../strict/m",
        "lake/strict/m",
        "file:/lake/strict/m",
        "hdfs:/lake/strict/m",
        "HDFS://nn/lake/strict/m",
        "hdfs://nn/lake/strict/./m",
        "",
      })
  void uri_thatIsNotCanonical_hasNoRule(String uri) {
    assertRefused(uri);
  }

  @ParameterizedTest
  @CsvSource({
    "/, /",
    "hdfs://NN.:08020/a, hdfs://nn:8020/a",
    "hdfs://nn, hdfs://nn",
    "hdfs:///a, hdfs:///a",
    "hdfs://[FE80::1]:8020/A, hdfs://[fe80::1]:8020/A",
    "abfss://Models@Account.dfs.core.windows.net/A, abfss://models@account.dfs.core.windows.net/A",
    "abfs://m@a.blob.core.windows.net/A, abfss://m@a.dfs.core.windows.net/A",
    "s3://b/A, s3a://b/A",
  })
  void uri_inItsParts_keepsThePathAndLowersTheHost(String uri, String canonical) throws Exception {
    assertThat(CanonicalUri.of(uri)).startsWith(canonical);
  }

  @Test
  void refusal_ofAHostileName_isPrintable() {
    assertThatThrownBy(() -> CanonicalUri.of("/a//\u001b[2J"))
        .hasMessage(
            "No policy rule can match /a//\\u001b[2J: it is not in its normal form. Name"
                + " the model by its plain path, or as scheme://host/path.");
  }

  private static void assertRefused(String uri) {
    assertThatThrownBy(() -> RULES.choose(uri))
        .isInstanceOfSatisfying(
            VerificationException.class,
            e -> assertThat(e.kind()).isEqualTo(VerificationException.Kind.NO_POLICY_RULE));
  }

  private static PolicyRule rule(String name, String... models) {
    return new PolicyRule(
        name, 1, List.of(models), false, true, PolicyAcceptance.NOBODY, List.of(), false, false);
  }
}
