package dev.countersign.oms;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Entry of a transparency log, as a bundle carries it ({@code TransparencyLogEntry} of Sigstore).
 * Nothing in it is to be trusted before a verifier has checked it.
 *
 * <p>Byte arrays are neither copied nor modified here; whoever hands one over leaves it alone.
 *
 * @param logIndex the entry's position in the log; 0 if absent, as in the format
 * @param logId identifier of the log's key; empty if absent
 * @param kind what kind of entry it is said to be, such as {@code dsse}; empty if absent
 * @param version the version of that kind; empty if absent
 * @param integratedTime when the log is said to have taken the entry, in seconds since 1970; 0 if
 *     absent
 * @param signedEntryTimestamp the log's signature over body, time, log and index; empty if absent
 * @param inclusionProof the proof that the entry is in the log
 * @param canonicalizedBody what the log recorded; empty if absent
 */
@SuppressWarnings("ArrayRecordComponent") // equals and hashCode go by content
public record LogEntry(
    long logIndex,
    byte[] logId,
    String kind,
    String version,
    long integratedTime,
    byte[] signedEntryTimestamp,
    Optional<InclusionProof> inclusionProof,
    byte[] canonicalizedBody) {

  /** The most hashes that a proof may have: no tree is higher. */
  public static final int MAX_HASHES = 64;

  /** The longest body, in bytes: some ten times what one with a certificate takes. */
  public static final int MAX_BODY_BYTES = 256 << 10;

  /** The longest identifier, signature or hash, in bytes. */
  public static final int MAX_FIELD_BYTES = 1 << 10;

  /** The longest checkpoint, in bytes of UTF-8: some dozens of signatures by witnesses. */
  public static final int MAX_CHECKPOINT_BYTES = 16 << 10;

  /**
   * Proof that an entry is in a log (RFC 6962, section 2.1.1), with the log's signed statement of
   * its state at that time.
   *
   * @param logIndex the entry's position in the tree, from 0; in a log of several trees not its
   *     position in the log
   * @param rootHash the tree's root; empty if absent
   * @param treeSize how many entries the tree has
   * @param hashes from the leaf's sibling up to the root
   * @param checkpoint a signed note; empty if absent
   */
  public record InclusionProof(
      long logIndex, byte[] rootHash, long treeSize, List<byte[]> hashes, String checkpoint) {

    /** Copies the list, though not the arrays. */
    public InclusionProof {
      hashes = List.copyOf(hashes);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof InclusionProof that
          && logIndex == that.logIndex
          && Arrays.equals(rootHash, that.rootHash)
          && treeSize == that.treeSize
          && Arrays.deepEquals(hashes.toArray(), that.hashes.toArray())
          && checkpoint.equals(that.checkpoint);
    }

    @Override
    public int hashCode() {
      return 31 * Arrays.hashCode(rootHash) + Long.hashCode(logIndex);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LogEntry that
        && logIndex == that.logIndex
        && Arrays.equals(logId, that.logId)
        && kind.equals(that.kind)
        && version.equals(that.version)
        && integratedTime == that.integratedTime
        && Arrays.equals(signedEntryTimestamp, that.signedEntryTimestamp)
        && inclusionProof.equals(that.inclusionProof)
        && Arrays.equals(canonicalizedBody, that.canonicalizedBody);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(canonicalizedBody) + Long.hashCode(logIndex);
  }
}
