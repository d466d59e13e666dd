package dev.countersign.verification;

import dev.countersign.keys.CertificateFile;
import dev.countersign.oms.Bundle;
import dev.countersign.oms.Envelope;
import dev.countersign.oms.LogEntry;
import dev.countersign.oms.LogEntry.InclusionProof;
import dev.countersign.oms.Sha256;
import dev.countersign.oms.SignedTimestamp;
import dev.countersign.oms.VerificationMaterial.SigstoreCertificate;
import dev.countersign.trust.CertificateForge;
import dev.countersign.trust.CertificateForge.Issued;
import dev.countersign.trust.SigstoreFile;
import dev.countersign.trust.SigstoreInstance;
import dev.countersign.trust.TimestampForge;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;
import org.bouncycastle.cert.X509CertificateHolder;

/**
 * Instance of Sigstore for tests: certificate authority, certificate transparency log, a log of
 * each version, timestamp authority, and the trusted root with all of them.
 */
public final class SigstoreForge {

  static final Instant NOW = CertificateForge.NOW;
  static final String IDENTITY = "signer@example.com";
  static final String PROVIDER = "https://issuer.test";

  private static final ASN1ObjectIdentifier PROVIDER_OID =
      new ASN1ObjectIdentifier("1.3.6.1.4.1.57264.1.8");
  private static final ASN1ObjectIdentifier SCT_OID =
      new ASN1ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2");

  /** Position of entries in the trees, which have other entries too. */
  private static final int INDEX = 5;

  private static final int TREE_SIZE = 11;

  /** Entries of older trees of log 1. */
  private static final long OFFSET = 1_000_000;

  public final Issued root = CertificateForge.ca("CN=Fulcio root").issue();
  public Issued intermediate =
      CertificateForge.ca("CN=Fulcio")
          .extendedKeyUsage(false, KeyPurposeId.id_kp_codeSigning)
          .signedBy(root)
          .issue();
  final Issued timestampRoot = CertificateForge.ca("CN=TSA root").issue();
  public final Issued timestamps =
      CertificateForge.timestampAuthority("CN=TSA").signedBy(timestampRoot).issue();
  public final KeyPair transparency = CertificateForge.ec("secp256r1");
  final KeyPair log1 = CertificateForge.ec("secp256r1");
  final KeyPair log2 = CertificateForge.ed25519();

  String log1Validity = validFor(NOW.minusSeconds(3600), null);
  String transparencyValidity = validFor(NOW.minusSeconds(3600), null);
  public String timestampValidity = validFor(NOW.minusSeconds(3600), null);
  String authorityValidity = validFor(NOW.minusSeconds(3600), null);

  /** Authorities that are listed after {@link #intermediate}; each begins with a comma. */
  String otherAuthorities = "";

  /** Returns the instance, whose trusted root says what the fields of this object do. */
  SigstoreInstance instance() {
    return new SigstoreInstance(
        new SigstoreFile("root.json", trustedRoot().getBytes(StandardCharsets.UTF_8)), null);
  }

  public String trustedRoot() {
    return "{\"mediaType\":\"application/vnd.dev.sigstore.trustedroot+json;version=0.1\","
        + "\"tlogs\":["
        + log("https://rekor.test", log1, "PKIX_ECDSA_P256_SHA_256", logId(log1), log1Validity)
        + ","
        + log(
            "https://log.test",
            log2,
            "PKIX_ED25519",
            logId(log2),
            validFor(NOW.minusSeconds(3600), null))
        + "],\"certificateAuthorities\":["
        + authority(List.of(intermediate, root), authorityValidity)
        + otherAuthorities
        + "],\"ctlogs\":["
        + log(
            "https://ct.test",
            transparency,
            "PKIX_ECDSA_P256_SHA_256",
            logId(transparency),
            transparencyValidity)
        + "],\"timestampAuthorities\":["
        + authority(List.of(timestamps, timestampRoot), timestampValidity)
        + "]}";
  }

  public static String validFor(Instant from, Instant until) {
    return "\"validFor\":{\"start\":\""
        + from
        + "\""
        + (until == null ? "" : ",\"end\":\"" + until + "\"")
        + "}";
  }

