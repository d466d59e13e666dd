package dev.countersign.trust;

import dev.countersign.remedy.Remedy;
import dev.countersign.trust.SignedRoutes.Budget;
import dev.countersign.trust.SignedRoutes.Route;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathBuilderResult;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertStore;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXCertPathBuilderResult;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.security.auth.x500.X500Principal;

/**
 * Tells whether a certificate chains to a trust anchor (RFC 5280, section 6). Thread safe.
 *
 * <p>The JDK's PKIX builder finds the chain, once for each anchor that it may lead to, since it
 * takes an anchor for a name and a key: {@link PathCheckers} checks the rest. It says no more than
 * that it found none, and stops where two certificates in a row bear their issuer's name, as they
 * may do where a whole chain has one name. So a search of another kind follows, whose routes the
 * JDK's PKIX validator judges: it has a reason for each, or finds nothing wrong after all.
 */
public final class ChainValidator {

  /** Most CAs between a leaf and an anchor: a chain of 16 without the anchor. */
  private static final int MAX_AUTHORITIES = 15;

  /** Most certificates beside the leaf that are looked at; a bundle may hold a quarter of them. */
  private static final int MAX_OTHERS = 64;

  /** A few times what an honest chain takes, and a fraction of a second. */
  private static final int MAX_STEPS = 128;

  /** The position of the bit in KeyUsage (RFC 5280, section 4.2.1.3). */
  private static final int KEY_CERT_SIGN = 5;

  private final TrustAnchors anchors;
  private final CertificatePurpose purpose;
  private final RevocationLists revocation;
  private final ChainFaults faults;

  /**
   * Makes a validator.
   *
   * @param anchors whom the caller trusts
   * @param purpose what leaves are to be good for
   * @param revocation what has been revoked
   */
  public ChainValidator(
      TrustAnchors anchors, CertificatePurpose purpose, RevocationLists revocation) {
    this(anchors, purpose, revocation, new ChainFaults(purpose));
  }

  private ChainValidator(
      TrustAnchors anchors,
      CertificatePurpose purpose,
      RevocationLists revocation,
      ChainFaults faults) {
    this.anchors = anchors;
    this.purpose = purpose;
    this.revocation = revocation.knowing(anchors.certificates());
    this.faults = faults;
  }

  /**
   * Requires that a certificate can sign models at a time, whoever trusts it.
   *
   * @throws ChainException if no verifier would accept it then; its remedies are the signer's
   */
  public static void requireSigningUsable(X509Certificate certificate, Instant at)
      throws ChainException {
    ValidatedChain unused =
        new ChainValidator(
                TrustAnchors.of(List.of(certificate)),
                CertificatePurpose.MODEL_SIGNING,
                RevocationLists.none(),
                ChainFaults.ofSigning())
            .validate(certificate, List.of(), at, at);
  }

  /**
   * Returns a chain from a certificate to a trust anchor.
   *
   * @param leaf the certificate to trust or not
   * @param others certificates that may lie on the way, in any order, needed or not; none is
   *     trusted for being there
   * @param at when every certificate of the chain, and the anchor, must be valid
   * @param revocationAt what was revoked at this time or before is refused
   * @throws ChainException if there is no chain that keeps all rules; its kind and message are of
   *     what is in the way
   */
  public ValidatedChain validate(
      X509Certificate leaf, List<X509Certificate> others, Instant at, Instant revocationAt)
      throws ChainException {
    if (anchors.contains(leaf)) {
      return trustedItself(leaf, at, revocationAt);
    }
    Set<X509Certificate> between = new LinkedHashSet<>(others);
    between.remove(leaf);
    if (between.size() > MAX_OTHERS) {
      throw faults.untrusted(
          leaf,
          "it comes with "
              + between.size()
              + " other certificates, and at most "
              + MAX_OTHERS
              + " are looked at.",
          Remedy.text("Leave out what is not part of its chain."));
    }
    Search search = new Search(leaf, between, at, revocationAt);
    Optional<ValidatedChain> built = search.build();
    ValidatedChain chain = built.isPresent() ? built.get() : search.judgeRoutes();
    purpose.check(leaf);
    return chain;
  }

