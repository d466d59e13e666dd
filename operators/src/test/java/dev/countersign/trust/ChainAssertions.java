package dev.countersign.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.trust.CertificateForge.Issued;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/** What tests of chains have in common: a leaf, what came with it, and whom the caller trusts. */
final class ChainAssertions {

  private ChainAssertions() {}

  static List<X509Certificate> certificates(Issued... issued) {
    return Arrays.stream(issued).map(Issued::certificate).toList();
  }

  static ChainValidator trusting(Issued... anchors) {
    return trusting(RevocationLists.none(), anchors);
  }

  static ChainValidator trusting(RevocationLists revocation, Issued... anchors) {
    return new ChainValidator(
        TrustAnchors.of(certificates(anchors)), CertificatePurpose.MODEL_SIGNING, revocation);
  }

  static ValidatedChain validate(ChainValidator validator, Issued leaf, Issued... others)
      throws ChainException {
    return validateAt(CertificateForge.NOW, validator, leaf, others);
  }

  static ValidatedChain validateAt(
      Instant at, ChainValidator validator, Issued leaf, Issued... others) throws ChainException {
    return validator.validate(leaf.certificate(), certificates(others), at, at);
  }

  static void assertChain(ValidatedChain chain, Issued anchor, Issued... path) {
    assertThat(chain.path()).isEqualTo(certificates(path));
    assertThat(chain.anchor()).isEqualTo(anchor.certificate());
  }

  static void assertRefused(
      ChainException.Kind kind,
      String message,
      ChainValidator validator,
      Issued leaf,
      Issued... others) {
    assertRefusedAt(CertificateForge.NOW, kind, message, validator, leaf, others);
  }

  static void assertRefusedAt(
      Instant at,
      ChainException.Kind kind,
      String message,
      ChainValidator validator,
      Issued leaf,
      Issued... others) {
    ChainException refusal =
        catchThrowableOfType(ChainException.class, () -> validateAt(at, validator, leaf, others));

    assertThat(refusal).as("refusal").isNotNull().hasMessage(message);
    assertThat(refusal.kind()).isEqualTo(kind);
  }
}
