package dev.countersign.policy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.keys.CertificateFile;
import dev.countersign.keys.KeyPairFiles;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.verification.CertificateTime;
import dev.countersign.verification.PolicyAcceptance;
import dev.countersign.verification.PolicyAcceptance.NameRule;
import dev.countersign.verification.PolicyRule;
import dev.countersign.verification.PolicySettings;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PolicyFileTest {

  private static final String FINGERPRINT = "ab".repeat(32);

  @TempDir Path folder;

  @Test
  void policy_withEveryKey_isReadAsItStands() throws Exception {
    PolicySettings policy = parse(resource("good/every-key.yaml"));

    PolicyRule released = policy.rules().get(0);
    PolicyAcceptance accepted = released.accepted();
    PolicyAcceptance.Certified certified = accepted.certificates().get(0);
    assertThat(policy.deniedFingerprints()).containsExactly(FINGERPRINT, FINGERPRINT);
    assertThat(policy.rules())
        .extracting(PolicyRule::name)
        .containsExactly("released models", "quarantine", "sandbox");
    assertThat(released.line()).isEqualTo(4);
    assertThat(released.models()).containsExactly("/lake/released/.*", "\\Q/lake/v1.0\\E");
    assertThat(released.allowsUnsigned()).isTrue();
    assertThat(released.allowsPreviousDigests()).isTrue();
    assertThat(released.allowsFirstSignature()).isTrue();
    assertThat(released.denied()).isFalse();
    assertThat(released.deniedFingerprints()).containsExactly(FINGERPRINT);
    assertThat(accepted.keys())
        .extracting(PolicyAcceptance.Key::source)
        .containsExactly("release.pub", "next.pub");
    assertThat(accepted.hashes()).containsExactly(HashAlgorithm.SHA256, HashAlgorithm.BLAKE3);
    assertThat(certified.sources()).containsExactly("root.pem", "other.pem");
    assertThat(certified.trust().anchors()).hasSize(2);
    assertThat(certified.trust().anchorsOfJdk()).isFalse();
    assertThat(certified.trust().timestampAnchors()).hasSize(1);
    assertThat(certified.trust().revocationLists()).hasSize(1);
    assertThat(certified.trust().time()).isEqualTo(CertificateTime.NOT_BEFORE);
    assertThat(certified.subjects())
        .containsExactly(new NameRule("CN=Release Team,O=Example", false));
    assertThat(certified.alternativeNames())
        .containsExactly(
            new NameRule("email:release@example.org", false),
            new NameRule("email:.*@example\\.org", true));
    assertThat(certified.issuers()).containsExactly(new NameRule("CN=.*", true));
    assertThat(accepted.certificates().get(1).isOfAnybody()).isTrue();
    assertThat(accepted.identities()).hasSize(2);
    assertThat(policy.rules().get(1).denied()).isTrue();
    assertThat(policy.rules().get(2).allowsUnsigned()).isTrue();
    assertThat(policy.rules().get(2).allowsFirstSignature()).isFalse();
    assertThat(policy.rules().get(2).accepted().isOfNobody()).isTrue();
  }

  @Test
  void policy_withARevocationListThatItsAuthorityDidNotSign_isRefused() {
    String policy =
        """
        version: 1
        rules:
        - name: a
          models: .*
          accept:
            certificates:
              authorities: root.pem
              revocation-lists: [good.crl, forged.crl]
        """;

    assertThatThrownBy(() -> parse(policy.getBytes(UTF_8)))
        .isInstanceOf(PolicyException.class)
        .hasMessageContaining("line 8, rule 'a': Cannot use forged.crl as a revocation list: it is")
        .hasMessageContaining("not signed with the key of CN=Root");
  }

  @Test
  void policy_shippedInAJob_staysWhatItIs() throws Exception {
    PolicySettings policy = parse(resource("good/single-values.yaml"));

    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(policy);
    }
    Object back;
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      back = in.readObject();
    }

    assertThat(back).isInstanceOf(PolicySettings.class);
    assertThat(((PolicySettings) back).rules().get(0)).isEqualTo(policy.rules().get(0));
  }

  @ParameterizedTest
  @CsvSource({
    "bad/nothing, 'line 1: a policy must have lines of the form ''key: value'', with the keys"
        + " version, rules, deny-fingerprints, sigstore-trusted-root.'",
    "bad/version-2, 'line 1: version must be 1, the one that this program knows.'",
    "bad/empty-rules, 'line 2: rules is an empty list. Fill it, or take it out.'",
    "bad/rule-that-says-nothing, 'line 3, rule ''a'': It says nothing of its models. Give it"
        + " accept, ''unsigned: allow'' or ''deny: all''.'",
    "bad/rule-with-an-unknown-key, 'line 5: ''accepts'' is not a key of a rule. Known keys are"
        + " name, models, accept, unsigned, deny, deny-fingerprints, trust-previous-digests,"
        + " sign-unsigned.'",
    "bad/name-that-is-a-number, 'line 3: name must be a string, and ''2026'' is not one in YAML."
        + " Put it in quotes.'",
    "bad/deny-with-accept, 'line 5, rule ''a'': deny does not go with accept or unsigned.'",
    "bad/accept-nobody, 'line 5, rule ''a'': accept is empty. Add keys, certificates or sigstore.'",
    "bad/previous-digests-yes, 'line 6, rule ''a'': trust-previous-digests must be true or false.'",
    "bad/sign-unsigned-without-unsigned, 'line 6, rule ''a'': sign-unsigned needs ''unsigned:"
        + " allow'': without it a model without a bundle is denied.'",
    "bad/sign-unsigned-deny, 'line 6, rule ''a'': sign-unsigned can be ''allow'', or be left out.'",
    "bad/unsigned-true, 'line 5, rule ''a'': unsigned must be a string, and ''true'' is not one'",
    "bad/fingerprint-of-another-length, 'line 6, rule ''a'': ''abcd'' is not a fingerprint.'",
    "bad/alternative-name-without-its-kind, 'line 7, rule ''a'': alternative-name is"
        + " ''me@example.org'', which does not say what kind of name that is. Begin it with email:,"
        + " dns: or uri:, as in ''email:me@example.org''.'",
    "bad/alternative-pattern-without-its-kind, 'line 7, rule ''a'': alternative-name is"
        + " ''.*[.]example[.]org'', which does not say what kind of name that is.'",
    "bad-for-the-reader-alone/alternative-pattern-that-is-none-without-its-kind, 'line 7, rule"
        + " ''a'': The pattern ''*x'' cannot be used: '",
    "bad/certificate-time-yesterday, 'line 5, rule ''a'': certificate-time must be now,"
        + " not-before,'",
    "bad-for-the-reader-alone/duplicate-key, 'It has the key ''models'' twice, again at"
        + " line 5. Keep one.'",
    "bad-for-the-reader-alone/duplicate-name, 'line 4, rule ''a'': The rule at line 3 has the same"
        + " name.'",
    "bad-for-the-reader-alone/pattern-with-looking-around, 'line 4, rule ''a'': The pattern"
        + " ''(?!b).*'' cannot be used: '",
    "bad-for-the-reader-alone/subject-that-is-no-name, 'line 5, rule ''a'': subject is ''Release"
        + " Team'', which is not a name such as'",
    "bad-for-the-reader-alone/key-that-is-no-pem, 'line 5, rule ''a'': Cannot use the value at line"
        + " 5 as a public key: '",
    "bad-for-the-reader-alone/alias, 'It has an anchor or an alias (& or *) at line 3.'",
  })
  void policy_thatIsWrong_isRefusedWithLineRuleAndRemedy(String name, String message) {
    assertThatThrownBy(() -> parse(resource(name + ".yaml")))
        .isInstanceOf(PolicyException.class)
        .hasMessageStartingWith(
            "The policy p.yaml" + (message.startsWith("line ") ? ", " : ": ") + message);
  }

  @Test
  void files_ofAPolicy_areRelativeToItsFolder() throws Exception {
    Files.createDirectories(folder.resolve("policies/keys"));
    Files.writeString(folder.resolve("policies/keys/release.pub"), TestSources.KEY);
    Files.writeString(
        folder.resolve("policies/root.pem"),
        CertificateFile.pem(List.of(TestSources.AUTHORITY.certificate())));
    Files.writeString(
        folder.resolve("policies/p.yaml"),
        "version: 1\nrules:\n  - name: a\n    models: .*\n    accept:\n"
            + "      keys: [keys/release.pub, ./keys/../keys/release.pub, '"
            + folder.resolve("policies/keys/release.pub")
            + "']\n      certificates:\n        - authorities: root.pem\n");

    PolicyAcceptance accepted =
        PolicyFile.load("policies/p.yaml", folder).rules().get(0).accepted();

    assertThat(accepted.keys())
        .hasSize(3)
        .allMatch(key -> key.pem().equals(TestSources.KEY))
        .extracting(PolicyAcceptance.Key::source)
        .first()
        .isEqualTo("keys/release.pub");
    assertThat(accepted.certificates().get(0).trust().anchors().get(0))
        .isEqualTo(TestSources.AUTHORITY.certificate().getEncoded());
  }

  @Test
  void policy_namedByAUri_isReadWithItsFilesThroughTheStore() throws Exception {
    Files.createDirectories(folder.resolve("policies/keys"));
    Files.writeString(folder.resolve("policies/keys/release.pub"), TestSources.KEY);
    Files.writeString(
        folder.resolve("policies/p.yaml"),
        "version: 1\nrules:\n  - name: a\n    models: .*\n    accept:\n"
            + "      keys: [keys/release.pub, 'file://"
            + folder.resolve("policies/keys/release.pub")
            + "']\n");
    Files.write(folder.resolve("large.yaml"), new byte[(1 << 20) + 1]);

    PolicyAcceptance accepted =
        PolicyFile.load("file://" + folder + "/policies/p.yaml", Path.of(""))
            .rules()
            .get(0)
            .accepted();

    assertThat(accepted.keys()).hasSize(2).allMatch(key -> key.pem().equals(TestSources.KEY));
    assertThatThrownBy(() -> PolicyFile.load("file://" + folder + "/none.yaml", Path.of("")))
        .isInstanceOf(PolicyException.class)
        .hasMessageStartingWith("The policy file://" + folder + "/none.yaml: ")
        .hasMessageContaining("There is nothing at ");
    assertThatThrownBy(() -> PolicyFile.load("file://" + folder + "/large.yaml", Path.of("")))
        .hasMessageEndingWith("large.yaml is larger than 1 MiB, the limit. Check its name.");
    assertThatThrownBy(() -> PolicyFile.load("http://127.0.0.1:1/p.yaml", Path.of("")))
        .hasMessageContaining("no file system is set up for the scheme http.");
  }

  @Test
  void files_ofAPolicyInAStore_areNoPathsOnOneMachine() {
    FileSources sources = new FileSources("hdfs://namenode/policies", false);

    assertThatThrownBy(() -> sources.key("/etc/release.pub"))
        .hasMessage(
            "/etc/release.pub is a path on one machine, and the policy is in"
                + " hdfs://namenode/policies. Name it relative to the policy's folder, or by a"
                + " URI.");
    assertThatThrownBy(
            () -> new FileSources("/policies", false).revocationList("http://127.0.0.1:1/x"))
        .hasMessageContaining("no file system is set up for the scheme http.");
  }

  @Test
  void keysAndCertificates_inThePolicyItself_areTaken() throws Exception {
    String policy =
        "version: 1\nrules:\n  - name: a\n    models: .*\n    accept:\n      keys:\n"
            + "        - |\n"
            + TestSources.KEY.indent(10)
            + "      certificates:\n        - authorities: |\n"
            + CertificateFile.pem(List.of(TestSources.AUTHORITY.certificate())).indent(14);

    PolicyAcceptance accepted = parse(policy.getBytes(UTF_8)).rules().get(0).accepted();

    assertThat(accepted.keys())
        .containsExactly(new PolicyAcceptance.Key("the value at line 7", TestSources.KEY));
    assertThat(accepted.certificates().get(0).sources())
        .allMatch(source -> source.startsWith("the value at line "));
  }

  @Test
  void file_thatCannotBeUsed_isNamedWithItsLineRuleAndThePolicysWords() throws Exception {
    Files.write(
        folder.resolve("private.key"),
        KeyPairFiles.privatePem(KeyPairFiles.generate("P-256").getPrivate(), Optional.empty()));
    Files.writeString(folder.resolve("release.pub"), TestSources.KEY);

    assertThatThrownBy(() -> loadAccepting("keys: none.pub"))
        .isInstanceOf(PolicyException.class)
        .hasMessageStartingWith("The policy p.yaml, line 5, rule 'a': Cannot use ")
        .hasMessageContaining("none.pub as a public key: it does not exist on this machine. ")
        .hasMessageNotContaining("'public-key'");
    assertThatThrownBy(() -> loadAccepting("keys: private.key"))
        .hasMessageContaining(
            "it holds a private key. This file is for 'private-key', which signs.");
    assertThatThrownBy(() -> loadAccepting("certificates: [{authorities: release.pub}]"))
        .hasMessageContaining("it holds a bare public key. Give certificates to authorities in");
    assertThatThrownBy(
            () ->
                loadAccepting(
                    "certificates: [{authorities: release.pub, revocation-lists: none.crl}]"))
        .hasMessageContaining("rule 'a': Cannot use ");
    assertThatThrownBy(() -> loadAccepting("keys: \"a\\0b\""))
        .hasMessageContaining("'a\\u0000b' is not a valid path on this machine.");
  }

  @Test
  void policy_thatCannotBeRead_isRefused() {
    assertThatThrownBy(() -> PolicyFile.load("none.yaml", folder))
        .isInstanceOf(PolicyException.class)
        .hasMessage("The policy none.yaml: It does not exist. Check its name.");
    assertThatThrownBy(() -> PolicyFile.load("a\0b", folder))
        .hasMessage("The policy a\\u0000b: That is not a valid path on this machine. Check it.");
    assertThatThrownBy(() -> PolicyFile.load(".", folder)).hasMessageContaining("cannot be read");
  }

  @Test
  void rules_beyondTheirNumber_areRefused() {
    StringBuilder policy = new StringBuilder("version: 1\nrules:\n");
    for (int i = 0; i <= 1_000; i++) {
      policy.append("  - {name: r").append(i).append(", models: b, unsigned: allow}\n");
    }

    assertThatThrownBy(() -> parse(policy.toString().getBytes(UTF_8)))
        .hasMessage("The policy p.yaml, line 3: rules has 1,001 elements, and the limit is 1,000.");
  }

  private PolicySettings loadAccepting(String accept) throws IOException, PolicyException {
    Files.writeString(
        folder.resolve("p.yaml"),
        "version: 1\nrules:\n  - name: a\n    models: .*\n    accept: {" + accept + "}\n");
    return PolicyFile.load("p.yaml", folder);
  }

  private static PolicySettings parse(byte[] yaml) throws PolicyException {
    return PolicyFile.parse("p.yaml", yaml, new TestSources());
  }

  private static byte[] resource(String name) throws IOException {
    try (var in =
        Objects.requireNonNull(PolicyFileTest.class.getResourceAsStream("/policies/" + name))) {
      return in.readAllBytes();
    }
  }
}
