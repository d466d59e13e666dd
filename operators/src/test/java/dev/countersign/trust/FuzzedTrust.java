package dev.countersign.trust;

import dev.countersign.keys.CertificateFile;
import dev.countersign.keys.KeyFormatException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.Objects;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** What fuzz targets trust, and good signatures for what they make up. */
final class FuzzedTrust {

  private static final byte SEQUENCE = 0x30;

  private FuzzedTrust() {}

  /** Returns the only certificate in a committed file. */
  static X509Certificate certificate(String name) {
    try (InputStream in =
        Objects.requireNonNull(FuzzedTrust.class.getResourceAsStream(name), name)) {
      return CertificateFile.read(in.readAllBytes(), name, CertificateFile.Use.CERTIFICATE_CHAIN)
          .get(0);
    } catch (IOException | KeyFormatException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns the certificate or the list of any bytes in it, signed with a key on P-256. */
  static byte[] signed(byte[] toBeSigned, PrivateKey key) throws GeneralSecurityException {
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(key);
    signature.update(toBeSigned);
    ByteArrayOutputStream parts = new ByteArrayOutputStream();
    parts.writeBytes(toBeSigned);
    try {
      parts.writeBytes(new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256).getEncoded());
      parts.writeBytes(new DERBitString(signature.sign()).getEncoded());
      byte[] whole = new DEROctetString(parts.toByteArray()).getEncoded();
      whole[0] = SEQUENCE;
      return whole;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
