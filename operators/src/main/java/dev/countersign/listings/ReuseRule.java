package dev.countersign.listings;

import dev.countersign.schemas.ListedRange;
import dev.countersign.schemas.UnitRange;

/**
 * When the digest of a range may be taken from an earlier run, whose scope is the same: if what the
 * store says of the file is what it said then, and if the file had not changed shortly before it
 * was listed then.
 *
 * <p>The second is Git's "racy" problem: times of files are coarse, two seconds on FAT. A file that
 * was changed, listed, read, and changed once more within one step of its store's clock looks
 * unchanged for ever. So a file that was changed less than two seconds before it was listed is read
 * again.
 *
 * @param digestLength bytes in a digest
 * @param now when the file was listed anew, milliseconds since the epoch: a listing of a later time
 *     is none of an earlier run
 */
public record ReuseRule(int digestLength, long now) {

  /** A file must have been left alone for longer than this when it was listed. */
  public static final long SETTLED_MILLIS = 2_000;

  /** Returns whether {@code then}'s digest is the one of {@code fresh}. */
  public boolean holds(ListedRange then, UnitRange fresh) {
    return then.getName().equals(fresh.getName())
        && then.getStart() == fresh.getStart()
        && then.getEnd() == fresh.getEnd()
        && then.getLength() == fresh.getLength()
        && !fresh.getVersion().isEmpty()
        && then.getVersion().equals(fresh.getVersion())
        && then.getModified() == fresh.getModified()
        && then.getDigest().remaining() == digestLength
        && isSettled(then);
  }

  /** A store that tells no time, which is 0, gives no ground to say so. */
  private boolean isSettled(ListedRange then) {
    return then.getModified() > 0
        && then.getListed() <= now
        && then.getListed() - then.getModified() > SETTLED_MILLIS;
  }
}
