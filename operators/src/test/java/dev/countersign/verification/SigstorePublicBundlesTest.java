package dev.countersign.verification;

import static dev.countersign.verification.CertificateBundles.assertRefused;
import static dev.countersign.verification.SigstoreBundles.exactly;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.oms.BundleJson;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.Resource;
import dev.countersign.trust.SigstoreFile;
import dev.countersign.trust.SigstoreInstance;
import dev.countersign.verification.VerificationException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bundles that others signed with public instances, under the trusted roots of those, offline. */
final class SigstorePublicBundlesTest {

  private static final String PUBLIC = "public/trusted_root.json";
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-30T00:00:00Z"), ZoneOffset.UTC);

  @ParameterizedTest
  @CsvSource({"v0.3.1, 2025-05-03T01:10:02Z, 206342049", "v1.1.0, 2025-10-10T02:12:20Z, 598151086"})
  void verify_ofABundleOfTheReferenceClient_tellsTheSigner(String version, Instant time, long index)
      throws Exception {
    VerifiedBundle verified = verifier().verify(bundle("model-signing-" + version + ".sig"));

    assertThat(verified.manifest().resources())
        .extracting(Resource::name)
        .containsExactly("signme-1", "signme-2");
    SigstoreProof proof = verified.certified().flatMap(CertifiedSigner::sigstore).orElseThrow();
    assertThat(proof.logTime()).contains(time);
    assertThat(proof.logIndex()).isEqualTo(index);
  }

  @ParameterizedTest
  @CsvSource({"dsse, public/trusted_root.json", "rekor2-dsse, rekor2/trusted_root.json"})
  void check_ofACaseOfTheConformanceSuite_tellsTheSigner(String name, String root)
      throws Exception {
    assertThat(check(name, root).sigstore().orElseThrow().signer())
        .isEqualTo(
            new SigstoreIdentity(
                "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/"
                    + ".github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main",
                "https://token.actions.githubusercontent.com"));
  }

  @Test
  void check_ofABundleWithAnIdentityOfGoogle_tellsTheSigner() throws Exception {
    CertifiedSigner signer = check("google-rekor2-dsse", PUBLIC);

    assertThat(signer.sigstore())
        .contains(
            new SigstoreProof(
                new SigstoreIdentity(
                    "untrusted-sa@sigstore-conformance.iam.gserviceaccount.com",
                    "https://accounts.google.com"),
                4_855_114,
                Optional.empty()));
    assertThat(signer.checkedAt()).contains(Instant.parse("2026-06-03T19:23:26Z"));
  }

  /** Each client signed the same model, with an instance of its own on loopback. */
  @ParameterizedTest
  @CsvSource({
    "go-rekor1, 1, 2026-11-30T16:54:12Z",
    "python-rekor1, 1, 2026-11-30T13:49:06Z",
    "python-rekor2, 2,"
  })
  void verify_ofABundleOfAnotherClient_tellsTheSigner(String name, long index, Instant time)
      throws Exception {
    BundleVerifier verifier =
        BundleVerifier.of(
            new SigstoreVerificationSettings(
                instance("private/trusted_root.json"),
                List.of(exactly("signer@example.com", "http://127.0.0.1:46439"))),
            OmsBounds.defaults(),
            Clock.fixed(Instant.parse("2026-12-01T00:00:00Z"), ZoneOffset.UTC));

    VerifiedBundle verified = verifier.verify(resource("private/" + name + ".sig"));

    assertThat(verified.manifest().resources())
        .extracting(Resource::name)
        .containsExactly(
            ".hidden/notes.txt",
            "config.json",
            "empty.txt",
            "model.safetensors",
            "tokenizer/merges.txt",
            "tokenizer/vocab.json");
    SigstoreProof proof = verified.certified().flatMap(CertifiedSigner::sigstore).orElseThrow();
    assertThat(proof.logIndex()).isEqualTo(index);
    assertThat(proof.logTime()).isEqualTo(Optional.ofNullable(time));
  }

  @ParameterizedTest
  @CsvSource({
    "dsse-invalid-sig, public, BAD_SIGNATURE",
    "dsse-mismatch-envelope, public, BAD_LOG_ENTRY",
    "dsse-mismatch-sig, public, BAD_LOG_ENTRY",
    "rekor2-dsse-invalid-sig, rekor2, BAD_SIGNATURE",
    "rekor2-dsse-mismatch-envelope, rekor2, BAD_LOG_ENTRY",
    "rekor2-dsse-mismatch-sig, rekor2, BAD_LOG_ENTRY"
  })
  void check_ofACaseOfTheConformanceSuiteThatIsToFail_fails(String name, String root, Kind kind) {
    assertRefused(() -> check(name, root + "/trusted_root.json"), kind, "");
  }

  @Test
  void check_underTheRootOfAnotherInstance_fails() {
    assertRefused(
        () ->
            SigstoreSignatures.of(SigstoreBundles.FORGE.instance(), CLOCK)
                .check(BundleJson.read(bundle("dsse.json"), OmsBounds.defaults())),
        Kind.UNTRUSTED_SIGNER,
        "was not issued by a certificate authority in the trusted root");
  }

  /** A verifier that trusts who signed the bundles of the reference client. */
  static BundleVerifier verifier() throws Exception {
    return BundleVerifier.of(
        new SigstoreVerificationSettings(
            instance(PUBLIC),
            List.of(exactly("stefanb@us.ibm.com", "https://sigstore.verify.ibm.com/oauth2"))),
        OmsBounds.defaults(),
        CLOCK);
  }

  private static CertifiedSigner check(String name, String root) throws Exception {
    return SigstoreSignatures.of(instance(root), CLOCK)
        .check(BundleJson.read(bundle(name + ".json"), OmsBounds.defaults()));
  }

  private static SigstoreInstance instance(String root) throws IOException {
    return new SigstoreInstance(new SigstoreFile(root, resource(root)), null);
  }

  static byte[] bundle(String name) throws IOException {
    return resource("bundles/" + name);
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            SigstorePublicBundlesTest.class.getResourceAsStream("/sigstore/" + name), name)) {
      return in.readAllBytes();
    }
  }
}
