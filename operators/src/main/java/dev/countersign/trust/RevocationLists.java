package dev.countersign.trust;

import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.text.Message;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.cert.CRLException;
import java.security.cert.CRLReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.security.cert.X509Certificate;
import java.security.cert.X509Extension;
import java.text.ParseException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.ASN1GeneralizedTime;
import org.bouncycastle.asn1.ASN1OctetString;

/**
 * Certificate revocation lists that the caller gave (RFC 5280, section 5). None is ever fetched,
 * and a certificate whose issuer no list names counts as not revoked. A list that names the issuer
 * and cannot be checked fails every chain through that issuer. Thread safe.
 */
public final class RevocationLists {

  private static final byte SEQUENCE = 0x30;
  private static final byte OPEN_LENGTH = (byte) 0x80;
  private static final String INVALIDITY_DATE = "2.5.29.24";

  /** Extensions of an entry that do not change which certificate it is about. */
  private static final Set<String> HARMLESS_OF_ENTRIES = Set.of("2.5.29.21", INVALIDITY_DATE);

  /** deltaCRLIndicator, issuingDistributionPoint, and certificateIssuer of entries. */
  private static final Set<String> LIMITS = Set.of("2.5.29.27", "2.5.29.28", "2.5.29.29");

  private static final RevocationLists NONE =
      new RevocationLists(List.of(), Set.of(), Clock.systemUTC());

  private final List<RevocationList> lists;

  /** Certificates that the caller trusts, under which a list may be checked. */
  private final Set<X509Certificate> known;

  private final Clock clock;

  private RevocationLists(List<RevocationList> lists, Set<X509Certificate> known, Clock clock) {
    this.lists = List.copyOf(lists);
    this.known = known;
    this.clock = clock;
  }

  /**
   * An entry about a certificate.
   *
   * @param date the date of the revocation
   * @param effective since when signatures do not count: that date, or the earlier one since which
   *     the issuer knows or suspects the certificate to be invalid
   * @param reason why, in words
   */
  record Revocation(Instant date, Instant effective, String reason) {}

  /** Returns no list at all. */
  public static RevocationLists none() {
    return NONE;
  }

  /**
   * Returns the lists of files.
   *
   * @param known the certificates that the caller trusts
   * @throws TrustException if a file has no revocation list, or one that is out of date, that lists
   *     only part of the certificates or those of several issuers, or that names a known
   *     certificate as its issuer which did not sign it
   */
  public static RevocationLists of(List<CrlFile> files, Collection<X509Certificate> known)
      throws TrustException {
    return of(files, known, Clock.systemUTC());
  }

  /**
   * Checks lists of files that are read again, as {@link #of} does, except that they may be out of
   * date: such a list fails its models, and does not keep the others from use.
   *
   * @throws TrustException as {@link #of}
   */
  public static void requireUsableAgain(List<CrlFile> files, Collection<X509Certificate> known)
      throws TrustException {
    RevocationLists all = ofTaken(files, Clock.systemUTC()).knowing(known);
    for (RevocationList list : all.lists) {
      all.checkIssuer(list);
    }
  }

  /**
   * Returns the lists of files that {@link #of} accepted before, such as those shipped to another
   * machine. A list that has gone out of date since does not end the run but fails its models.
   *
   * @param clock tells the present time, at which lists must be up to date
   * @throws TrustException if a file has no complete revocation list
   */
  public static RevocationLists ofTaken(List<CrlFile> files, Clock clock) throws TrustException {
    List<RevocationList> lists = new ArrayList<>();
    for (CrlFile file : files) {
      for (byte[] der : file.lists()) {
        X509CRL list = parse(der, file.source());
        checkComplete(list, file.source());
        lists.add(new RevocationList(list, file.source()));
      }
    }
    return new RevocationLists(lists, Set.of(), clock);
  }

  /**
   * Returns the same lists, which may be checked under more certificates.
   *
   * @param trusted certificates that the caller trusts, for whatever purpose
   */
  public RevocationLists knowing(Collection<X509Certificate> trusted) {
    Set<X509Certificate> all = new LinkedHashSet<>(known);
    all.addAll(trusted);
    return new RevocationLists(lists, all, clock);
  }

  static RevocationLists of(List<CrlFile> files, Collection<X509Certificate> known, Clock clock)
      throws TrustException {
    RevocationLists all = ofTaken(files, clock).knowing(known);
    for (RevocationList list : all.lists) {
      Optional<String> stale = list.staleness(clock.instant());
      if (stale.isPresent()) {
        throw CrlFile.refuse(list.source(), stale.get(), RevocationList.FETCH_FRESH);
      }
      all.checkIssuer(list);
    }
    return all;
  }

