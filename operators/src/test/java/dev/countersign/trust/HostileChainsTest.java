package dev.countersign.trust;

import static dev.countersign.trust.CertificateForge.NOW;
import static dev.countersign.trust.ChainAssertions.assertChain;
import static dev.countersign.trust.ChainAssertions.assertRefused;
import static dev.countersign.trust.ChainAssertions.trusting;
import static dev.countersign.trust.ChainAssertions.validate;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.keys.CertificateDecoder;
import dev.countersign.trust.CertificateForge.Issued;
import dev.countersign.trust.ChainException.Kind;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.security.KeyPair;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Chains that are made to lead astray or to cost time: each is refused, and cheaply. */
final class HostileChainsTest {

  /** The CPU time that a hostile chain may cost. */
  private static final Duration BOUND = Duration.ofSeconds(5);

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final Issued root = CertificateForge.ca("CN=Root").issue();

  @Test
  void sixteenCertificatesOfOneNameAndKey_costLittle() {
    List<Issued> clones = clones(16, CertificateForge.ec("secp256r1"));
    Issued leaf = CertificateForge.leaf("CN=Leaf").signedBy(clones.get(0)).issue();

    assertUntrusted(leaf, clones);
  }

  @Test
  void manyCertificatesOfOneNameAndAsManyKeys_costLittle() {
    List<Issued> clones = new ArrayList<>();
    Issued issuer = CertificateForge.ca("CN=Clone").issue();
    for (int i = 0; i < 63; i++) {
      issuer = CertificateForge.ca("CN=Clone").signedBy(issuer).withoutKeyIdentifiers().issue();
      clones.add(issuer);
    }
    Issued leaf = CertificateForge.leaf("CN=Leaf").signedBy(issuer).withoutKeyIdentifiers().issue();
    Collections.shuffle(clones, new Random(7));

    assertUntrusted(leaf, clones);
  }

  /** Four names, each certified by each with many certificates: more paths than can be walked. */
  @Test
  void latticeOfCrossSignedCertificates_costsLittle() {
    List<Issued> names = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      names.add(CertificateForge.ca("CN=Name " + i).issue());
    }
    List<Issued> lattice = new ArrayList<>();
    for (int copy = 0; copy < 5; copy++) {
      for (Issued subject : names) {
        for (Issued issuer : names) {
          if (!subject.equals(issuer) && lattice.size() < 60) {
            lattice.add(
                CertificateForge.ca(subject.subject().getName())
                    .keys(subject.keys())
                    .signedBy(issuer)
                    .with(
                        Extension.subjectAlternativeName,
                        false,
                        new GeneralNames(
                            new GeneralName(GeneralName.dNSName, "copy" + copy + lattice.size())))
                    .issue());
          }
        }
      }
    }
    Issued leaf = CertificateForge.leaf("CN=Leaf").signedBy(names.get(0)).issue();

