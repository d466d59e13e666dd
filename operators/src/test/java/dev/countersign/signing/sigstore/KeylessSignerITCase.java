package dev.countersign.signing.sigstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.ManualClock;
import dev.countersign.signing.Signatory;
import dev.countersign.signing.SignedBundle;
import dev.countersign.signing.SigningException;
import dev.countersign.signing.SigstoreSigningSettings;
import dev.countersign.trust.CertificateForge;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Signatures whose services answer when the certificate, valid for ten minutes, has ended. */
@Timeout(120)
final class KeylessSignerITCase {

  private final ManualClock clock = new ManualClock(CertificateForge.NOW);
  private final List<Signatory> chosen = new ArrayList<>();
  private LoopbackInstance instance;

  /** How long each timestamp takes; the last one from then on. */
  private final List<Duration> delays = new ArrayList<>();

  @BeforeEach
  void start() throws IOException {
    instance = new LoopbackInstance(clock);
    instance.onTimestamp =
        () -> {
          if (!delays.isEmpty()) {
            clock.pass(delays.size() > 1 ? delays.remove(0) : delays.get(0));
          }
        };
  }

  @AfterEach
  void stop() {
    instance.close();
  }

  /** At its end, no signature goes on with a certificate. */
  @ParameterizedTest
  @ValueSource(longs = {570, 700})
  void sign_withATimestampThatComesTooLate_beginsAgainAndIsLoggedOnce(long seconds)
      throws Exception {
    delays.addAll(List.of(Duration.ofSeconds(seconds), Duration.ofSeconds(1)));

    SignedBundle signed = sign();

    assertThat(instance.fulcio.requests()).hasSize(2);
    assertThat(instance.timestamps.requests()).hasSize(2);
    assertThat(instance.log.requests()).hasSize(1);
    assertThat(chosen).hasSize(2).doesNotHaveDuplicates();
    assertThat(signed.verified().orElseThrow().certificate())
        .isEqualTo(chosen.get(1).certificate().orElseThrow())
        .isNotEqualTo(chosen.get(0).certificate().orElseThrow());
  }

  /** The wait is over and nothing was recorded: the next certificate needs no such wait. */
  @Test
  void sign_withALogThatIsWaitedForTooLong_recordsASignatureOfTheNextCertificateOnly()
      throws Exception {
    instance.postponed = Duration.ofSeconds(570);

    SignedBundle signed = sign();

    assertThat(instance.fulcio.requests()).hasSize(2);
    assertThat(instance.log.requests()).hasSize(2);
    assertThat(instance.recorded).containsExactly(signed.verified().orElseThrow().certificate());
    assertThat(instance.recorded).containsExactly(chosen.get(1).certificate().orElseThrow());
  }

  @Test
  void sign_withTimestampsThatAllComeTooLate_failsUnlogged() {
    delays.add(Duration.ofSeconds(570));

    assertThatThrownBy(this::sign)
        .isInstanceOf(SigningException.class)
        .hasMessageStartingWith(
            "The services' answers came too late. Less than a tenth of the time of the signer's"
                + " certificate was left before the log was asked. Set the clock");
    assertThat(instance.timestamps.requests()).hasSize(2);
    assertThat(instance.log.requests()).isEmpty();
  }

  @Test
  void sign_withAnAuthorityThatEndsMeanwhile_failsUnloggedAndNamesIt() {
    Instant end = clock.instant().plusSeconds(300);
    instance.forge.intermediate =
        CertificateForge.ca("CN=Fulcio")
            .extendedKeyUsage(false, KeyPurposeId.id_kp_codeSigning)
            .validity(clock.instant(), end)
            .signedBy(instance.forge.root)
            .issue();
    delays.add(Duration.ofSeconds(301));

    assertThatThrownBy(this::sign)
        .isInstanceOf(SigningException.class)
        .hasMessageStartingWith(
            "The services' answers came too late. The model was signed at "
                + end.plusSeconds(1)
                + ", and its authority's certificate is valid from "
                + CertificateForge.NOW
                + " to "
                + end
                + " only. Set the clock");
    assertThat(instance.timestamps.requests()).hasSize(1);
    assertThat(instance.log.requests()).isEmpty();
  }

  private SignedBundle sign() throws Exception {
    SigstoreSigningSettings settings = instance.settings();
    String token = instance.token();
    try (KeylessSigner signer =
        new KeylessSigner(
            new RunSigning(settings, "run", clock, name -> token), settings.limits())) {
      return signer.sign(LoopbackInstance.PAYLOAD, chosen::add);
    }
  }
}
