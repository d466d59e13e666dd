package dev.countersign.keys;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.math.BigInteger;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.misc.MiscObjectIdentifiers;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.EncryptedPrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.EncryptionScheme;
import org.bouncycastle.asn1.pkcs.KeyDerivationFunc;
import org.bouncycastle.asn1.pkcs.PBES2Parameters;
import org.bouncycastle.asn1.pkcs.PBKDF2Params;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Parameters that would cost a reader minutes or all its memory. */
final class Pbes2Test {

  private static final byte[] SALT = new byte[16];

  @Test
  void decrypt_pbkdf2InBillionsOfRounds_isRefusedAtOnce() {
    assertRefused(
        PKCSObjectIdentifiers.id_PBKDF2,
        new PBKDF2Params(SALT, Integer.MAX_VALUE),
        "is encrypted with PBKDF2 in 2147483647 rounds, and the limit is 20000000. Encrypt it again"
            + " with: openssl pkey -aes256 -in FILE -out KEY.pem");
  }

  @Test
  void decrypt_scryptOverTerabytes_isRefusedAtOnce() {
    assertRefused(
        MiscObjectIdentifiers.id_scrypt,
        scrypt(1L << 32, 8, 1),
        "is encrypted with scrypt over 4398046511104 bytes of memory, and the limit is 268435456."
            + " Encrypt it again with the program that made it.");
  }

  @Test
  void decrypt_scryptInManyParts_isRefusedAtOnce() {
    assertRefused(
        MiscObjectIdentifiers.id_scrypt,
        scrypt(16_384, 8, 1_000_000),
        "is encrypted with scrypt in 1000000 parts, and the limit is 16. Encrypt it again with the"
            + " program that made it.");
  }

  @ParameterizedTest
  @CsvSource({"1, 8, 1", "3, 8, 1", "65536, 1, 1"})
  void decrypt_scryptOutsideItsDefinition_isDamaged(long cost, long blockSize, long parts) {
    assertRefused(
        MiscObjectIdentifiers.id_scrypt,
        scrypt(cost, blockSize, parts),
        "has a block ENCRYPTED PRIVATE KEY whose content is not such a key. The file is damaged;"
            + " fetch a fresh copy of it.");
  }

  @Test
  void decrypt_otherKeyDerivation_isRefusedByName() {
    assertRefused(
        new ASN1ObjectIdentifier("1.2.3.4"),
        new DERSequence(),
        "is encrypted with a key derivation (1.2.3.4) that is not supported. Encrypt it again with"
            + " the program that made it.");
  }

  private static DERSequence scrypt(long cost, long blockSize, long parts) {
    return new DERSequence(
        new ASN1Encodable[] {
          new DEROctetString(SALT),
          new ASN1Integer(BigInteger.valueOf(cost)),
          new ASN1Integer(BigInteger.valueOf(blockSize)),
          new ASN1Integer(BigInteger.valueOf(parts))
        });
  }

  private static void assertRefused(
      ASN1ObjectIdentifier kdf, ASN1Encodable parameters, String message) {
    byte[] pem = PemBlock.write(PemBlock.ENCRYPTED_PKCS8, encrypted(kdf, parameters));

    assertThatThrownBy(() -> PrivateKeyFile.read(pem, "key", Optional.of("any".toCharArray())))
        .isInstanceOf(KeyFormatException.class)
        .hasMessage("Cannot use key as a private key: it %s", message);
  }

  private static byte[] encrypted(ASN1ObjectIdentifier kdf, ASN1Encodable parameters) {
    EncryptionScheme cipher =
        new EncryptionScheme(NISTObjectIdentifiers.id_aes256_CBC, new DEROctetString(new byte[16]));
    try {
      return new EncryptedPrivateKeyInfo(
              new AlgorithmIdentifier(
                  PKCSObjectIdentifiers.id_PBES2,
                  new PBES2Parameters(new KeyDerivationFunc(kdf, parameters), cipher)),
              new byte[32])
          .getEncoded();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