    assertUntrusted(leaf, lattice);
  }

  @Test
  void loopOfTwo_ends() {
    KeyPair a = CertificateForge.ec("secp256r1");
    KeyPair b = CertificateForge.ec("secp256r1");
    Issued seedA = CertificateForge.ca("CN=A").keys(a).issue();
    Issued bByA = CertificateForge.ca("CN=B").keys(b).signedBy(seedA).issue();
    Issued aByB = CertificateForge.ca("CN=A").keys(a).signedBy(bByA).issue();
    Issued leaf = CertificateForge.leaf("CN=Leaf").signedBy(aByB).issue();

    assertUntrusted(leaf, List.of(aByB, bByA));
  }

  @Test
  void selfIssuedRepeats_end() {
    KeyPair keys = CertificateForge.ec("secp256r1");
    Issued issuer = CertificateForge.ca("CN=Self").keys(keys).issue();
    List<Issued> repeats = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      repeats.add(
          CertificateForge.ca("CN=Self")
              .keys(keys)
              .signedBy(issuer)
              .with(
                  Extension.subjectAlternativeName,
                  false,
                  new GeneralNames(new GeneralName(GeneralName.dNSName, "repeat" + i)))
              .issue());
    }
    Issued leaf = CertificateForge.leaf("CN=Leaf").signedBy(issuer).issue();

    assertUntrusted(leaf, repeats);
  }

  @ParameterizedTest
  @ValueSource(strings = {"secp384r1", "secp521r1"})
  void clonesOnSlowCurves_costLittle(String curve) {
    List<Issued> clones = clones(60, CertificateForge.ec(curve));
    Issued leaf = CertificateForge.leaf("CN=Leaf").signedBy(clones.get(0)).issue();

    assertUntrusted(leaf, clones);
  }

  /** They bear the root's name, so the search reaches for the root after each of them. */
  @Test
  void clonesOfTheRootsName_costLittle() {
    KeyPair keys = CertificateForge.ec("secp256r1");
    Issued impostor = CertificateForge.ca("CN=Root").keys(keys).issue();
    List<Issued> clones = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      clones.add(
          CertificateForge.ca(i % 2 == 0 ? "CN=Clone" : "CN=Other")
              .keys(keys)
              .signedBy(impostor)
              .withoutKeyIdentifiers()
              .with(
                  Extension.subjectAlternativeName,
                  false,
                  new GeneralNames(new GeneralName(GeneralName.dNSName, "clone" + i)))
              .issue());
    }
    Issued leaf =
        CertificateForge.leaf("CN=Leaf").signedBy(clones.get(0)).withoutKeyIdentifiers().issue();

    assertUntrusted(leaf, clones);
  }

  @Test
  void honestChainAmongClones_isStillFound() throws Exception {
    List<Issued> others = clones(40, CertificateForge.ec("secp256r1"));
    Issued honest =
        CertificateForge.ca("CN=Clone").keys(others.get(0).keys()).signedBy(root).issue();
    Issued leaf = CertificateForge.leaf("CN=Leaf").signedBy(honest).issue();
    others.add(honest);

    assertChain(validate(trusting(root), leaf, others.toArray(new Issued[0])), root, leaf, honest);
  }

  @Test
  void moreCertificatesThanTheLimit_areNotLookedAt() {
    KeyPair keys = CertificateForge.ec("secp256r1");
    Issued issuer = CertificateForge.ca("CN=Clone").keys(keys).issue();
    List<Issued> clones = clones(65, keys);
    Issued leaf = CertificateForge.leaf("CN=Leaf").signedBy(issuer).issue();

    assertRefused(
        Kind.UNTRUSTED,
        "No trusted certificate vouches for CN=Leaf: it comes with 65 other certificates, and at"
            + " most 64 are looked at. Leave out what is not part of its chain.",
        trusting(root),
        leaf,
        clones.toArray(new Issued[0]));
  }

  @Test
  void certificateInTheAnchorsNameAndKey_isNoAnchor() {
    Issued posing = CertificateForge.ca("CN=Root").issue();
    Issued leaf = CertificateForge.leaf("CN=Leaf").signedBy(posing).issue();

    assertUntrusted(leaf, List.of(posing));
  }

  @Test
  void leafSignedByAnotherLeaf_isRefused() {
    Issued honest = CertificateForge.leaf("CN=Honest").signedBy(root).issue();
    Issued forged = CertificateForge.leaf("CN=Forged").signedBy(honest).issue();

    ChainException refusal =
        catchThrowableOfType(ChainException.class, () -> validate(trusting(root), forged, honest));

    assertThat(refusal.kind()).isEqualTo(Kind.UNSUITABLE);
  }

  @Test
  void leafThatClaimsTheRootAsIssuer_isUntrusted() {
    Issued attacker = CertificateForge.ca("CN=Attacker").issue();
    Issued forged =
        CertificateForge.leaf("CN=Forged").signedBy(attacker).issuerName("CN=Root").issue();

    assertUntrusted(forged, List.of(attacker, root));
  }

  @Test
  void damagedCertificates_areRefusedOrNotReadAtAll() throws Exception {
    Issued intermediate = CertificateForge.ca("CN=CA").signedBy(root).issue();
    Issued leaf = CertificateForge.leaf("CN=Leaf").signedBy(intermediate).issue();
    SplittableRandom random = new SplittableRandom(3);
    ChainValidator validator = trusting(root);
    X509Certificate lure = lure();
    int read = 0;

    for (int i = 0; i < 500; i++) {
      Issued victim = i % 2 == 0 ? leaf : intermediate;
      byte[] damaged = victim.certificate().getEncoded();
      damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      X509Certificate certificate;
      try {
        certificate = CertificateDecoder.decode(damaged);
      } catch (CertificateException e) {
        continue;
      }
      read++;
      X509Certificate first = i % 2 == 0 ? certificate : leaf.certificate();
      X509Certificate second = i % 2 == 0 ? intermediate.certificate() : certificate;

      ChainException refusal =
          catchThrowableOfType(
              ChainException.class,
              () -> validator.validate(first, List.of(second, lure), NOW, NOW));

      assertThat(refusal).as("change %d", i).isNotNull();
      var unused =
          catchThrowableOfType(
              ChainException.class,
              () ->
                  new ChainValidator(
                          TrustAnchors.of(List.of(certificate)),
                          CertificatePurpose.TIMESTAMPING,
                          RevocationLists.none())
                      .validate(first, List.of(second), NOW, NOW));
    }
    assertThat(read).isGreaterThan(50);
  }

  private void assertUntrusted(Issued leaf, List<Issued> others) {
    ChainValidator validator = trusting(root);
    List<X509Certificate> certificates = new ArrayList<>(List.of(lure()));
    others.forEach(other -> certificates.add(other.certificate()));
    ThrowingCallable validation =
        () -> validator.validate(leaf.certificate(), certificates, NOW, NOW);

    long before = THREADS.getCurrentThreadCpuTime();
    ChainException refusal = catchThrowableOfType(ChainException.class, validation);
    Duration cost = Duration.ofNanos(THREADS.getCurrentThreadCpuTime() - before);

    assertThat(refusal).as("refusal").isNotNull();
    assertThat(refusal.kind()).isEqualTo(Kind.UNTRUSTED);
    assertThat(refusal)
        .hasMessageStartingWith("No trusted certificate vouches for " + leaf.subject() + ": ");
    assertThat(cost).isLessThan(BOUND);
  }

  /** A certificate that names the root as its issuer: without one no search begins. */
  private static X509Certificate lure() {
    Issued impostor = CertificateForge.ca("CN=Root").issue();
    return CertificateForge.ca("CN=Lure").signedBy(impostor).issue().certificate();
  }

  /** Returns CAs of one name and key, each certified by that key. */
  private static List<Issued> clones(int count, KeyPair keys) {
    Issued issuer = CertificateForge.ca("CN=Clone").keys(keys).issue();
    List<Issued> clones = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      clones.add(CertificateForge.ca("CN=Clone").keys(keys).signedBy(issuer).issue());
    }
    return clones;
  }
}