  /**
   * Checks again what may have changed since this validator returned a chain.
   *
   * @param at when every certificate of the chain, and the anchor, must be valid
   * @param revocationAt what was revoked at this time or before is refused
   * @throws ChainException if the chain does not hold any more; another one may
   */
  public void recheck(ValidatedChain chain, Instant at, Instant revocationAt)
      throws ChainException {
    List<X509Certificate> path = chain.path();
    if (anchors.contains(path.get(0))) {
      var unused = trustedItself(path.get(0), at, revocationAt);
      return;
    }
    requireValid(chain.anchor(), at);
    revocation.requireAnchorUnrevoked(chain.anchor(), revocationAt, faults);
    for (int i = 0; i < path.size(); i++) {
      X509Certificate certificate = path.get(i);
      requireValid(certificate, at);
      X509Certificate issuer = i + 1 < path.size() ? path.get(i + 1) : chain.anchor();
      revocation.requireUnrevoked(certificate, issuer, revocationAt, faults);
    }
  }

  /** A leaf that the caller trusts needs no issuer, and must keep the rules for a leaf. */
  private ValidatedChain trustedItself(X509Certificate leaf, Instant at, Instant revocationAt)
      throws ChainException {
    requireValid(leaf, at);
    requireNone(AlgorithmRules.faultOfKey(leaf), leaf);
    if (leaf.hasUnsupportedCriticalExtension()) {
      throw faults.unsuitable(leaf, "has a critical extension that is not known here");
    }
    revocation.requireAnchorUnrevoked(leaf, revocationAt, faults);
    purpose.check(leaf);
    return new ValidatedChain(List.of(leaf), leaf);
  }

  private void requireValid(X509Certificate certificate, Instant at) throws ChainException {
    if (!isValid(certificate, at)) {
      throw faults.outOfTime(certificate, at);
    }
  }

  /** Returns whether the time lies within a certificate's validity, both ends inclusive. */
  private static boolean isValid(X509Certificate certificate, Instant at) {
    return !at.isBefore(certificate.getNotBefore().toInstant())
        && !at.isAfter(certificate.getNotAfter().toInstant());
  }

  private void requireNone(Optional<String> problem, X509Certificate certificate)
      throws ChainException {
    if (problem.isPresent()) {
      throw faults.unsuitable(certificate, problem.get());
    }
  }

  /** One search for a chain. */
  private final class Search {

    private final X509Certificate leaf;
    private final Set<X509Certificate> others;
    private final Instant at;
    private final Instant revocationAt;

    Search(X509Certificate leaf, Set<X509Certificate> others, Instant at, Instant revocationAt) {
      this.leaf = leaf;
      this.others = others;
      this.at = at;
      this.revocationAt = revocationAt;
    }

    /** Returns the first chain that the JDK's builder finds; empty if it finds none. */
    Optional<ValidatedChain> build() {
      Set<X500Principal> issuers =
          Stream.concat(Stream.of(leaf), others.stream())
              .map(X509Certificate::getIssuerX500Principal)
              .collect(Collectors.toSet());
      Budget budget = new Budget(MAX_STEPS);
      try {
        for (X509Certificate anchor : anchors.certificates()) {
          if (issuers.contains(anchor.getSubjectX500Principal()) && isUsable(anchor)) {
            Optional<ValidatedChain> chain = build(anchor, budget);
            if (chain.isPresent()) {
              return chain;
            }
          }
        }
      } catch (Budget.SpentException e) {
        // The other search, which cannot explode, decides.
      }
      return Optional.empty();
    }

    private boolean isUsable(X509Certificate anchor) {
      try {
        requireUsable(anchor);
        return true;
      } catch (ChainException e) {
        return false; // Another may do; if none does, the routes have the reason.
      }
    }

    /** Checks that a trust anchor may vouch for other certificates. */
    private void requireUsable(X509Certificate anchor) throws ChainException {
      if (!isValid(anchor, at)) {
        throw faults.anchorOutOfTime(anchor, at);
      }
      requireNone(AlgorithmRules.faultOfKey(anchor), anchor);
      // Before version 3 there was no way to say that a certificate is a CA's.
      if (anchor.getVersion() >= 3 && anchor.getBasicConstraints() < 0) {
        throw faults.unsuitable(
            anchor,
            "is not a CA certificate, so it is trusted only for itself, but it issued another");
      }
      boolean[] keyUsage = anchor.getKeyUsage();
      if (keyUsage != null && !keyUsage[KEY_CERT_SIGN]) {
        throw faults.unsuitable(
            anchor, "issued another certificate, and its key usage lacks keyCertSign");
      }
      revocation.requireAnchorUnrevoked(anchor, revocationAt, faults);
    }

