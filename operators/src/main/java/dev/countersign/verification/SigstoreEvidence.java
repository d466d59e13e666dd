package dev.countersign.verification;

import dev.countersign.oms.LogEntry;
import dev.countersign.oms.SignedTimestamp;
import dev.countersign.trust.TimestampException;
import dev.countersign.trust.ValidatedChain;
import dev.countersign.trust.VerifiedTimestamp;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Optional;

/**
 * Checks of the parts of a Sigstore signature against the keys and certificates of an instance.
 * Each is about one part; what they have to do with each other is {@link SigstoreSignatures}'.
 * Nothing is fetched. Implementations are thread safe.
 */
public interface SigstoreEvidence {

  /**
   * Requires that the instance issued a certificate for signing, and that one of its certificate
   * transparency logs has promised to record it.
   *
   * @return the chain, which was valid when the certificate began to be
   * @throws VerificationException if one of these does not hold
   */
  ValidatedChain requireIssued(X509Certificate certificate) throws VerificationException;

  /**
   * Requires that the authority which issued a certificate still counted at a time: the certificate
   * alone says when it was issued, and whoever has the authority's key chooses that.
   *
   * @param chain of {@link #requireIssued}
   * @throws VerificationException of kind {@code UNTRUSTED_SIGNER} if it did not
   */
  void requireAuthority(X509Certificate certificate, ValidatedChain chain, Instant time)
      throws VerificationException;

  /**
   * Requires that one of the instance's logs has recorded an entry: there is a proof that leads to
   * a checkpoint which that log signed, and its promise holds if there is one.
   *
   * @throws VerificationException of kind {@code BAD_LOG_ENTRY} if it has not
   */
  Recorded requireRecorded(LogEntry entry) throws VerificationException;

  /**
   * Returns what a timestamp of one of the instance's authorities says.
   *
   * @throws TimestampException if none of them made it for this signature
   */
  VerifiedTimestamp requireTimestamp(SignedTimestamp timestamp, byte[] signature)
      throws TimestampException;

  /**
   * What a log states about an entry.
   *
   * @param index the entry's position in the log; where the log did not sign that, its position in
   *     the tree
   * @param time when the log took the entry; empty unless the log signed that
   * @param from when the log's key begins to be valid
   * @param until when it ends to be; empty if that is open
   */
  record Recorded(long index, Optional<Instant> time, Instant from, Optional<Instant> until) {

    boolean isValidAt(Instant at) {
      return !at.isBefore(from) && until.map(end -> !at.isAfter(end)).orElse(true);
    }
  }
}
