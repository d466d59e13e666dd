package dev.countersign.trust;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSASSAPSSparams;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.DefaultDigestAlgorithmIdentifierFinder;

/** RSA-PSS with the JDK, whose name for it Bouncy Castle does not know. */
final class PssSigner implements ContentSigner {

  private static final int SALT_BYTES = 20;

  private final String digest;
  private final PrivateKey key;
  private final ByteArrayOutputStream message = new ByteArrayOutputStream();

  PssSigner(String digest, PrivateKey key) {
    this.digest = digest;
    this.key = key;
  }

  @Override
  public AlgorithmIdentifier getAlgorithmIdentifier() {
    ASN1ObjectIdentifier oid =
        new DefaultDigestAlgorithmIdentifierFinder().find(digest).getAlgorithm();
    AlgorithmIdentifier hash = new AlgorithmIdentifier(oid, DERNull.INSTANCE);
    return new AlgorithmIdentifier(
        PKCSObjectIdentifiers.id_RSASSA_PSS,
        new RSASSAPSSparams(
            hash,
            new AlgorithmIdentifier(PKCSObjectIdentifiers.id_mgf1, hash),
            new ASN1Integer(SALT_BYTES),
            RSASSAPSSparams.DEFAULT_TRAILER_FIELD));
  }

  @Override
  public OutputStream getOutputStream() {
    return message;
  }

  @Override
  public byte[] getSignature() {
    try {
      Signature signature = Signature.getInstance("RSASSA-PSS");
      signature.setParameter(
          new PSSParameterSpec(
              digest,
              "MGF1",
              new MGF1ParameterSpec(digest),
              SALT_BYTES,
              PSSParameterSpec.TRAILER_FIELD_BC));
      signature.initSign(key);
      signature.update(message.toByteArray());
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