    private Optional<ValidatedChain> build(X509Certificate anchor, Budget budget) {
      try {
        X509CertSelector target = new X509CertSelector();
        target.setCertificate(leaf);
        PKIXBuilderParameters parameters =
            new PKIXBuilderParameters(Set.of(new TrustAnchor(anchor, null)), target);
        parameters.setMaxPathLength(MAX_AUTHORITIES);
        List<X509Certificate> certificates =
            Stream.concat(Stream.of(leaf), others.stream())
                .filter(each -> AlgorithmRules.costOfKey(each.getPublicKey()).isEmpty())
                .toList();
        parameters.addCertStore(
            CertStore.getInstance("Collection", new CollectionCertStoreParameters(certificates)));
        configure(parameters, anchor, budget);
        CertPathBuilderResult result = CertPathBuilder.getInstance("PKIX").build(parameters);
        List<X509Certificate> path =
            ((PKIXCertPathBuilderResult) result)
                .getCertPath().getCertificates().stream().map(X509Certificate.class::cast).toList();
        return Optional.of(new ValidatedChain(path, anchor));
      } catch (CertPathBuilderException e) {
        return Optional.empty();
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("This JVM cannot build certificate chains", e);
      }
    }

    /** Returns the chain of the first route that keeps all rules, or says what the best breaks. */
    ValidatedChain judgeRoutes() throws ChainException {
      SignedRoutes routes =
          new SignedRoutes(leaf, others, anchors.certificates(), new Budget(MAX_STEPS));
      Optional<ChainException> obstacle = Optional.empty();
      for (Route route : routes.found()) {
        try {
          judge(route);
          return new ValidatedChain(route.path(), route.anchor());
        } catch (ChainException e) {
          obstacle = obstacle.or(() -> Optional.of(e));
        }
      }
      throw obstacle.orElseGet(() -> noRoute(routes.end()));
    }

    /** Says why no certificate of the issuer's name has signed the one where the search ended. */
    private ChainException noRoute(X509Certificate end) {
      List<X509Certificate> named =
          Stream.concat(anchors.certificates().stream(), others.stream())
              .filter(
                  issuer -> issuer.getSubjectX500Principal().equals(end.getIssuerX500Principal()))
              .toList();
      for (X509Certificate issuer : named) {
        Optional<String> fault = AlgorithmRules.faultOfKey(issuer);
        if (fault.isPresent()) {
          return faults.unsuitable(issuer, fault.get());
        }
      }
      return named.stream().anyMatch(anchors::contains)
          ? faults.otherKey(leaf, end)
          : faults.noAnchor(leaf, end);
    }

    private void judge(Route route) throws ChainException {
      requireUsable(route.anchor());
      if (route.path().size() > MAX_AUTHORITIES + 1) {
        throw faults.untrusted(
            leaf,
            "its chain has "
                + route.path().size()
                + " certificates, and at most "
                + (MAX_AUTHORITIES + 1)
                + " are accepted.",
            Remedy.text("Use a shorter one."));
      }
      try {
        PKIXParameters parameters =
            new PKIXParameters(Set.of(new TrustAnchor(route.anchor(), null)));
        configure(parameters, route.anchor(), new Budget(MAX_STEPS));
        var unused =
            CertPathValidator.getInstance("PKIX")
                .validate(
                    CertificateFactory.getInstance("X.509")
                        .generateCertPath(OtherCurves.checkable(route.path(), route.anchor())),
                    parameters);
      } catch (CertPathValidatorException e) {
        throw faults.of(e, route.path(), at);
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("This JVM cannot validate certificate chains", e);
      }
    }

    private void configure(PKIXParameters parameters, X509Certificate anchor, Budget budget)
        throws InvalidAlgorithmParameterException {
      // The JDK's own revocation checks would fetch; PathCheckers has the lists that were given.
      parameters.setRevocationEnabled(false);
      parameters.setDate(Date.from(at));
      PathCheckers checkers = new PathCheckers(leaf, purpose, revocation, revocationAt, faults);
      parameters.addCertPathChecker(checkers.ofEach(budget));
      parameters.addCertPathChecker(checkers.below(anchor));
    }
  }
}
