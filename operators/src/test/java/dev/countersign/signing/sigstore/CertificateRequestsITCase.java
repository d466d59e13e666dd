package dev.countersign.signing.sigstore;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.http.HttpCalls;
import dev.countersign.http.HttpSettings;
import dev.countersign.oms.LogEntry;
import dev.countersign.oms.SignedTimestamp;
import dev.countersign.signing.IdentityTokenSource;
import dev.countersign.signing.SigningException;
import dev.countersign.signing.SigstoreSigningSettings.ExpectedIdentity;
import dev.countersign.trust.CertificateForge;
import dev.countersign.trust.ValidatedChain;
import dev.countersign.trust.VerifiedTimestamp;
import dev.countersign.verification.SigstoreEvidence;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Requests for certificates with tokens that an authority refuses. */
@Timeout(120)
final class CertificateRequestsITCase {

  private static final Instant NOW = CertificateForge.NOW;

  @TempDir Path folder;

  private final HttpCalls http =
      new HttpCalls(new HttpSettings(Duration.ofSeconds(20)), RekorEntries.MAX_ANSWER_BYTES);

  @AfterEach
  void close() {
    http.close();
  }

  @Test
  void token_thatWasRefused_isSentAgainOnlyIfItChangedOrNoCertificateIsLeft() throws Exception {
    Path token = folder.resolve("token");
    Files.writeString(token, TokenForge.expiring(NOW.plusSeconds(60)));
    try (LoopbackService fulcio =
        new LoopbackService(
            exchange -> LoopbackService.reply(exchange, 400, "no".getBytes(UTF_8)))) {
      CertificateRequests requests =
          new CertificateRequests(
              new IdentityTokens(new IdentityTokenSource(token.toString(), ""), name -> null, http),
              new FulcioClient(fulcio.url(), http),
              new Unused(),
              ExpectedIdentity.ANY,
              new AtomicReference<>(),
              Clock.fixed(NOW, ZoneOffset.UTC));

      assertRefused(requests, true);
      assertRefused(requests, false);
      assertRefused(requests, false);
      assertThat(fulcio.requests()).hasSize(1);

      Files.writeString(token, TokenForge.expiring(NOW.plusSeconds(120)));
      assertRefused(requests, false);
      assertRefused(requests, false);
      assertThat(fulcio.requests()).hasSize(2);

      assertRefused(requests, true);
      assertThat(fulcio.requests()).hasSize(3);
    }
  }

  private static void assertRefused(CertificateRequests requests, boolean insists) {
    assertThatThrownBy(() -> requests.issue(insists))
        .isInstanceOf(SigningException.class)
        .hasMessageContaining("issued no certificate: it answered with HTTP status 400: no.");
  }

  /** Evidence that no certificate comes to. */
  private static final class Unused implements SigstoreEvidence {
    @Override
    public ValidatedChain requireIssued(X509Certificate certificate) {
      throw new AssertionError();
    }

    @Override
    public void requireAuthority(X509Certificate certificate, ValidatedChain chain, Instant time) {
      throw new AssertionError();
    }

    @Override
    public Recorded requireRecorded(LogEntry entry) {
      throw new AssertionError();
    }

    @Override
    public VerifiedTimestamp requireTimestamp(SignedTimestamp timestamp, byte[] signature) {
      throw new AssertionError();
    }
  }
}
