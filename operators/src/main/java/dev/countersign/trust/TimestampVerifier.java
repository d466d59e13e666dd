package dev.countersign.trust;

import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.tsp.TSPAlgorithms;
import org.bouncycastle.tsp.TSPException;
import org.bouncycastle.tsp.TimeStampToken;
import org.bouncycastle.tsp.TimeStampTokenInfo;

/**
 * Tells whether a trusted authority timestamped a signature (RFC 3161). Thread safe.
 *
 * <p>Relied on is what the authority signed, and nothing beside it in the response.
 */
public final class TimestampVerifier {

  static final Remedy FETCH_BUNDLE = Remedy.text("Fetch the bundle from its producer again.");

  static final Remedy ANOTHER_AUTHORITY = Remedy.text("Use another timestamp authority.");

  /** JCA names of the digests that a timestamp may be over. */
  private static final Map<ASN1ObjectIdentifier, String> DIGESTS =
      Map.of(
          TSPAlgorithms.SHA256, "SHA-256",
          TSPAlgorithms.SHA384, "SHA-384",
          TSPAlgorithms.SHA512, "SHA-512");

  /** More certificates than one that fit what signed a timestamp are somebody's trick already. */
  private static final int MAX_CANDIDATES = 4;

  private final TrustAnchors anchors;
  private final ChainValidator chains;

  /**
   * Makes a verifier that honours revocation lists. An authority that is listed counts for nothing,
   * whatever time its timestamps have: whoever stole its key chooses that.
   *
   * @param anchors the authorities' root certificates, or their own
   * @param revocation what has been revoked
   */
  public TimestampVerifier(TrustAnchors anchors, RevocationLists revocation) {
    this.anchors = anchors;
    this.chains = new ChainValidator(anchors, CertificatePurpose.TIMESTAMPING, revocation);
  }

  /**
   * Checks of a timestamp what can be told without trust: its form, that it is over the signature,
   * and that it is signed in a way that {@link #verify} takes.
   *
   * @throws TimestampException if one of these does not hold
   */
  public static void checkForm(byte[] timeStampResp, byte[] signature) throws TimestampException {
    TimeStampToken unused = checked(timeStampResp, signature);
  }

  private static TimeStampToken checked(byte[] timeStampResp, byte[] signature)
      throws TimestampException {
    TimeStampToken token = TimestampResponse.token(timeStampResp);
    try {
      checkContent(token.getTimeStampInfo(), signature);
      checkAlgorithms(token);
      return token;
    } catch (RuntimeException e) {
      throw TimestampResponse.malformed("is not an RFC 3161 response");
    }
  }

  /**
   * Verifies a timestamp: its form, that it is over the signature, that the authority which it
   * names signed it, and that the caller trusted that authority's certificate at that time.
   *
   * @param timeStampResp the response, in DER; not changed
   * @param signature the bytes that were timestamped; not changed
   * @throws TimestampException if one of these does not hold
   */
  public VerifiedTimestamp verify(byte[] timeStampResp, byte[] signature)
      throws TimestampException {
    TimeStampToken token = checked(timeStampResp, signature);
    try {
      List<X509Certificate> enclosed = TimestampResponse.certificates(token);
      Authority authority = authority(token, enclosed);
      Instant time = token.getTimeStampInfo().getGenTime().toInstant();
      ValidatedChain chain = chains.validate(authority.certificate(), enclosed, time, Instant.MAX);
      if (!authority.isNamed()) {
        throw notSignedBy(authority.certificate());
      }
      return new VerifiedTimestamp(time, chain);
    } catch (ChainException e) {
      throw new TimestampException(
          "The timestamp is not to be relied on. " + e.problem(), e.remedy());
    } catch (RuntimeException e) {
      // Bouncy Castle reads some parts late, and answers some malformed ones like this.
      throw TimestampResponse.malformed("is not an RFC 3161 response");
    }
  }

