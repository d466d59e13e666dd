package dev.countersign.verification;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.countersign.keys.KeyHint;
import dev.countersign.keys.KeyPairFiles;
import dev.countersign.oms.Bundle;
import dev.countersign.oms.BundleJson;
import dev.countersign.oms.Envelope;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.OmsException;
import dev.countersign.oms.VerificationMaterial.PublicKeyHint;
import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;
import java.util.Arrays;

/**
 * Any bytes as a bundle are never verified; any bytes under a good signature are verified or one of
 * the declared exceptions. The first byte says which.
 */
final class KeyVerifierFuzzTest {

  private static final KeyPair SIGNER = KeyPairFiles.generate("P-256");
  private static final KeyVerifier VERIFIER =
      KeyVerifier.of(SIGNER.getPublic(), OmsBounds.defaults());

  @FuzzTest
  void fuzz(byte[] input) throws Exception {
    if (input.length == 0) {
      return;
    }
    byte[] rest = Arrays.copyOfRange(input, 1, input.length);
    switch (input[0]) {
      case 's' -> verifySigned(rest, Envelope.pae(Envelope.PAYLOAD_TYPE, rest));
      case 'l' -> verifySigned(rest, legacy(rest));
      default -> assertThat(isVerified(rest)).as("a bundle that nobody signed").isFalse();
    }
  }

  private static void verifySigned(byte[] payload, byte[] encoding) throws Exception {
    if (payload.length > 0 && isVerified(bundle(payload, encoding))) {
      byte[] changed = payload.clone();
      changed[changed.length / 2] ^= 1;
      assertThat(isVerified(bundle(changed, encoding))).as("with a bit changed").isFalse();
    }
  }

  private static boolean isVerified(byte[] bundle) {
    try {
      return !VERIFIER.verify(bundle).manifest().resources().isEmpty();
    } catch (OmsException | VerificationException e) {
      assertThat(e.getMessage()).doesNotContainPattern("\\p{Cntrl}");
      return false;
    }
  }

  private static byte[] bundle(byte[] payload, byte[] encoding)
      throws GeneralSecurityException, OmsException {
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(SIGNER.getPrivate());
    signature.update(encoding);
    return BundleJson.write(
        new Bundle(
            new PublicKeyHint(KeyHint.of(SIGNER.getPublic())),
            new Envelope(Envelope.PAYLOAD_TYPE, payload, signature.sign(), "")));
  }

  /** Right for a payload without quotes and backslashes of the kind that Python escapes. */
  private static byte[] legacy(byte[] payload) {
    ByteArrayOutputStream encoding = new ByteArrayOutputStream();
    encoding.writeBytes(
        ("DSSEV1 28 " + Envelope.PAYLOAD_TYPE + " " + payload.length + " b'").getBytes(US_ASCII));
    encoding.writeBytes(payload);
    encoding.write('\'');
    return encoding.toByteArray();
  }
}