  private static String log(String url, KeyPair key, String details, byte[] id, String validity) {
    return "{\"baseUrl\":\""
        + url
        + "\",\"hashAlgorithm\":\"SHA2_256\",\"publicKey\":{\"rawBytes\":\""
        + base64(key.getPublic().getEncoded())
        + "\",\"keyDetails\":\""
        + details
        + "\","
        + validity
        + "},\"logId\":{\"keyId\":\""
        + base64(id)
        + "\"}}";
  }

  static String authority(List<Issued> chain, String validity) {
    List<String> certificates = new ArrayList<>();
    for (Issued each : chain) {
      certificates.add("{\"rawBytes\":\"" + base64(encoded(each.certificate())) + "\"}");
    }
    return "{\"subject\":{\"organization\":\"o\",\"commonName\":\"c\"},\"uri\":\"https://ca.test\","
        + "\"certChain\":{\"certificates\":["
        + String.join(",", certificates)
        + "]},"
        + validity
        + "}";
  }

  static byte[] logId(KeyPair key) {
    return sha256(key.getPublic().getEncoded());
  }

  /** Starts a certificate for the usual identity, valid for five minutes before and after. */
  public CertificateForge leaf() {
    return leaf(new GeneralName(GeneralName.rfc822Name, IDENTITY));
  }

  CertificateForge leaf(GeneralName... names) {
    return CertificateForge.leaf("")
        .validity(NOW.minusSeconds(300), NOW.plusSeconds(300))
        .with(Extension.subjectAlternativeName, true, new GeneralNames(names))
        .with(PROVIDER_OID, false, new DERUTF8String(PROVIDER))
        .signedBy(intermediate);
  }

  Issued signer() {
    return recorded(leaf().issue());
  }

  /** Adds a promise of the certificate transparency log to a certificate. */
  Issued recorded(Issued issued) {
    return recorded(issued, transparency, NOW, intermediate);
  }

