package dev.countersign.jobs.cli;

import static dev.countersign.jobs.cli.ProgramRuns.certificateFile;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.ForkedProgram;
import dev.countersign.jobs.cli.ProgramRuns.Ended;
import dev.countersign.jobs.terminal.ExitCode;
import dev.countersign.keys.CertificateFile;
import dev.countersign.keys.KeyFormatException;
import dev.countersign.keys.PassphraseSource;
import dev.countersign.oms.BundleJson;
import dev.countersign.oms.Digest;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.Manifest;
import dev.countersign.oms.Resource;
import dev.countersign.oms.Serialization;
import dev.countersign.oms.ShardAlgorithm;
import dev.countersign.signing.BundleSigner;
import dev.countersign.signing.CertificateSigner;
import dev.countersign.signing.CertificateSigningSettings;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Method certificate from end to end, on the cluster that the program starts in this process. */
final class CertificateRunsITCase {

  private static final String CONTENT = "weights";

  @TempDir Path folder;
  private ProgramRuns program;

  @BeforeEach
  void setUp() {
    program = new ProgramRuns(folder);
  }

  @Test
  void models_signedWithEachKindOfKey_verifyWithTheRootAlone() throws Exception {
    for (String name : List.of("p256", "rsa", "ed25519")) {
      program.file("lake/" + name + "/weights.bin", CONTENT);
      Ended signed = sign(name, "lake/" + name);
      assertThat(signed.code()).as(signed.err()).isEqualTo(ExitCode.OK);
    }
    program.file("lake/store/weights.bin", CONTENT);

    Ended store =
        program.run(
            "sign",
            "certificate",
            "--private-key",
            certificateFile("test-only-store.p12"),
            "--password-file",
            certificateFile("store.passphrase"),
            "lake/store");
    Ended verified = verify("--log-fingerprints", "lake/*");
    Ended json = verify("--output", "json", "lake/rsa");
    Ended again =
        program.run(
            "sign",
            "certificate",
            "--private-key",
            certificateFile("test-only-store.p12"),
            "--password-file",
            certificateFile("store.passphrase"),
            "--skip-signed",
            "lake/store");

    assertThat(store.code()).as(store.err()).isEqualTo(ExitCode.OK);
    assertThat(verified.code()).as(verified.err()).isEqualTo(ExitCode.OK);
    assertThat(verified.outLines())
        .containsExactlyInAnyOrder(
            "VERIFIED lake/p256  (signed by CN=Signer p256,O=Test only)",
            "VERIFIED lake/rsa  (signed by CN=Signer rsa,O=Test only)",
            "VERIFIED lake/ed25519  (signed by CN=Signer ed25519,O=Test only)",
            "VERIFIED lake/store  (signed by CN=Signer p256,O=Test only)");
    assertThat(verified.err()).contains("Trusted certificate: sha256 ", "anchor   ");
    assertThat(json.out())
        .contains(
            "\"signatureMethod\":\"certificate\"",
            "\"subject\":\"CN=Signer rsa,O=Test only\"",
            "\"issuer\":\"CN=Intermediate,O=Test only\"",
            "\"alternativeNames\":[\"rsa@example.org\"]",
            "\"keyAlgorithm\":\"RSA 2048\"",
            "\"trustAnchor\":\"CN=Root,O=Test only\"",
            "\"timestamp\":null",
            "\"weakened\":[]");
    assertThat(again.code()).as(again.err()).isEqualTo(ExitCode.OK);
    assertThat(again.out()).contains("SKIPPED  lake/store");
  }

