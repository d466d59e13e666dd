package dev.countersign.trust;

import static dev.countersign.trust.CertificateForge.NOW;
import static dev.countersign.trust.ChainAssertions.assertChain;
import static dev.countersign.trust.ChainAssertions.trusting;
import static dev.countersign.trust.ChainAssertions.validate;
import static dev.countersign.trust.ChainAssertions.validateAt;

import dev.countersign.trust.CertificateForge.Issued;
import java.security.KeyPair;
import java.time.Duration;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Certificates as they are found in the wild, which must pass. */
final class OddCertificatesTest {

  private final Issued root = CertificateForge.ca("CN=Root,O=Test").issue();
  private final Issued intermediate =
      CertificateForge.ca("CN=Intermediate,O=Test").signedBy(root).issue();
  private final Issued leaf = CertificateForge.leaf("CN=Leaf").signedBy(intermediate).issue();

  @Test
  void chain_withoutTheRoot_passes() throws Exception {
    assertChain(validate(trusting(root), leaf, intermediate), root, leaf, intermediate);
  }

  @Test
  void chain_withTheRoot_passes() throws Exception {
    assertChain(validate(trusting(root), leaf, intermediate, root), root, leaf, intermediate);
  }

  @Test
  void chain_inAnyOrderWithDuplicatesAndTheLeaf_passes() throws Exception {
    Issued unrelated = CertificateForge.ca("CN=Unrelated").issue();

    ValidatedChain chain =
        validate(
            trusting(root), leaf, root, unrelated, root, intermediate, leaf, intermediate, leaf);

    assertChain(chain, root, leaf, intermediate);
  }

  @Test
  void leaf_directlyUnderTheRoot_passes() throws Exception {
    Issued direct = CertificateForge.leaf("CN=Direct").signedBy(root).issue();

    assertChain(validate(trusting(root), direct), root, direct);
  }

  @Test
  void intermediate_fromTheCallerAlone_isAnAnchor() throws Exception {
    assertChain(validate(trusting(intermediate), leaf), intermediate, leaf);
    assertChain(validate(trusting(root, intermediate), leaf), intermediate, leaf);
  }

  @Test
  void leaf_thatTheCallerNames_isItsOwnAnchor() throws Exception {
    assertChain(validate(trusting(leaf), leaf), leaf, leaf);
    assertChain(validate(trusting(root, leaf), leaf, intermediate), leaf, leaf);
  }

  @Test
  void selfSignedLeaf_thatTheCallerNames_passes() throws Exception {
    Issued own = CertificateForge.leaf("CN=Own").issue();

    assertChain(validate(trusting(own), own), own, own);
  }

  @Test
  void leaf_withItsIssuersName_isNotTakenForSelfSigned() throws Exception {
    Issued namesake =
        CertificateForge.leaf("CN=Intermediate,O=Test").signedBy(intermediate).issue();

    ValidatedChain chain = validate(trusting(root), namesake, intermediate);

    assertChain(chain, root, namesake, intermediate);
  }

