package dev.countersign.storage;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A listing while it is made: applies the rules and keeps the limits, the same in every store. Not
 * thread safe.
 */
public final class ListingDraft {

  private final String modelUri;
  private final ListingRules rules;
  private final List<StoredFile> files = new ArrayList<>();
  private final List<IrregularEntry> irregular = new ArrayList<>();
  private long directories;

  /** Makes an empty draft of a model's listing. */
  public ListingDraft(String modelUri, ListingRules rules) {
    this.modelUri = modelUri;
    this.rules = rules;
  }

  /**
   * Tells whether an entry belongs to the model, which it does unless it is ignored.
   *
   * @param depth how many segments its name has
   * @throws StorageException if it belongs and lies too deep
   */
  public boolean wants(String name, int depth) throws StorageException {
    if (rules.ignored().test(name)) {
      return false;
    }
    if (depth > rules.maxDepth()) {
      throw limit(
          String.format(
              Locale.ROOT,
              "%s lies more than %d levels below the model %s",
              ShownText.of(name),
              rules.maxDepth(),
              ShownText.of(modelUri)));
    }
    return true;
  }

  /** Adds a file. */
  public void addFile(StoredFile file) throws StorageException {
    if (file.length() > rules.maxFileBytes()) {
      throw limit(
          String.format(
              Locale.ROOT,
              "%s in the model %s has %d bytes, more than %d",
              ShownText.of(file.name()),
              ShownText.of(modelUri),
              file.length(),
              rules.maxFileBytes()));
    }
    files.add(file);
    demandCount(files.size() + (long) irregular.size(), "files");
  }

  /** Adds what is neither a regular file nor a directory that can be listed. */
  public void addIrregular(String name, IrregularEntry.Kind kind, String detail)
      throws StorageException {
    irregular.add(new IrregularEntry(name, kind, detail));
    demandCount(files.size() + (long) irregular.size(), "files");
  }

  /** Counts a directory. */
  public void addDirectory() throws StorageException {
    directories++;
    demandCount(directories, "directories");
  }

  /** Returns the listing. */
  public ModelListing finish(boolean singleFile) throws StorageException {
    return ModelListing.of(modelUri, singleFile, files, irregular);
  }

  private void demandCount(long count, String what) throws StorageException {
    if (count > rules.maxFiles()) {
      throw limit(
          String.format(
              Locale.ROOT,
              "The model %s has more than %d %s",
              ShownText.of(modelUri),
              rules.maxFiles(),
              what));
    }
  }

  private StorageException limit(String what) {
    return new StorageException(
        StorageException.Kind.LIMIT_EXCEEDED,
        modelUri,
        what
            + ", which is the limit. Raise the limit, ignore the folder, or name its parts as"
            + " models.");
  }
}
