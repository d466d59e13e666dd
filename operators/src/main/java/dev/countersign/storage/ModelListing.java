package dev.countersign.storage;

import dev.countersign.text.CodePointOrder;
import dev.countersign.text.Printable;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * Everything in a model at the time it was listed.
 *
 * @param singleFile whether the model is one file rather than a directory
 * @param files all regular files, in code point order of their names
 * @param irregular all else that is not a directory and not ignored, in code point order of names
 * @param totalBytes the sum of all files' lengths
 * @param identity of the model's folder, as in {@link PinnedFolder}, or of the file that it is
 */
public record ModelListing(
    boolean singleFile,
    List<StoredFile> files,
    List<IrregularEntry> irregular,
    long totalBytes,
    String identity) {

  /** Copies the lists, so that the listing cannot change. */
  public ModelListing {
    files = List.copyOf(files);
    irregular = List.copyOf(irregular);
  }

  /**
   * Makes a listing of what was found in any order.
   *
   * @param modelUri named if the model is refused
   * @throws StorageException {@link StorageException.Kind#LIMIT_EXCEEDED} if the lengths add up to
   *     more than a {@code long} holds
   */
  static ModelListing of(
      String modelUri,
      boolean singleFile,
      List<StoredFile> files,
      List<IrregularEntry> irregular,
      String identity)
      throws StorageException {
    long total = 0;
    for (StoredFile file : files) {
      total += file.length();
      if (total < 0) {
        throw new StorageException(
            StorageException.Kind.LIMIT_EXCEEDED,
            modelUri,
            String.format(
                Locale.ROOT,
                "The model %s has more bytes than can be counted (2^63). Name its parts as models.",
                Printable.of(modelUri)));
      }
    }
    return new ModelListing(
        singleFile,
        files.stream()
            .sorted(Comparator.comparing(StoredFile::name, CodePointOrder.comparator()))
            .toList(),
        irregular.stream()
            .sorted(Comparator.comparing(IrregularEntry::name, CodePointOrder.comparator()))
            .toList(),
        total,
        identity);
  }

  /**
   * Returns the SHA-256 over all that was found, in lower-case hex: names, places, lengths and
   * versions of files, names and kinds of the rest. Another fingerprint means another listing.
   * Files with {@link TemporaryNames} do not count: they come and go while bundles are written.
   * Computed at each call.
   */
  public String fingerprint() {
    ListingFingerprint fingerprint = new ListingFingerprint();
    files.forEach(fingerprint::add);
    irregular.forEach(entry -> fingerprint.add(entry.name(), entry.kind()));
    return fingerprint.hex();
  }
}