  public Issued recorded(Issued issued, KeyPair log, Instant time, Issued issuer) {
    try {
      TBSCertificate tbs = TBSCertificate.getInstance(issued.certificate().getTBSCertificate());
      byte[] promise = promise(tbs.getEncoded("DER"), log, time, issuer);
      List<Extension> extensions = new ArrayList<>();
      for (ASN1ObjectIdentifier oid : tbs.getExtensions().getExtensionOIDs()) {
        extensions.add(tbs.getExtensions().getExtension(oid));
      }
      extensions.add(
          new Extension(
              SCT_OID, false, new DEROctetString(new DEROctetString(promise).getEncoded())));
      V3TBSCertificateGenerator generator = new V3TBSCertificateGenerator();
      generator.setSerialNumber(new ASN1Integer(tbs.getSerialNumber().getPositiveValue()));
      generator.setSignature(tbs.getSignature());
      generator.setIssuer(tbs.getIssuer());
      generator.setStartDate(tbs.getStartDate());
      generator.setEndDate(tbs.getEndDate());
      generator.setSubject(tbs.getSubject());
      generator.setSubjectPublicKeyInfo(tbs.getSubjectPublicKeyInfo());
      generator.setExtensions(new Extensions(extensions.toArray(Extension[]::new)));
      TBSCertificate complete = generator.generateTBSCertificate();
      ASN1EncodableVector parts = new ASN1EncodableVector();
      parts.add(complete);
      parts.add(tbs.getSignature());
      parts.add(new DERBitString(sign(issuer.keys(), complete.getEncoded("DER"))));
      X509Certificate certificate =
          (X509Certificate)
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(
                      new ByteArrayInputStream(
                          new X509CertificateHolder(new DERSequence(parts).getEncoded("DER"))
                              .getEncoded()));
      return new Issued(certificate, issued.keys());
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns a list of one signed certificate timestamp (RFC 6962, sections 3.2 and 3.3). */
  private static byte[] promise(byte[] tbs, KeyPair log, Instant time, Issued issuer) {
    byte[] signed =
        ByteBuffer.allocate(1 + 1 + 8 + 2 + 32 + 3 + tbs.length + 2)
            .put((byte) 0)
            .put((byte) 0)
            .putLong(time.toEpochMilli())
            .putShort((short) 1)
            .put(sha256(issuer.keys().getPublic().getEncoded()))
            .put((byte) (tbs.length >> 16))
            .putShort((short) tbs.length)
            .put(tbs)
            .putShort((short) 0)
            .array();
    byte[] signature = sign(log, signed);
    int length = 1 + 32 + 8 + 2 + 2 + 2 + signature.length;
    return ByteBuffer.allocate(4 + length)
        .putShort((short) (2 + length))
        .putShort((short) length)
        .put((byte) 0)
        .put(logId(log))
        .putLong(time.toEpochMilli())
        .putShort((short) 0)
        .put((byte) 4)
        .put((byte) 3)
        .putShort((short) signature.length)
        .put(signature)
        .array();
  }

  static Envelope envelope(Issued signer, byte[] payload) {
    return new Envelope(
        Envelope.PAYLOAD_TYPE,
        payload,
        sign(signer.keys(), Envelope.pae(Envelope.PAYLOAD_TYPE, payload)),
        "");
  }

  /** A bundle as the reference client makes it with a log of version 1. */
  Bundle bundle1(Issued signer, byte[] payload) {
    Envelope envelope = envelope(signer, payload);
    return bundle(
        signer, envelope, List.of(), entry1("dsse", dsse(envelope, signer.certificate()), NOW));
  }

  /** A bundle as clients make it with a log of version 2. */
  Bundle bundle2(Issued signer, byte[] payload) {
    Envelope envelope = envelope(signer, payload);
    return bundle(
        signer,
        envelope,
        List.of(timestamp(envelope, NOW)),
        entry2(hashedRekord2(envelope, signer.certificate())));
  }

  static Bundle bundle(
      Issued signer, Envelope envelope, List<SignedTimestamp> timestamps, LogEntry... entries) {
    return new Bundle(
        new SigstoreCertificate(encoded(signer.certificate())),
        envelope,
        timestamps,
        List.of(entries));
  }

  SignedTimestamp timestamp(Envelope envelope, Instant time) {
    return new SignedTimestamp(
        TimestampForge.over(envelope.signature(), timestamps).at(time).response());
  }

  static byte[] dsse(Envelope envelope, X509Certificate certificate) {
    return utf8(
        "{\"apiVersion\":\"0.0.1\",\"kind\":\"dsse\",\"spec\":{"
            + "\"envelopeHash\":{\"algorithm\":\"sha256\",\"value\":\"00\"},"
            + "\"payloadHash\":{\"algorithm\":\"sha256\",\"value\":\""
            + Sha256.hex(envelope.payload())
            + "\"},\"signatures\":[{\"signature\":\""
            + base64(envelope.signature())
            + "\",\"verifier\":\""
            + base64(utf8(CertificateFile.pem(List.of(certificate))))
            + "\"}]}}");
  }

  static byte[] hashedRekord1(Envelope envelope, X509Certificate certificate) {
    return utf8(
        "{\"apiVersion\":\"0.0.1\",\"kind\":\"hashedrekord\",\"spec\":{"
            + "\"data\":{\"hash\":{\"algorithm\":\"sha256\",\"value\":\""
            + Sha256.hex(envelope.pae())
            + "\"}},\"signature\":{\"content\":\""
            + base64(envelope.signature())
            + "\",\"publicKey\":{\"content\":\""
            + base64(utf8(CertificateFile.pem(List.of(certificate))))
            + "\"}}}}");
  }

  public static byte[] hashedRekord2(Envelope envelope, X509Certificate certificate) {
    return utf8(
        "{\"apiVersion\":\"0.0.2\",\"kind\":\"hashedrekord\",\"spec\":{\"hashedRekordV002\":{"
            + "\"data\":{\"algorithm\":\"SHA2_256\",\"digest\":\""
            + base64(sha256(envelope.pae()))
            + "\"},\"signature\":{\"content\":\""
            + base64(envelope.signature())
            + "\",\"verifier\":{\"keyDetails\":\"PKIX_ECDSA_P256_SHA_256\","
            + "\"x509Certificate\":{\"rawBytes\":\""
            + base64(encoded(certificate))
            + "\"}}}}}}");
  }

  /** Records a body in the log of version 1, which promises that and signs the time. */
  LogEntry entry1(String kind, byte[] body, Instant time) {
    LogEntry unsigned =
        new LogEntry(
            OFFSET + INDEX,
            logId(log1),
            kind,
            "0.0.1",
            time.getEpochSecond(),
            new byte[0],
            Optional.of(proof(body, log1, "rekor.test", "rekor.test - 4711")),
            body);
    return promised(unsigned, log1);
  }

  /** Adds the promise that a log would have made. */
  static LogEntry promised(LogEntry entry, KeyPair log) {
    byte[] promise =
        sign(
            log,
            utf8(
                "{\"body\":\""
                    + base64(entry.canonicalizedBody())
                    + "\",\"integratedTime\":"
                    + entry.integratedTime()
                    + ",\"logID\":\""
                    + HexFormat.of().formatHex(entry.logId())
                    + "\",\"logIndex\":"
                    + entry.logIndex()
                    + "}"));
    return new LogEntry(
        entry.logIndex(),
        entry.logId(),
        entry.kind(),
        entry.version(),
        entry.integratedTime(),
        promise,
        entry.inclusionProof(),
        entry.canonicalizedBody());
  }

  /** Records a body in the log of version 2, which knows no times. */
  public LogEntry entry2(byte[] body) {
    return new LogEntry(
        INDEX,
        logId(log2),
        "hashedrekord",
        "0.0.2",
        0,
        new byte[0],
        Optional.of(proof(body, log2, "log.test", "log.test")),
        body);
  }

  static InclusionProof proof(byte[] body, KeyPair log, String name, String origin) {
    List<byte[]> leaves = new ArrayList<>();
    for (int i = 0; i < TREE_SIZE; i++) {
      leaves.add(hash(0, i == INDEX ? body : new byte[] {(byte) i}));
    }
    byte[] rootHash = treeHash(leaves);
    return new InclusionProof(
        INDEX,
        rootHash,
        TREE_SIZE,
        path(INDEX, leaves),
        checkpoint(log, name, origin, TREE_SIZE, rootHash));
  }

  static String checkpoint(KeyPair log, String name, String origin, long size, byte[] rootHash) {
    String note = origin + "\n" + size + "\n" + base64(rootHash) + "\n";
    byte[] signature = sign(log, utf8(note));
    byte[] line =
        ByteBuffer.allocate(4 + signature.length).put(logId(log), 0, 4).put(signature).array();
    return note + "\n\u2014 " + name + " " + base64(line) + "\n";
  }

  /** RFC 6962, section 2.1. */
  private static byte[] treeHash(List<byte[]> leaves) {
    if (leaves.size() == 1) {
      return leaves.get(0);
    }
    int split = Integer.highestOneBit(leaves.size() - 1);
    return hash(
        1, treeHash(leaves.subList(0, split)), treeHash(leaves.subList(split, leaves.size())));
  }

  /** RFC 6962, section 2.1.1. */
  private static List<byte[]> path(int index, List<byte[]> leaves) {
    if (leaves.size() == 1) {
      return List.of();
    }
    int split = Integer.highestOneBit(leaves.size() - 1);
    boolean left = index < split;
    List<byte[]> path =
        new ArrayList<>(
            left
                ? path(index, leaves.subList(0, split))
                : path(index - split, leaves.subList(split, leaves.size())));
    path.add(treeHash(left ? leaves.subList(split, leaves.size()) : leaves.subList(0, split)));
    return path;
  }

  private static byte[] hash(int prefix, byte[]... parts) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(prefix);
    for (byte[] part : parts) {
      bytes.writeBytes(part);
    }
    return sha256(bytes.toByteArray());
  }

  static byte[] sign(KeyPair key, byte[] message) {
    try {
      Signature signature =
          Signature.getInstance(
              key.getPublic().getAlgorithm().equals("EC") ? "SHA256withECDSA" : "Ed25519");
      signature.initSign(key.getPrivate());
      signature.update(message);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  static byte[] sha256(byte[] message) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(message);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] encoded(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