  private static void checkContent(TimeStampTokenInfo info, byte[] signature)
      throws TimestampException {
    Extensions extensions = info.getExtensions();
    if (extensions != null && extensions.getCriticalExtensionOIDs().length > 0) {
      throw TimestampResponse.malformed(
          "has the critical extension "
              + extensions.getCriticalExtensionOIDs()[0].getId()
              + ", which is not known here");
    }
    Optional<String> digest = Optional.ofNullable(DIGESTS.get(info.getMessageImprintAlgOID()));
    if (digest.isEmpty()) {
      throw new TimestampException(
          "The timestamp is over a digest of the algorithm "
              + info.getMessageImprintAlgOID().getId()
              + "; SHA-256, SHA-384 and SHA-512 are accepted.",
          TimestampResponse.SIGN_AGAIN);
    }
    if (!MessageDigest.isEqual(digest(digest.get(), signature), info.getMessageImprintDigest())) {
      throw new TimestampException(
          "The timestamp was given for another signature than the bundle's, so it says nothing of"
              + " this one.",
          FETCH_BUNDLE);
    }
  }

  private static byte[] digest(String algorithm, byte[] signature) {
    try {
      return MessageDigest.getInstance(algorithm).digest(signature);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("This JVM has no " + algorithm, e);
    }
  }

  /**
   * Certificate whose key signed a token.
   *
   * @param isNamed whether it is the very one that the signed attributes name (RFC 5816)
   */
  private record Authority(X509Certificate certificate, boolean isNamed) {}

  /** Returns the certificate that the token names as its signer's, and whose key signed it. */
  private Authority authority(TimeStampToken token, List<X509Certificate> enclosed)
      throws TimestampException {
    List<X509Certificate> candidates =
        Stream.concat(enclosed.stream(), anchors.certificates().stream())
            .distinct()
            .filter(candidate -> TimestampResponse.isNamed(candidate, token))
            .limit(MAX_CANDIDATES)
            .toList();
    if (candidates.isEmpty()) {
      throw new TimestampException(
          "The timestamp does not enclose its authority's certificate ("
              + Printable.of(String.valueOf(token.getSID().getIssuer()))
              + "), and it is not a trusted one.",
          Remedy.of("Name it with %s, and its issuer's as well.", Setting.TSA_CERTIFICATE_CHAIN));
    }
    for (X509Certificate candidate : candidates) {
      if (isSignedAsNamed(token, candidate)) {
        return new Authority(candidate, true);
      }
      if (isSignedBy(token, candidate)) {
        // Its chain may tell more of what is wrong.
        return new Authority(candidate, false);
      }
    }
    Optional<String> cost = AlgorithmRules.costOfKey(candidates.get(0).getPublicKey());
    if (cost.isPresent()) {
      throw new TimestampException(
          Message.of(
              "The timestamp's authority %s %s.",
              CertificateName.of(candidates.get(0)), cost.get()),
          ANOTHER_AUTHORITY);
    }
    throw notSignedBy(candidates.get(0));
  }

  private static boolean isSignedBy(TimeStampToken token, X509Certificate candidate) {
    try {
      // By the key alone: whether the certificate was valid then is a question of its chain.
      return token.isSignatureValid(
          OtherCurves.verifiers(candidate.getPublicKey()).build(candidate.getPublicKey()));
    } catch (TSPException | OperatorCreationException e) {
      return false;
    }
  }

  private static boolean isSignedAsNamed(TimeStampToken token, X509Certificate candidate) {
    try {
      token.validate(OtherCurves.verifiers(candidate.getPublicKey()).build(candidate));
      return true;
    } catch (TSPException | OperatorCreationException e) {
      return false;
    }
  }

  private static void checkAlgorithms(TimeStampToken token) throws TimestampException {
    SignerInformation signer =
        token.toCMSSignedData().getSignerInfos().getSigners().iterator().next();
    Optional<ASN1ObjectIdentifier> digest =
        AlgorithmRules.digestOf(signer.toASN1Structure().getDigestEncryptionAlgorithm());
    if (!AlgorithmRules.isStrongDigest(new ASN1ObjectIdentifier(signer.getDigestAlgOID()))
        || !digest.map(AlgorithmRules::isStrongDigest).orElse(true)) {
      throw new TimestampException(
          "The timestamp is signed over a digest that is broken or unknown ("
              + signer.getDigestAlgOID()
              + "); SHA-256 or better is needed.",
          ANOTHER_AUTHORITY);
    }
  }

  private static TimestampException notSignedBy(X509Certificate authority) {
    return new TimestampException(
        "The timestamp is not signed by the authority that it names, "
            + CertificateName.of(authority)
            + ": it was changed after it was signed, or is a forgery.",
        FETCH_BUNDLE);
  }
}
