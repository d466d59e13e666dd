package dev.countersign.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.metrics.LatencyHistogram;
import dev.countersign.metrics.SigningMetrics;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.VerificationMaterial;
import dev.countersign.outcome.FaultSettings;
import dev.countersign.signing.Signer;
import dev.countersign.signing.StampedSigner;
import dev.countersign.signing.TimestampSettings;
import dev.countersign.source.planning.ExistingBundle;
import dev.countersign.trust.CertificateForge;
import dev.countersign.trust.ChainException;
import dev.countersign.verification.BundleVerifier;
import java.net.URI;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Signers that are opened and cannot be used after all. */
final class ModelSigningTest {

  /** As a key in a token does, which has sessions open until it is closed. */
  private static final class FakeSigner implements Signer {
    private final Optional<X509Certificate> certificate;
    private boolean closed;

    FakeSigner(@Nullable X509Certificate certificate) {
      this.certificate = Optional.ofNullable(certificate);
    }

    @Override
    public byte[] sign(byte[] pae) {
      throw new UnsupportedOperationException();
    }

    @Override
    public BundleVerifier ownVerifier(OmsBounds bounds) {
      throw new IllegalStateException("no verifier");
    }

    @Override
    public VerificationMaterial material() {
      throw new UnsupportedOperationException();
    }

    @Override
    public String identity() {
      return "fake";
    }

    @Override
    public Optional<X509Certificate> certificate() {
      return certificate;
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  @Test
  void signer_whoseCertificateIsRefused_isClosed() {
    FakeSigner signer =
        new FakeSigner(CertificateForge.timestampAuthority("CN=Authority").issue().certificate());

    assertThatThrownBy(() -> ModelSigning.usable(signer, null)).isInstanceOf(ChainException.class);

    assertThat(signer.closed).isTrue();
  }

  @Test
  void signer_whoseTimestampAuthorityCannotBeUsed_isClosed() {
    FakeSigner signer = new FakeSigner(null);
    TimestampSettings authority =
        new TimestampSettings(URI.create("ftp://authority"), Duration.ofSeconds(1));

    assertThatThrownBy(() -> ModelSigning.usable(signer, authority))
        .isInstanceOf(IllegalArgumentException.class);

    assertThat(signer.closed).isTrue();
  }

  @Test
  void signer_whoseBundlesCannotBeWritten_isClosed() {
    FakeSigner signer = new FakeSigner(null);

    assertThatThrownBy(
            () ->
                new ModelSigning(
                    "run",
                    StageHarness.signing(Path.of("test.key"), ExistingBundle.REPLACE, null),
                    new StampedSigner(signer, Optional.empty()),
                    new SigningMetrics(new LatencyHistogram(), new LatencyHistogram()),
                    new Retries(FaultSettings.defaults(), Duration.ofSeconds(1))))
        .hasMessage("no verifier");

    assertThat(signer.closed).isTrue();
  }
}