  /**
   * Refuses a list that names a trusted certificate as its issuer, which did not sign it. One that
   * names another key may be of the same authority's new key and of use to other chains; it fails
   * those that it is not signed for.
   */
  private void checkIssuer(RevocationList list) throws TrustException {
    Optional<String> fault = Optional.empty();
    for (X509Certificate issuer : known) {
      if (list.isInTheNameOf(issuer)) {
        Optional<String> found = list.fault(issuer);
        if (found.isEmpty()) {
          return;
        }
        if (!list.namesAnotherKeyThan(issuer)) {
          fault = fault.or(() -> found);
        }
      }
    }
    if (fault.isPresent()) {
      throw CrlFile.refuse(list.source(), fault.get(), RevocationList.FETCH_FRESH);
    }
  }

  /**
   * Requires that no list says that a certificate was revoked.
   *
   * @param issuer the certificate of its issuer, which signed it
   * @param at revocations that take effect later do not count
   * @throws ChainException if the certificate was revoked, or a list that names its issuer cannot
   *     be checked or is out of date
   */
  void requireUnrevoked(
      X509Certificate certificate, X509Certificate issuer, Instant at, ChainFaults faults)
      throws ChainException {
    Optional<Revocation> revocation = find(certificate, issuer, at, faults);
    if (revocation.isPresent()) {
      throw faults.revoked(certificate, revocation.get());
    }
  }

