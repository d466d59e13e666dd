package dev.countersign.trust;

import dev.countersign.trust.CertificateForge.Issued;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1GeneralizedTime;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.cmp.PKIFreeText;
import org.bouncycastle.asn1.cmp.PKIStatus;
import org.bouncycastle.asn1.cmp.PKIStatusInfo;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.cms.AttributeTable;
import org.bouncycastle.asn1.cms.CMSAttributes;
import org.bouncycastle.asn1.ess.ESSCertIDv2;
import org.bouncycastle.asn1.ess.SigningCertificateV2;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.tsp.MessageImprint;
import org.bouncycastle.asn1.tsp.TSTInfo;
import org.bouncycastle.asn1.tsp.TimeStampResp;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.cms.DefaultSignedAttributeTableGenerator;
import org.bouncycastle.cms.jcajce.JcaSignerInfoGeneratorBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.bouncycastle.tsp.TSPAlgorithms;
import org.bouncycastle.tsp.TimeStampRequest;

/** Makes timestamp responses for tests: proper ones by default, and any rule can be broken. */
public final class TimestampForge {

  private final Issued authority;
  private final List<X509Certificate> enclosed = new ArrayList<>();
  private X509Certificate named;
  private Instant time = CertificateForge.NOW;
  private ASN1ObjectIdentifier imprintAlgorithm = TSPAlgorithms.SHA256;
  private byte[] imprint = {};
  private BigInteger nonce;
  private int status = PKIStatus.GRANTED;
  private String statusText = "";
  private boolean withToken = true;
  private String algorithm;
  private Extensions extensions;
  private byte[] content;

  private TimestampForge(Issued authority) {
    this.authority = authority;
    this.named = authority.certificate();
    this.algorithm = CertificateForge.algorithmOf(authority.keys());
    enclosed.add(authority.certificate());
  }

  /** Starts a timestamp over a signature. */
  public static TimestampForge over(byte[] signature, Issued authority) {
    return new TimestampForge(authority).imprint(TSPAlgorithms.SHA256, "SHA-256", signature);
  }

  /** Starts the answer to a request. */
  public static TimestampForge answer(TimeStampRequest request, Issued authority) {
    TimestampForge forge = new TimestampForge(authority);
    forge.imprintAlgorithm = request.getMessageImprintAlgOID();
    forge.imprint = request.getMessageImprintDigest();
    forge.nonce = request.getNonce();
    return forge;
  }

  public TimestampForge imprint(ASN1ObjectIdentifier oid, String jcaName, byte[] signature) {
    imprintAlgorithm = oid;
    imprint = digest(jcaName, signature);
    return this;
  }

  public TimestampForge at(Instant when) {
    time = when;
    return this;
  }

  public TimestampForge nonce(BigInteger value) {
    nonce = value;
    return this;
  }

  /** Sets a status; with any but the two of success there is no token. */
  public TimestampForge status(int value, String text) {
    status = value;
    statusText = text;
    withToken = value == PKIStatus.GRANTED || value == PKIStatus.GRANTED_WITH_MODS;
    return this;
  }

  /** Names another certificate in the signed attributes than the one that signs. */
  public TimestampForge naming(X509Certificate certificate) {
    named = certificate;
    return this;
  }

  public TimestampForge enclosing(X509Certificate... certificates) {
    enclosed.addAll(List.of(certificates));
    return this;
  }

  public TimestampForge enclosingNothing() {
    enclosed.clear();
    return this;
  }

  public TimestampForge algorithm(String jcaName) {
    algorithm = jcaName;
    return this;
  }

  public TimestampForge extensions(Extensions given) {
    extensions = given;
    return this;
  }

  /** Sets what is signed in place of all that the other setters say. */
  public TimestampForge content(byte[] bytes) {
    content = bytes;
    return this;
  }

  /** Returns the response in DER. */
  public byte[] response() {
    try {
      PKIStatusInfo info =
          statusText.isEmpty()
              ? new PKIStatusInfo(PKIStatus.getInstance(new ASN1Integer(status)))
              : new PKIStatusInfo(
                  PKIStatus.getInstance(new ASN1Integer(status)),
                  new PKIFreeText(new DERUTF8String(statusText)));
      return new TimeStampResp(info, withToken ? token() : null).getEncoded("DL");
    } catch (GeneralSecurityException | IOException | CMSException | OperatorCreationException e) {
      throw new IllegalStateException(e);
    }
  }

  private org.bouncycastle.asn1.cms.ContentInfo token()
      throws GeneralSecurityException, IOException, CMSException, OperatorCreationException {
    CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
    generator.addSignerInfoGenerator(
        new JcaSignerInfoGeneratorBuilder(new JcaDigestCalculatorProviderBuilder().build())
            .setSignedAttributeGenerator(
                parameters ->
                    new DefaultSignedAttributeTableGenerator(signingCertificate())
                        .getAttributes(parameters)
                        // The real time, which is not the one that tests count from.
                        .remove(CMSAttributes.signingTime))
            .build(
                CertificateForge.signer(algorithm, authority.keys().getPrivate()),
                authority.certificate()));
    generator.addCertificates(new JcaCertStore(enclosed));
    return generator
        .generate(
            new CMSProcessableByteArray(
                PKCSObjectIdentifiers.id_ct_TSTInfo,
                content == null ? content().getEncoded("DER") : content),
            true)
        .toASN1Structure();
  }

  private AttributeTable signingCertificate() {
    ASN1EncodableVector attributes = new ASN1EncodableVector();
    attributes.add(
        new Attribute(
            PKCSObjectIdentifiers.id_aa_signingCertificateV2,
            new DERSet(
                new SigningCertificateV2(new ESSCertIDv2(digest("SHA-256", encoded(named)))))));
    return new AttributeTable(attributes);
  }

  private TSTInfo content() {
    return new TSTInfo(
        new ASN1ObjectIdentifier("1.3.6.1.4.1.57264.2"),
        new MessageImprint(new AlgorithmIdentifier(imprintAlgorithm), imprint),
        new ASN1Integer(0xabcdef),
        new ASN1GeneralizedTime(Date.from(time)),
        null,
        null,
        nonce == null ? null : new ASN1Integer(nonce),
        null,
        extensions);
  }

  private static byte[] encoded(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] digest(String algorithm, byte[] message) {
    try {
      return MessageDigest.getInstance(algorithm).digest(message);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
