package dev.countersign.trust;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.cert.CRLException;
import java.security.cert.CRLReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Certificate revocation lists that the caller gave (RFC 5280, section 5). None is ever fetched,
 * and a certificate of whose issuer there is no list counts as not revoked. Thread safe.
 */
public final class RevocationLists {

  /** The position of the bit in KeyUsage (RFC 5280, section 4.2.1.3). */
  private static final int CRL_SIGN = 6;

  /** Extensions of an entry that change nothing about which certificate it is of. */
  private static final Set<String> HARMLESS_OF_ENTRIES = Set.of("2.5.29.21", "2.5.29.24");

  private static final RevocationLists NONE = new RevocationLists(List.of());

  private final List<X509CRL> lists;

  private RevocationLists(List<X509CRL> lists) {
    this.lists = List.copyOf(lists);
  }

  /**
   * That a certificate was revoked.
   *
   * @param date from when on
   * @param reason why, in words
   */
  record Revocation(Instant date, String reason) {}

  /** Returns no list at all. */
  public static RevocationLists none() {
    return NONE;
  }

  /**
   * Returns the lists of some files. Whether a list is signed by the issuer whose certificates it
   * names shows when that issuer is known; until then it revokes nothing.
   *
   * @param derOrPem the files, as {@link CrlFile#load} returns them; not changed
   * @param sources how messages name each of them: the paths, as a rule; as many as there are files
   * @throws TrustException if one of them holds no revocation list, a list that is out of date, or
   *     one that says of only some certificates, or of several issuers', which are revoked
   */
  public static RevocationLists of(List<byte[]> derOrPem, List<String> sources)
      throws TrustException {
    return of(derOrPem, sources, Instant.now());
  }

  /**
   * Returns lists that {@link #of} has taken before, as when they were shipped to another machine:
   * that one of them has gone out of date since does not end a run in its middle.
   *
   * @throws TrustException as {@link #of} does, but for lists that are out of date
   */
  public static RevocationLists ofTaken(List<byte[]> derOrPem) throws TrustException {
    return of(
        derOrPem,
        Collections.nCopies(derOrPem.size(), "a revocation list of this run"),
        Instant.MIN);
  }

  static RevocationLists of(List<byte[]> derOrPem, List<String> sources, Instant now)
      throws TrustException {
    if (derOrPem.size() != sources.size()) {
      throw new IllegalArgumentException(
          derOrPem.size() + " revocation lists and " + sources.size() + " names of them");
    }
    List<X509CRL> lists = new ArrayList<>();
    for (int i = 0; i < derOrPem.size(); i++) {
      String source = sources.get(i);
      for (byte[] der : CrlFile.lists(derOrPem.get(i), source)) {
        X509CRL list = parse(der, source);
        checkComplete(list, source);
        checkFresh(list, source, now);
        lists.add(list);
      }
    }
    return new RevocationLists(lists);
  }

  /**
   * Returns whether and when a certificate was revoked.
   *
   * @param issuer the certificate of who issued it
   * @param at later revocations do not count
   */
  Optional<Revocation> find(X509Certificate certificate, X509Certificate issuer, Instant at) {
    for (X509CRL list : lists) {
      if (list.getIssuerX500Principal().equals(certificate.getIssuerX500Principal())) {
        X509CRLEntry entry = list.getRevokedCertificate(certificate.getSerialNumber());
        // Few are listed, so few signatures need be checked.
        if (entry != null
            && !entry.getRevocationDate().toInstant().isAfter(at)
            && isSignedBy(list, issuer)) {
          return Optional.of(
              new Revocation(
                  entry.getRevocationDate().toInstant(), reason(entry.getRevocationReason())));
        }
      }
    }
    return Optional.empty();
  }

  private static boolean isSignedBy(X509CRL list, X509Certificate issuer) {
    boolean[] keyUsage = issuer.getKeyUsage();
    if (!list.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())
        || (keyUsage != null && !keyUsage[CRL_SIGN])) {
      return false;
    }
    try {
      list.verify(issuer.getPublicKey());
      return true;
    } catch (GeneralSecurityException | RuntimeException e) {
      return false;
    }
  }

  private static String reason(CRLReason reason) {
    return reason == null
        ? "no reason given"
        : reason.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private static X509CRL parse(byte[] der, String source) throws TrustException {
    if (!isOneSequence(der)) {
      throw damaged(source);
    }
    try {
      return (X509CRL)
          CertificateFactory.getInstance("X.509").generateCRL(new ByteArrayInputStream(der));
    } catch (CRLException | RuntimeException e) {
      throw damaged(source);
    } catch (CertificateException e) {
      throw new IllegalStateException("This JVM cannot read revocation lists", e);
    }
  }

  /**
   * Returns whether the bytes are a SEQUENCE that says how long it is. In one that leaves this open
   * the JDK looks for the end by recursion, as deep as the bytes go on like that.
   */
  private static boolean isOneSequence(byte[] der) {
    if (der.length < 2 || der[0] != CrlFile.SEQUENCE) {
      return false;
    }
    int first = der[1] & 0xff;
    if (first < 0x80) {
      return der.length == 2 + first;
    }
    int lengthBytes = first - 0x80;
    if (lengthBytes == 0 || lengthBytes > Integer.BYTES || der.length < 2 + lengthBytes) {
      return false;
    }
    long length = 0;
    for (int i = 2; i < 2 + lengthBytes; i++) {
      length = length << Byte.SIZE | (der[i] & 0xff);
    }
    return der.length == 2 + lengthBytes + length;
  }

  private static TrustException damaged(String source) {
    return CrlFile.refuse(
        source, "is no certificate revocation list", "The file is damaged; fetch a fresh copy.");
  }

  private static void checkComplete(X509CRL list, String source) throws TrustException {
    checkKnown(list.getCriticalExtensionOIDs(), Set.of(), source);
    Set<? extends X509CRLEntry> entries = list.getRevokedCertificates();
    if (entries != null) {
      for (X509CRLEntry entry : entries) {
        checkKnown(entry.getCriticalExtensionOIDs(), HARMLESS_OF_ENTRIES, source);
      }
    }
  }

  private static void checkKnown(Set<String> critical, Set<String> known, String source)
      throws TrustException {
    if (critical == null) {
      return;
    }
    for (String extension : critical) {
      if (!known.contains(extension)) {
        throw CrlFile.refuse(
            source,
            "has the critical extension "
                + extension
                + ", as lists have that are of part of the certificates only, or of several"
                + " issuers'",
            "Give a complete list of one issuer to --crl.");
      }
    }
  }

  private static void checkFresh(X509CRL list, String source, Instant now) throws TrustException {
    Date nextUpdate = list.getNextUpdate();
    if (nextUpdate == null) {
      throw CrlFile.refuse(
          source, "does not say until when it holds", "Have its issuer put that right.");
    }
    if (nextUpdate.toInstant().isBefore(now)) {
      throw CrlFile.refuse(
          source,
          "is out of date: there was to be a newer one by " + nextUpdate.toInstant(),
          "Fetch a fresh one from its issuer.");
    }
  }
}