  @Test
  void models_thatNobodyShouldTrust_failWithTheirReasons() throws Exception {
    signAnyway("expired");
    signAnyway("revoked");
    signAnyway("encipherment");
    signAnyway("p256");
    program.keyPair("release");
    program.file("lake/bare/weights.bin", CONTENT);
    program.run("sign", "key", "--private-key", "release.key", "lake/bare");

    Ended verified = verify("--crl", certificateFile("intermediate.crl"), "lake/*");
    Ended ofAnotherRoot =
        program.run(
            "verify",
            "certificate",
            "--certificate-chain",
            certificateFile("rsa.pem"),
            "lake/p256");
    Ended withKey = program.run("verify", "key", "--public-key", "release.pub", "lake/p256");
    Ended inThePast = verify("--certificate-time", "not-before", "lake/expired");
    Ended before = verify("--certificate-time", "2020-01-01T00:00:00Z", "lake/expired");

    assertThat(verified.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(verified.outLines())
        .containsExactly("VERIFIED lake/p256  (signed by CN=Signer p256,O=Test only)");
    assertThat(verified.err())
        .contains(
            "FAILED   lake/expired  EXPIRED_CERTIFICATE: ",
            "CN=Signer expired,O=Test only expired on ")
        .contains("FAILED   lake/revoked  REVOKED_CERTIFICATE: ")
        .contains("FAILED   lake/encipherment  UNSUITABLE_CERTIFICATE: ")
        .contains("FAILED   lake/bare  METHOD_MISMATCH: ")
        .doesNotContain("Exception");
    assertThat(ofAnotherRoot.err()).contains("FAILED   lake/p256  UNTRUSTED_SIGNER: ");
    assertThat(withKey.err())
        .contains("FAILED   lake/p256  METHOD_MISMATCH: ", "signed with a certificate");
    assertThat(inThePast.outLines())
        .containsExactly(
            "VERIFIED lake/expired  (signed by CN=Signer expired,O=Test only)"
                + "  (weakened by --certificate-time)");
    assertThat(before.err()).contains("FAILED   lake/expired  CERTIFICATE_NOT_YET_VALID: ");
  }

  @Test
  void models_underARevocationListThatItsIssuerDidNotSign_fail() throws Exception {
    program.file("lake/p256/weights.bin", CONTENT);
    Ended signed = sign("p256", "lake/p256");
    byte[] list = pemContent(Files.readString(Path.of(certificateFile("intermediate.crl"))));
    list[list.length - 1] ^= 1;
    Files.write(folder.resolve("forged.crl"), list);

    Ended verified = verify("--crl", "forged.crl", "lake/p256");
    Ended underItsIssuer =
        program.run(
            "verify",
            "certificate",
            "--certificate-chain",
            certificateFile("intermediate.pem"),
            "--crl",
            "forged.crl",
            "lake/p256");

    assertThat(signed.code()).as(signed.err()).isEqualTo(ExitCode.OK);
    assertThat(verified.code()).as(verified.err()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(verified.err())
        .contains(
            "FAILED   lake/p256  REVOCATION_UNKNOWN: ",
            "forged.crl cannot be used: it is not signed with the key of"
                + " CN=Intermediate,O=Test only");
    assertThat(underItsIssuer.code()).isEqualTo(ExitCode.USAGE);
    assertThat(underItsIssuer.err())
        .contains("forged.crl as a revocation list: it is not signed with the key of CN=Interm")
        .hasLineCount(1);
  }

  private static byte[] pemContent(String pem) {
    String base64 = pem.substring(pem.indexOf("CRL-----") + 8, pem.indexOf("-----END"));
    return Base64.getMimeDecoder().decode(base64);
  }

  @Test
  void mistakes_areRefusedBeforeAnythingIsSigned() throws Exception {
    program.file("model/weights.bin", CONTENT);

    Ended expired = sign("expired", "model");
    Ended unsuitable = sign("encipherment", "model");
    Ended ofAnotherKey =
        program.run(
            "sign",
            "certificate",
            "--private-key",
            certificateFile("test-only-rsa.key"),
            "--signing-certificate",
            certificateFile("p256.pem"),
            "model");
    Ended without =
        program.run(
            "sign", "certificate", "--private-key", certificateFile("test-only-rsa.key"), "model");
    Ended noUrl =
        program.run(
            "sign",
            "certificate",
            "--private-key",
            certificateFile("test-only-p256.key"),
            "--signing-certificate",
            certificateFile("p256.pem"),
            "--tsa-url",
            "tsa.example.org",
            "model");
    Ended noTime = verify("--certificate-time", "yesterday", "model");
    Ended noList = verify("--crl", certificateFile("root.pem"), "model");

    for (Ended ended : List.of(expired, unsuitable, ofAnotherKey, without, noUrl, noTime, noList)) {
      assertThat(ended.code()).as(ended.err()).isEqualTo(ExitCode.USAGE);
      assertThat(ended.err()).doesNotContain("Exception").hasLineCount(1);
    }
    assertThat(expired.err())
        .contains("Nobody would accept this signature", "expired on ")
        .contains(" Sign with a certificate that is valid now.")
        .doesNotContain("--tsa-certificate-chain", "--certificate-time");
    assertThat(unsuitable.err()).contains("Nobody would accept this signature");
    assertThat(ofAnotherKey.err()).contains("is not the key of the certificate");
    assertThat(without.err()).contains("comes without a certificate", "--signing-certificate");
    assertThat(noUrl.err()).contains("--tsa-url must be the address of a service");
    assertThat(noTime.err()).contains("--certificate-time is 'yesterday', but must be now,");
    assertThat(noList.err()).contains("root.pem", "revocation list");
    assertThat(folder.resolve("model/model.sig")).doesNotExist();
  }

  @Test
  void models_withoutAChainGiven_areTrustedByTheTrustStoreOfTheJvmAlone() throws Exception {
    program.file("lake/p256/weights.bin", CONTENT);
    Ended signed = sign("p256", "lake/p256");
    Path store = folder.resolve("trusted.p12");
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("root", certificate("root"));
    try (OutputStream out = Files.newOutputStream(store)) {
      trusted.store(out, "test only".toCharArray());
    }

    ForkedProgram verifying =
        ForkedProgram.start(
            folder,
            List.of(
                "-Djavax.net.ssl.trustStore=" + store,
                "-Djavax.net.ssl.trustStorePassword=test only"),
            List.of("verify", "certificate", "lake/p256"));
    int code = verifying.await();
    Ended withoutThatStore = program.run("verify", "certificate", "lake/p256");

    assertThat(signed.code()).as(signed.err()).isEqualTo(ExitCode.OK);
    assertThat(code).as(verifying.err()).isEqualTo(ExitCode.OK);
    assertThat(verifying.out())
        .containsExactly("VERIFIED lake/p256  (signed by CN=Signer p256,O=Test only)");
    assertThat(withoutThatStore.code()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(withoutThatStore.err()).contains("FAILED   lake/p256  UNTRUSTED_SIGNER: ");
  }

  private Ended sign(String name, String model) throws URISyntaxException {
    return program.run(
        "sign",
        "certificate",
        "--private-key",
        certificateFile("test-only-" + name + ".key"),
        "--signing-certificate",
        certificateFile(name + ".pem"),
        "--certificate-chain",
        certificateFile("intermediate.pem"),
        model);
  }

  private Ended verify(String... arguments) throws URISyntaxException {
    List<String> all = new java.util.ArrayList<>();
    all.addAll(
        List.of("verify", "certificate", "--certificate-chain", certificateFile("root.pem")));
    all.addAll(List.of(arguments));
    return program.run(all.toArray(String[]::new));
  }

  /** Signs with what the command line would refuse to sign with. */
  private void signAnyway(String name) throws Exception {
    Path model = program.file("lake/" + name + "/weights.bin", CONTENT).getParent();
    CertificateSigningSettings settings =
        new CertificateSigningSettings(
            certificateFile("test-only-" + name + ".key"),
            PassphraseSource.NONE,
            List.of(certificate(name).getEncoded()),
            List.of(certificate("intermediate").getEncoded()));
    Manifest manifest =
        Manifest.sorted(
            name,
            Serialization.files(HashAlgorithm.SHA256).withIgnorePaths(List.of("model.sig")),
            List.of(Resource.whole("weights.bin", digest())));
    try (BundleSigner signer =
        new BundleSigner(
            CertificateSigner.load(settings), ShardAlgorithm.CLIENT, Optional.empty())) {
      Files.write(model.resolve("model.sig"), BundleJson.write(signer.sign(manifest)));
    }
  }

  private static Digest digest() throws Exception {
    return Digest.of(
        MessageDigest.getInstance("SHA-256").digest(CONTENT.getBytes(StandardCharsets.UTF_8)));
  }

  private static X509Certificate certificate(String name)
      throws KeyFormatException, URISyntaxException, IOException {
    return CertificateFile.load(
            certificateFile(name + ".pem"), CertificateFile.Use.SIGNING_CERTIFICATE)
        .get(0);
  }
}