  @Test
  void leaf_withTheRootsName_isNotTakenForSelfSigned() throws Exception {
    Issued namesake = CertificateForge.leaf("CN=Root,O=Test").signedBy(root).issue();

    assertChain(validate(trusting(root), namesake), root, namesake);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void chain_ofOneNameThroughout_passes(boolean keyIdentifiers) throws Exception {
    Issued top = forge(CertificateForge.ca("CN=Same"), keyIdentifiers);
    Issued middle = forge(CertificateForge.ca("CN=Same").signedBy(top), keyIdentifiers);
    Issued bottom = forge(CertificateForge.leaf("CN=Same").signedBy(middle), keyIdentifiers);

    ValidatedChain chain = validate(trusting(top), bottom, middle);

    assertChain(chain, top, bottom, middle);
  }

  @Test
  void leaf_withTheCaFlag_passes() throws Exception {
    Issued flagged =
        CertificateForge.leaf("CN=Flagged")
            .with(Extension.basicConstraints, true, new BasicConstraints(true))
            .keyUsage(KeyUsage.digitalSignature | KeyUsage.keyCertSign)
            .signedBy(intermediate)
            .issue();

    assertChain(validate(trusting(root), flagged, intermediate), root, flagged, intermediate);
  }

  @Test
  void ecLeaf_underRsaIntermediateAndRoot_passes() throws Exception {
    Issued rsaRoot = CertificateForge.ca("CN=RSA Root").keys(CertificateForge.rsa(3072)).issue();
    Issued rsaIntermediate =
        CertificateForge.ca("CN=RSA CA").keys(CertificateForge.rsa(2048)).signedBy(rsaRoot).issue();
    Issued ecLeaf =
        CertificateForge.leaf("CN=EC")
            .keys(CertificateForge.ec("secp384r1"))
            .signedBy(rsaIntermediate)
            .issue();

    ValidatedChain chain = validate(trusting(rsaRoot), ecLeaf, rsaIntermediate);

    assertChain(chain, rsaRoot, ecLeaf, rsaIntermediate);
  }

  @Test
  void chain_signedWithRsaPss_passes() throws Exception {
    Issued rsaRoot = CertificateForge.ca("CN=RSA Root").keys(CertificateForge.rsa(2048)).issue();
    Issued pssLeaf =
        CertificateForge.leaf("CN=PSS").signedBy(rsaRoot).algorithm("PSS SHA-256").issue();

    assertChain(validate(trusting(rsaRoot), pssLeaf), rsaRoot, pssLeaf);
  }

  @Test
  void chain_ofEd25519_passes() throws Exception {
    Issued edRoot = CertificateForge.ca("CN=Ed Root").keys(CertificateForge.ed25519()).issue();
    Issued edLeaf =
        CertificateForge.leaf("CN=Ed").keys(CertificateForge.ed25519()).signedBy(edRoot).issue();

    assertChain(validate(trusting(edRoot), edLeaf), edRoot, edLeaf);
  }

  @Test
  void leaf_withoutKeyUsageForCodeSigning_passes() throws Exception {
    Issued odd =
        CertificateForge.leaf("CN=EKU only").without(Extension.keyUsage).signedBy(root).issue();

    assertChain(validate(trusting(root), odd), root, odd);
  }

  @Test
  void leaf_withDigitalSignatureAlone_passes() throws Exception {
    Issued odd =
        CertificateForge.leaf("CN=KU only")
            .without(Extension.extendedKeyUsage)
            .signedBy(root)
            .issue();

    assertChain(validate(trusting(root), odd), root, odd);
  }

  @Test
  void leaf_withCriticalExtendedKeyUsageOfSeveral_passes() throws Exception {
    Issued odd =
        CertificateForge.leaf("CN=Several")
            .keyUsage(KeyUsage.keyEncipherment)
            .extendedKeyUsage(true, KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_codeSigning)
            .signedBy(root)
            .issue();

    assertChain(validate(trusting(root), odd), root, odd);
  }

  @Test
  void chain_withoutKeyIdentifiers_passes() throws Exception {
    Issued top = CertificateForge.ca("CN=Top").withoutKeyIdentifiers().issue();
    Issued middle = CertificateForge.ca("CN=Middle").withoutKeyIdentifiers().signedBy(top).issue();
    Issued bottom =
        CertificateForge.leaf("CN=Bottom").withoutKeyIdentifiers().signedBy(middle).issue();

    assertChain(validate(trusting(top), bottom, middle), top, bottom, middle);
  }

  @Test
  void crossSignedRoot_passesUnderEither() throws Exception {
    KeyPair shared = CertificateForge.ec("secp256r1");
    Issued oldRoot = CertificateForge.ca("CN=Old").issue();
    Issued newRoot = CertificateForge.ca("CN=New").keys(shared).issue();
    Issued cross = CertificateForge.ca("CN=New").keys(shared).signedBy(oldRoot).issue();
    Issued signer = CertificateForge.leaf("CN=Signer").signedBy(newRoot).issue();

    assertChain(validate(trusting(oldRoot), signer, cross, newRoot), oldRoot, signer, cross);
    assertChain(validate(trusting(newRoot), signer, cross, newRoot), newRoot, signer);
  }

  @Test
  void rootReissuedWithTheSameKey_passesWhileOneIsValid() throws Exception {
    KeyPair shared = CertificateForge.ec("secp256r1");
    Issued expired =
        CertificateForge.ca("CN=Reissued")
            .keys(shared)
            .validity(NOW.minus(Duration.ofDays(900)), NOW.minus(Duration.ofDays(1)))
            .issue();
    Issued current = CertificateForge.ca("CN=Reissued").keys(shared).issue();
    Issued signer = CertificateForge.leaf("CN=Signer").signedBy(expired).issue();

    assertChain(validate(trusting(expired, current), signer, expired), current, signer);
  }

  @Test
  void expiredIntermediate_withAValidTwin_passes() throws Exception {
    KeyPair shared = CertificateForge.ec("secp256r1");
    Issued expired =
        CertificateForge.ca("CN=Twin")
            .keys(shared)
            .validity(NOW.minus(Duration.ofDays(900)), NOW.minus(Duration.ofDays(1)))
            .signedBy(root)
            .issue();
    Issued current = CertificateForge.ca("CN=Twin").keys(shared).signedBy(root).issue();
    Issued signer = CertificateForge.leaf("CN=Signer").signedBy(current).issue();

    assertChain(validate(trusting(root), signer, expired, current), root, signer, current);
  }

  @Test
  void weaklySignedIntermediate_withASoundTwin_passes() throws Exception {
    Issued rsaRoot = CertificateForge.ca("CN=RSA Root").keys(CertificateForge.rsa(2048)).issue();
    KeyPair shared = CertificateForge.ec("secp256r1");
    Issued weak =
        CertificateForge.ca("CN=Twin")
            .keys(shared)
            .signedBy(rsaRoot)
            .algorithm("SHA1withRSA")
            .issue();
    Issued sound = CertificateForge.ca("CN=Twin").keys(shared).signedBy(rsaRoot).issue();
    Issued signer = CertificateForge.leaf("CN=Signer").signedBy(sound).issue();

    assertChain(validate(trusting(rsaRoot), signer, weak, sound), rsaRoot, signer, sound);
  }

  @Test
  void root_selfSignedWithSha1_passes() throws Exception {
    Issued oldRoot =
        CertificateForge.ca("CN=Old")
            .keys(CertificateForge.rsa(2048))
            .algorithm("SHA1withRSA")
            .issue();
    Issued signer = CertificateForge.leaf("CN=Signer").signedBy(oldRoot).issue();

    assertChain(validate(trusting(oldRoot), signer, oldRoot), oldRoot, signer);
  }

  @Test
  void root_ofVersion1_passesAsAnAnchor() throws Exception {
    Issued ancient = CertificateForge.ca("CN=Ancient").issueVersion1();
    Issued signer = CertificateForge.leaf("CN=Signer").signedBy(ancient).issue();

    assertChain(validate(trusting(ancient), signer), ancient, signer);
  }

  @Test
  void expiredChain_atATimeWhenItWasValid_passes() throws Exception {
    Issued past =
        CertificateForge.leaf("CN=Past")
            .validity(NOW.minus(Duration.ofDays(20)), NOW.minus(Duration.ofDays(10)))
            .signedBy(root)
            .issue();

    assertChain(validateAt(NOW.minus(Duration.ofDays(15)), trusting(root), past), root, past);
  }

  @Test
  void chain_ofSixteenCertificates_passes() throws Exception {
    Issued[] authorities = new Issued[15];
    Issued issuer = root;
    for (int i = authorities.length - 1; i >= 0; i--) {
      issuer = CertificateForge.ca("CN=CA " + i).signedBy(issuer).issue();
      authorities[i] = issuer;
    }
    Issued signer = CertificateForge.leaf("CN=Signer").signedBy(issuer).issue();

    ValidatedChain chain = validate(trusting(root), signer, authorities);

    assertChain(chain, root, concatenated(signer, authorities));
  }

  private static Issued[] concatenated(Issued first, Issued[] rest) {
    Issued[] all = new Issued[rest.length + 1];
    all[0] = first;
    System.arraycopy(rest, 0, all, 1, rest.length);
    return all;
  }

  private static Issued forge(CertificateForge forge, boolean keyIdentifiers) {
    return keyIdentifiers ? forge.issue() : forge.withoutKeyIdentifiers().issue();
  }
}
