package dev.countersign.verification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.oms.Bundle;
import dev.countersign.oms.BundleJson;
import dev.countersign.oms.Digest;
import dev.countersign.oms.Envelope;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.Manifest;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.OmsException;
import dev.countersign.oms.Resource;
import dev.countersign.oms.Serialization;
import dev.countersign.oms.ShardAlgorithm;
import dev.countersign.oms.SignedTimestamp;
import dev.countersign.oms.Statement;
import dev.countersign.oms.VerificationMaterial;
import dev.countersign.trust.CertificateForge;
import dev.countersign.trust.CertificateForge.Issued;
import dev.countersign.trust.TimestampForge;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Signers with certificates, an authority for timestamps, and what they sign. */
final class CertificateBundles {

  static final OmsBounds BOUNDS = OmsBounds.defaults();
  static final Instant NOW = CertificateForge.NOW;
  static final Duration DAY = Duration.ofDays(1);

  static final Issued ROOT = CertificateForge.ca("CN=Root").issue();
  static final Issued INTERMEDIATE = CertificateForge.ca("CN=Intermediate").signedBy(ROOT).issue();
  static final Issued SIGNER =
      CertificateForge.leaf("CN=Signer")
          .signedBy(INTERMEDIATE)
          .validity(NOW.minus(DAY.multipliedBy(30)), NOW.plus(DAY.multipliedBy(30)))
          .issue();

  /** Valid from two days to one day before now. */
  static final Issued EXPIRED =
      CertificateForge.leaf("CN=Expired")
          .signedBy(INTERMEDIATE)
          .validity(NOW.minus(DAY.multipliedBy(2)), NOW.minus(DAY))
          .issue();

  static final Issued AUTHORITY =
      CertificateForge.timestampAuthority("CN=Authority").signedBy(ROOT).issue();

  /** Within the validity of {@link #EXPIRED}. */
  static final Instant WHILE_VALID = NOW.minus(DAY.multipliedBy(3).dividedBy(2));

  private CertificateBundles() {}

  static void assertRefused(
      ThrowingCallable verification, VerificationException.Kind kind, String message) {
    assertThatThrownBy(verification)
        .isInstanceOfSatisfying(
            VerificationException.class, e -> assertThat(e.kind()).isEqualTo(kind))
        .hasMessageContaining(message);
  }

  static byte[] bundle(Issued signer) throws Exception {
    return BundleJson.write(signed(signer, List.of()));
  }

  /** A bundle with the timestamp of {@link #AUTHORITY}. */
  static byte[] stamped(Issued signer, Instant when) throws Exception {
    byte[] signature = signature(signer, payload("model"));
    byte[] timestamp = TimestampForge.over(signature, AUTHORITY).at(when).response();
    return BundleJson.write(bundle(signer, payload("model"), signature, List.of(timestamp)));
  }

  static Bundle signed(Issued signer, List<byte[]> timestamps) throws Exception {
    byte[] payload = payload("model");
    return bundle(signer, payload, signature(signer, payload), timestamps);
  }

  static Bundle bundle(Issued signer, byte[] payload, byte[] signature, List<byte[]> timestamps)
      throws GeneralSecurityException {
    List<byte[]> chain = new ArrayList<>();
    for (X509Certificate certificate : List.of(signer.certificate(), INTERMEDIATE.certificate())) {
      chain.add(certificate.getEncoded());
    }
    return new Bundle(
        new VerificationMaterial.CertificateChain(chain),
        new Envelope(Envelope.PAYLOAD_TYPE, payload, signature, ""),
        timestamps.stream().map(SignedTimestamp::new).toList(),
        List.of());
  }

  static byte[] signature(Issued signer, byte[] payload) throws GeneralSecurityException {
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(signer.keys().getPrivate());
    signature.update(Envelope.pae(Envelope.PAYLOAD_TYPE, payload));
    return signature.sign();
  }

  static byte[] payload(String model) throws OmsException {
    return Statement.write(
        Manifest.sorted(
            model,
            Serialization.files(HashAlgorithm.SHA256),
            List.of(Resource.whole("weights.bin", Digest.of(new byte[32])))),
        ShardAlgorithm.CLIENT);
  }
}
