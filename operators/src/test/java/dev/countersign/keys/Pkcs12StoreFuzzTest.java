package dev.countersign.keys;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1TaggedObject;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.pkcs.AuthenticatedSafe;
import org.bouncycastle.asn1.pkcs.ContentInfo;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.Pfx;

/**
 * Any bytes, as a key store and as the bags in one that nothing protects, are a key or a {@link
 * KeyFormatException}, with a passphrase and without. The first byte says which.
 */
final class Pkcs12StoreFuzzTest {

  private static final BigInteger COSTLY = BigInteger.valueOf(5_000);
  private static final BigInteger REFUSED = BigInteger.valueOf(Pbes2.MAX_ITERATIONS);
  private static final int MAX_DEPTH = 24;

  @FuzzTest
  void fuzz(byte[] input) throws IOException {
    if (input.length == 0) {
      return;
    }
    byte[] rest = Arrays.copyOfRange(input, 1, input.length);
    byte[] content = input[0] == 'b' ? storeOf(rest) : rest;
    if (isCostly(content, MAX_DEPTH)) {
      return;
    }
    read(content, Optional.empty());
    read(content, KeyFixtures.passphrase());
  }

  private static void read(byte[] content, Optional<char[]> passphrase) {
    try {
      KeyMaterial material = PrivateKeyFile.read(content, "fuzzed", passphrase);
      assertThat(material.pair().getPublic()).isNotNull();
      if (!material.certificates().isEmpty()) {
        assertThat(material.certificates().get(0).getPublicKey().getEncoded())
            .as("the key of the first certificate")
            .isEqualTo(material.pair().getPublic().getEncoded());
      }
    } catch (KeyFormatException e) {
      assertThat(e.getMessage()).doesNotContainPattern("\\p{Cntrl}");
    }
  }

  private static byte[] storeOf(byte[] bags) throws IOException {
    ContentInfo part = new ContentInfo(PKCSObjectIdentifiers.data, new DEROctetString(bags));
    byte[] safe = new AuthenticatedSafe(new ContentInfo[] {part}).getEncoded();
    return new Pfx(new ContentInfo(PKCSObjectIdentifiers.data, new DEROctetString(safe)), null)
        .getEncoded();
  }

  /**
   * What takes long by design, within limits of its own, would leave no time for anything else: any
   * number that may be one of rounds, or a cost.
   */
  private static boolean isCostly(byte[] der, int depth) {
    try {
      return isCostly((ASN1Encodable) Der.any(der, 1 << 20), depth);
    } catch (RuntimeException e) {
      return false;
    }
  }

  private static boolean isCostly(ASN1Encodable value, int depth) {
    if (depth == 0) {
      return false;
    }
    if (value instanceof ASN1Integer number) {
      return number.getValue().compareTo(COSTLY) > 0 && number.getValue().compareTo(REFUSED) <= 0;
    }
    if (value instanceof ASN1OctetString octets) {
      return isCostly(octets.getOctets(), depth - 1);
    }
    if (value instanceof ASN1TaggedObject tagged) {
      return isCostly(tagged.getBaseObject(), depth - 1);
    }
    if (value instanceof ASN1Sequence sequence) {
      for (ASN1Encodable element : sequence) {
        if (isCostly(element, depth - 1)) {
          return true;
        }
      }
    }
    return false;
  }
}
