package dev.countersign.trust;

import dev.countersign.trust.CertificateForge.Issued;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.operator.OperatorCreationException;

/** Makes certificate revocation lists for tests, fresh at {@link CertificateForge#NOW}. */
public final class CrlForge {

  private final Issued signer;
  private final X509v2CRLBuilder builder;

  private CrlForge(X500Principal issuer, Issued signer, Instant thisUpdate) {
    this.signer = signer;
    this.builder = new JcaX509v2CRLBuilder(issuer, Date.from(thisUpdate));
    builder.setNextUpdate(Date.from(thisUpdate.plus(Duration.ofDays(30))));
  }

  public static CrlForge by(Issued issuer) {
    return new CrlForge(issuer.subject(), issuer, CertificateForge.NOW.minus(Duration.ofDays(1)));
  }

  /** A list in the name of one issuer that another signs. */
  public static CrlForge inTheNameOf(Issued issuer, Issued signer) {
    return inTheNameOf(issuer, signer, CertificateForge.NOW.minus(Duration.ofDays(1)));
  }

  public static CrlForge inTheNameOf(Issued issuer, Issued signer, Instant thisUpdate) {
    return new CrlForge(issuer.subject(), signer, thisUpdate);
  }

  /** A list whose issuer's name is written in another way than in the issuer's certificate. */
  static CrlForge by(Issued issuer, X500Principal name) {
    return new CrlForge(name, issuer, CertificateForge.NOW.minus(Duration.ofDays(1)));
  }

  public static CrlForge issuedAt(Issued issuer, Instant thisUpdate) {
    return new CrlForge(issuer.subject(), issuer, thisUpdate);
  }

  public CrlForge revoke(X509Certificate certificate, Instant when, int reason) {
    builder.addCRLEntry(certificate.getSerialNumber(), Date.from(when), reason);
    return this;
  }

  public CrlForge revokeWith(X509Certificate certificate, Instant when, Extensions extensions) {
    builder.addCRLEntry(certificate.getSerialNumber(), Date.from(when), extensions);
    return this;
  }

  /** Has the list name the key that signs it, as lists of a CA with more than one key do. */
  public CrlForge withKeyIdentifier() {
    try {
      builder.addExtension(
          Extension.authorityKeyIdentifier,
          false,
          new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(signer.keys().getPublic()));
      return this;
    } catch (IOException | NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  public CrlForge with(ASN1ObjectIdentifier extension, ASN1Encodable value) {
    return with(extension, true, value);
  }

  CrlForge with(ASN1ObjectIdentifier extension, boolean critical, ASN1Encodable value) {
    try {
      builder.addExtension(extension, critical, value);
      return this;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  public byte[] der() {
    try {
      return builder
          .build(
              CertificateForge.signer(
                  CertificateForge.algorithmOf(signer.keys()), signer.keys().getPrivate()))
          .getEncoded();
    } catch (IOException | OperatorCreationException e) {
      throw new IllegalStateException(e);
    }
  }

  static byte[] pem(byte[]... lists) {
    StringBuilder text = new StringBuilder("Certificate Revocation List (CRL):\r\n");
    for (byte[] list : lists) {
      text.append("-----BEGIN X509 CRL-----\r\n")
          .append(Base64.getMimeEncoder().encodeToString(list))
          .append("\r\n-----END X509 CRL-----\r\n");
    }
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }
}