  /**
   * As {@link #requireUnrevoked(X509Certificate, X509Certificate, Instant, ChainFaults)}, for a
   * certificate that the caller trusts and whose issuer is not part of the chain.
   */
  void requireAnchorUnrevoked(X509Certificate anchor, Instant at, ChainFaults faults)
      throws ChainException {
    Optional<RevocationList> named =
        lists.stream().filter(list -> list.isOfIssuer(anchor)).findFirst();
    if (named.isEmpty()) {
      return;
    }
    boolean checked = false;
    for (X509Certificate issuer : known) {
      if (anchor.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())
          && SignedRoutes.isSignedBy(anchor, issuer)) {
        requireUnrevoked(anchor, issuer, at, faults);
        checked = true;
      }
    }
    if (!checked) {
      throw faults.uncheckedRevocation(
          anchor,
          named.get().source(),
          "cannot be checked: the certificate of its issuer "
              + CertificateName.of(anchor.getIssuerX500Principal())
              + " is not known",
          Remedy.text("Leave this list out, or name that certificate as a trusted one as well."));
    }
  }

  /** Returns the entry about a certificate that takes effect first; empty if there is none. */
  Optional<Revocation> find(
      X509Certificate certificate, X509Certificate issuer, Instant at, ChainFaults faults)
      throws ChainException {
    List<RevocationList> named =
        lists.stream().filter(list -> list.isOfIssuer(certificate)).toList();
    if (named.isEmpty()) {
      return Optional.empty();
    }
    List<RevocationList> signed =
        named.stream().filter(list -> list.fault(issuer).isEmpty()).toList();
    for (RevocationList list : named) {
      if (signed.contains(list)) {
        continue;
      }
      String fault = "cannot be used: it " + list.fault(issuer).orElseThrow();
      if (!isOfAnotherIssuer(list, issuer, !signed.isEmpty())) {
        throw faults.uncheckedRevocation(
            certificate, list.source(), fault, RevocationList.FETCH_FRESH);
      }
      // It may be of the same issuer, who has a newer key by now.
      if (entry(list, certificate, at).isPresent()) {
        throw faults.uncheckedRevocation(
            certificate,
            list.source(),
            fault + ", and has an entry of this serial number",
            Remedy.text(
                "Have the model signed with another certificate, or leave the list out if it is of"
                    + " another issuer."));
      }
    }
    Optional<Revocation> revocation =
        signed.stream()
            .flatMap(list -> entry(list, certificate, at).stream())
            .min(Comparator.comparing(Revocation::effective));
    if (revocation.isEmpty() && !signed.isEmpty()) {
      requireFresh(certificate, signed, faults);
    }
    return revocation;
  }

  /**
   * Returns whether a list that an issuer did not sign is of another one with the same name: one
   * that the caller trusts, or, where the issuer's own list is there as well, a key that the list
   * names.
   */
  private boolean isOfAnotherIssuer(
      RevocationList list, X509Certificate issuer, boolean hasOwnList) {
    return (hasOwnList && list.namesAnotherKeyThan(issuer))
        || known.stream()
            .anyMatch(
                other ->
                    !other.getPublicKey().equals(issuer.getPublicKey())
                        && list.isInTheNameOf(other)
                        && list.fault(other).isEmpty());
  }

  /** Requires one list of an issuer that is up to date at the present time, whatever counts. */
  private void requireFresh(
      X509Certificate certificate, List<RevocationList> signed, ChainFaults faults)
      throws ChainException {
    Instant now = clock.instant();
    for (RevocationList list : signed) {
      if (list.staleness(now).isEmpty()) {
        return;
      }
    }
    RevocationList stale = signed.get(0);
    throw faults.uncheckedRevocation(
        certificate,
        stale.source(),
        "cannot be used: it " + stale.staleness(now).orElseThrow(),
        RevocationList.FETCH_FRESH);
  }

  /** Returns a list's entry about a certificate that takes effect by a time. */
  private static Optional<Revocation> entry(
      RevocationList list, X509Certificate certificate, Instant at) {
    X509CRLEntry entry = list.crl().getRevokedCertificate(certificate.getSerialNumber());
    if (entry == null) {
      return Optional.empty();
    }
    Instant date = entry.getRevocationDate().toInstant();
    Instant invalid = invalidityDate(entry).orElse(date);
    Instant effective = invalid.isBefore(date) ? invalid : date;
    return effective.isAfter(at)
        ? Optional.empty()
        : Optional.of(new Revocation(date, effective, reason(entry.getRevocationReason())));
  }

  /** Returns since when the certificate is invalid; the earliest time if that cannot be read. */
  private static Optional<Instant> invalidityDate(X509CRLEntry entry) {
    byte[] encoded = entry.getExtensionValue(INVALIDITY_DATE);
    if (encoded == null) {
      return Optional.empty();
    }
    try {
      byte[] value = ASN1OctetString.getInstance(encoded).getOctets();
      return Optional.of(ASN1GeneralizedTime.getInstance(value).getDate().toInstant());
    } catch (ParseException | RuntimeException e) {
      return Optional.of(Instant.MIN);
    }
  }

  private static String reason(CRLReason reason) {
    return reason == null
        ? "no reason given"
        : reason.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private static X509CRL parse(byte[] der, String source) throws TrustException {
    // In a sequence that leaves its length open the JDK looks for the end by recursion, as deep as
    // the bytes go on like that. It passes over what follows a list.
    if (der.length < 2 || der[0] != SEQUENCE || der[1] == OPEN_LENGTH) {
      throw damaged(source);
    }
    try {
      X509CRL list =
          (X509CRL)
              CertificateFactory.getInstance("X.509").generateCRL(new ByteArrayInputStream(der));
      if (!Arrays.equals(list.getEncoded(), der)) {
        throw damaged(source);
      }
      return list;
    } catch (CRLException | RuntimeException e) {
      throw damaged(source);
    } catch (CertificateException e) {
      throw new IllegalStateException("This JVM cannot read revocation lists", e);
    }
  }

  private static TrustException damaged(String source) {
    return CrlFile.refuse(
        source,
        "is not a certificate revocation list",
        Remedy.text("The file is damaged; fetch a fresh copy."));
  }

  private static void checkComplete(X509CRL list, String source) throws TrustException {
    checkExtensions(list, Set.of(), source);
    Set<? extends X509CRLEntry> entries = list.getRevokedCertificates();
    if (entries != null) {
      Set<BigInteger> serialNumbers = new HashSet<>();
      for (X509CRLEntry entry : entries) {
        // Of several the JDK would look at the last alone.
        if (!serialNumbers.add(entry.getSerialNumber())) {
          throw CrlFile.refuse(
              source,
              Message.of(
                  "has entries that contradict each other about the serial number %x",
                  entry.getSerialNumber()),
              RevocationList.FETCH_FRESH);
        }
        checkExtensions(entry, HARMLESS_OF_ENTRIES, source);
      }
    }
  }

  /** What limits a list counts even if it is not critical, as it must be. */
  private static void checkExtensions(X509Extension part, Set<String> known, String source)
      throws TrustException {
    Set<String> critical = part.getCriticalExtensionOIDs();
    if (critical == null) {
      return;
    }
    for (String extension : critical) {
      if (!known.contains(extension)) {
        throw incomplete("critical extension " + extension, source);
      }
    }
    for (String extension : LIMITS) {
      if (part.getExtensionValue(extension) != null) {
        throw incomplete("extension " + extension, source);
      }
    }
  }

  private static TrustException incomplete(String extension, String source) {
    return CrlFile.refuse(
        source,
        "has the "
            + extension
            + ", as lists have that are of part of the certificates only, or of several issuers'",
        Remedy.of("Give a complete list of one issuer to %s.", Setting.CRL));
  }
}
