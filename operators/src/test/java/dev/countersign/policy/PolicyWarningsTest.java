package dev.countersign.policy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.keys.KeyHint;
import dev.countersign.keys.PublicKeyFile;
import dev.countersign.policy.PolicyWarnings.Warning;
import dev.countersign.trust.CertificateForge;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PolicyWarningsTest {

  private Instant now = CertificateForge.NOW;

  @Test
  void policy_withNothingOdd_hasNoWarning() throws Exception {
    assertThat(
            texts(
                """
                  - {name: a, models: '/lake/a/.*|/lake/b/', accept: {keys: k}}
                  - {name: b, models: ['/', 'hdfs://nn/.*'], accept: {certificates: {authorities: r}}}
                  - {name: c, models: '.*', deny: all}
                """))
        .isEmpty();
  }

  @Test
  void rule_behindOneThatTakesItsModels_neverDecides() throws Exception {
    assertThat(
            texts(
                """
                  - {name: a, models: '/lake/.*', accept: {keys: k}}
                  - {name: b, models: ['/lake/.*', '/data/.*'], accept: {keys: k}}
                  - {name: c, models: '.*', deny: all}
                  - {name: d, models: '/later/.*', accept: {keys: k}}
                """))
        .containsExactly(
            "b: The pattern /lake/.* never decides: rule 'a' before it has the same.",
            "d: The pattern /later/.* never decides: rule 'c' before it takes every model.");
  }

  @Test
  void pattern_thatNoUriCanMatch_isPointedOut() throws Exception {
    assertThat(
            texts(
                "  - {name: a, models: ['lake/.*', 'file:///lake/.*', '/lake/a/', model], accept:"
                    + " {keys: k}}\n"))
        .hasSize(4)
        .allMatch(text -> text.contains(" matches no model: URIs begin with / or scheme://host/"));
  }

  @Test
  void unsigned_forEverything_isPointedOut() throws Exception {
    assertThat(texts("  - {name: a, models: '.*', unsigned: allow}\n"))
        .containsExactly(
            "a: It lets every model pass without a bundle that no rule before it is for.");
  }

  @Test
  void authority_outOfItsValidity_isPointedOut() throws Exception {
    String rules =
        "  - {name: a, models: /a, accept: {certificates: {authorities: r, timestamp-authorities:"
            + " t}}}\n";
    now = TestSources.END.plusSeconds(1);
    List<String> later = texts(rules);
    now = TestSources.BEGIN.minusSeconds(1);
    List<String> earlier = texts(rules);

    assertThat(later).hasSize(2);
    assertThat(later.get(0)).startsWith("a: The authority CN=Root has expired on 21");
    assertThat(later.get(1)).startsWith("a: The timestamp authority CN=Root has expired on 21");
    assertThat(earlier.get(0)).startsWith("a: The authority CN=Root is not valid before 20");
  }

  @Test
  void rule_thatIsWeakenedOrCannotDecide_isPointedOut() throws Exception {
    String hint = KeyHint.of(PublicKeyFile.read(TestSources.KEY.getBytes(UTF_8), "the test's key"));
    assertThat(
            texts(
                "  - {name: a, models: /a, accept: {keys: k, certificates: {authorities: r,"
                    + " certificate-time: not-before}, sigstore: {identity: i, issuer: j}},"
                    + " deny-fingerprints: '"
                    + hint
                    + "'}\n"))
        .containsExactly(
            "a: It accepts the key k, which deny-fingerprints denies.",
            "a: certificate-time not-before weakens it: who has the key of an expired certificate"
                + " can still sign. Results say so.",
            "a: It accepts identities of Sigstore, and the policy has no sigstore-trusted-root:"
                + " name the instance with 'trusted-root' or 'trust-config'.");
  }

  @Test
  void rule_withIdentitiesOfAnInstanceThatIsNamed_isNothingOdd() throws Exception {
    assertThat(
            texts(
                """
                  - {name: a, models: /a, accept: {sigstore: {identity: i, issuer: j}}}
                sigstore-trusted-root: root.json
                """))
        .isEmpty();
  }

  private List<String> texts(String rules) throws PolicyException {
    byte[] policy = ("version: 1\nrules:\n" + rules).getBytes(UTF_8);
    List<Warning> warnings =
        PolicyWarnings.of(PolicyFile.parse("p.yaml", policy, new TestSources()), now);
    return warnings.stream().map(warning -> warning.rule() + ": " + warning.text()).toList();
  }
}
