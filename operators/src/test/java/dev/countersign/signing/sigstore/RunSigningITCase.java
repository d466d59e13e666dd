package dev.countersign.signing.sigstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.ManualClock;
import dev.countersign.oms.BundleJson;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.OmsException;
import dev.countersign.remedy.Remedy;
import dev.countersign.signing.SignedBundle;
import dev.countersign.signing.SigningLimits;
import dev.countersign.signing.SigstoreSigningSettings;
import dev.countersign.trust.CertificateForge;
import dev.countersign.trust.SigstoreInstance;
import dev.countersign.trust.SigstoreSource;
import dev.countersign.trust.TrustException;
import dev.countersign.verification.BundleVerifier;
import dev.countersign.verification.CertifiedSigner;
import dev.countersign.verification.SigstoreSignatures;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Signatures of a watch whose instance is replaced by another. */
@Timeout(120)
final class RunSigningITCase {

  private static final OmsBounds BOUNDS = OmsBounds.defaults();

  /** What {@link Files} describe; null if they cannot be read. */
  private static final AtomicReference<@Nullable SigstoreInstance> CONTENT =
      new AtomicReference<>();

  private static final SigstoreSource FILES = new Files();

  private final ManualClock clock = new ManualClock(CertificateForge.NOW);
  private LoopbackInstance before;
  private LoopbackInstance after;

  @BeforeEach
  void start() throws IOException {
    before = new LoopbackInstance(clock);
    after = new LoopbackInstance(clock);
    CONTENT.set(before.described());
  }

  @AfterEach
  void stop() {
    before.close();
    after.close();
  }

  @Test
  void sign_afterTheInstanceWasReplaced_usesItsServicesAndRoot() throws Exception {
    RunSigning run = watching(before);
    try (KeylessSigner signer = signer(run)) {
      SignedBundle first = sign(signer);
      CONTENT.set(after.described());
      run.reread(FILES);
      SignedBundle second = sign(signer);
      CertifiedSigner underItsRoot =
          SigstoreSignatures.of(after.described(), clock).check(second.bundle());

      assertThat(underItsRoot.certificate()).isEqualTo(certificate(second));
      assertThat(before.recorded).containsExactly(certificate(first));
      assertThat(after.recorded).containsExactly(certificate(second));
      assertThat(before.fulcio.requests()).hasSize(1);
      assertThat(after.fulcio.requests()).hasSize(1);
    }
  }

  /** The description that was shipped with the job may be older than a failover. */
  @Test
  void sign_whereTheInstanceWasReplacedBeforeTheProcessBegan_usesTheNewOneAlone() throws Exception {
    CONTENT.set(after.described());
    before.close();

    try (KeylessSigner signer = signer(watching(before))) {
      X509Certificate signed = certificate(sign(signer));

      assertThat(after.recorded).containsExactly(signed);
    }
    assertThat(before.fulcio.requests()).isEmpty();
  }

  @Test
  void signature_inProgressWhenTheInstanceIsReplaced_endsWithTheOneBefore() throws Exception {
    RunSigning run = watching(before);
    before.onTimestamp =
        () -> {
          CONTENT.set(after.described());
          run.reread(FILES);
        };
    try (KeylessSigner signer = signer(run)) {
      SignedBundle signed = sign(signer);

      assertThat(before.recorded).containsExactly(certificate(signed));
      assertThat(after.recorded).isEmpty();
      X509Certificate next = certificate(sign(signer));
      assertThat(after.recorded).containsExactly(next);
    }
  }

  @Test
  void sign_whileTheInstanceCannotBeReadOrIssuesNoCertificate_usesTheOneBefore() throws Exception {
    RunSigning run = watching(before);
    try (KeylessSigner signer = signer(run)) {
      CONTENT.set(null);
      run.reread(FILES);
      SignedBundle unread = sign(signer);
      after.fulcio.close();
      CONTENT.set(after.described());
      run.reread(FILES);
      SignedBundle uncertified = sign(signer);

      assertThat(before.recorded).containsExactly(certificate(unread), certificate(uncertified));
    }
  }

  /** A bundle of this run counts as its own after the run went on under another root. */
  @Test
  void ownVerifier_afterTheInstanceWasReplaced_knowsBundlesOfTheNewOne() throws Exception {
    RunSigning run = watching(before);
    try (KeylessSigner signer = signer(run)) {
      BundleVerifier own = signer.ownVerifier(BOUNDS);
      CONTENT.set(after.described());
      run.reread(FILES);

      byte[] bundle = BundleJson.write(sign(signer).bundle());

      // The signature counts, so that the payload is looked at, which is no statement.
      assertThatThrownBy(() -> own.verify(bundle)).isInstanceOf(OmsException.class);
    }
  }

  private RunSigning watching(LoopbackInstance atStart) throws Exception {
    SigstoreSigningSettings settings = atStart.settings().readAgain(FILES);
    String token = atStart.token();
    return new RunSigning(settings, "run", clock, name -> token);
  }

  private static KeylessSigner signer(RunSigning run) throws Exception {
    run.requireCertificate();
    return new KeylessSigner(run, SigningLimits.DEFAULT);
  }

  private static SignedBundle sign(KeylessSigner signer) throws Exception {
    return signer.sign(LoopbackInstance.PAYLOAD, signatory -> {});
  }

  private static X509Certificate certificate(SignedBundle signed) {
    return signed.verified().orElseThrow().certificate();
  }

  private record Files() implements SigstoreSource {

    @Override
    public SigstoreInstance read() throws TrustException {
      SigstoreInstance now = CONTENT.get();
      if (now == null) {
        throw new TrustException("It is damaged.", Remedy.NONE);
      }
      return now;
    }

    @Override
    public Object identity() {
      return "files";
    }
  }
}
