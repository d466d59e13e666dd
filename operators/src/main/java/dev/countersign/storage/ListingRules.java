package dev.countersign.storage;

import dev.countersign.text.Message;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.Predicate;

/**
 * What a listing leaves out, and how large a model may be (OMS 1.0, enumeration).
 *
 * @param ignored tells whether a resource name (relative to the model, with {@code /}) is left out;
 *     asked about directories too, whose whole subtree it then takes
 * @param allowSymlinks whether a link to a file stands for the file's content
 * @param symlinkRoots absolute local directories outside the model that links may lead into; empty
 *     if a link must stay inside
 * @param maxDepth the most segments that a name may have, inclusive
 * @param maxFiles the most files, and the most directories, inclusive
 * @param maxFileBytes the most bytes that one file may have, inclusive
 * @param scope folders that the model itself must be stored in
 * @param ownFiles tells whether a regular file is left out, since its name says that this program
 *     put it there; not asked about folders, links and all else, which may have such a name, too
 * @param kept gets how many bytes the texts of an entry take in memory, without their objects,
 *     before it is kept
 * @param noted tells whether what has a name, directly in the model's folder, is noted beside the
 *     listing, see {@link ModelListing#noted()}
 */
public record ListingRules(
    Predicate<String> ignored,
    boolean allowSymlinks,
    List<String> symlinkRoots,
    int maxDepth,
    long maxFiles,
    long maxFileBytes,
    GlobScope scope,
    Predicate<String> ownFiles,
    IntConsumer kept,
    Predicate<String> noted) {

  /** Copies the list, so that the rules cannot change. */
  public ListingRules {
    symlinkRoots = List.copyOf(symlinkRoots);
    if (maxDepth < 1 || maxFiles < 1 || maxFileBytes < 0) {
      throw new IllegalArgumentException(
          Message.of(
              "Limits must be positive: depth %d, files %d, bytes %d",
              maxDepth, maxFiles, maxFileBytes));
    }
  }
}
