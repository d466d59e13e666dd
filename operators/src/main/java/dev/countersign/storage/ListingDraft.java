package dev.countersign.storage;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import dev.countersign.storage.ModelListing.Fingerprint;
import dev.countersign.text.CodePointOrder;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A listing while it is made: applies the rules and keeps the limits, the same in every store. Not
 * thread safe.
 */
public final class ListingDraft {

  /** The last character of Latin-1. */
  private static final int LATIN_1 = 0xff;

  private final String modelUri;
  private final ListingRules rules;
  private final List<StoredFile> files = new ArrayList<>();
  private final List<IrregularEntry> irregular = new ArrayList<>();
  private final List<StoredObject> noted = new ArrayList<>();
  private final @Nullable Fingerprint fingerprint;
  private long entries;
  private long directories;

  /** Makes an empty draft of a model's listing. */
  public ListingDraft(String modelUri, ListingRules rules) {
    this(modelUri, rules, null);
  }

  private ListingDraft(String modelUri, ListingRules rules, @Nullable Fingerprint fingerprint) {
    this.modelUri = modelUri;
    this.rules = rules;
    this.fingerprint = fingerprint;
  }

  /** Makes a draft that keeps nothing of what is added but a hash, for {@link #summary}. */
  public static ListingDraft ofSummary(String modelUri, ListingRules rules) {
    return new ListingDraft(modelUri, rules, new Fingerprint());
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
          "%s is more than %d levels below the model %s",
          Printable.of(name), rules.maxDepth(), Printable.of(modelUri));
    }
    return true;
  }

  /** Tells whether what has a name, directly in the model's folder, is to be noted. */
  public boolean isNoted(String name) {
    return rules.noted().test(name);
  }

  /** Notes something beside the listing. */
  public void note(StoredObject object) {
    noted.add(object);
  }

  /** Returns whether a file is left out because this program put it there. */
  public boolean isOwn(StoredFile file) {
    return file.isInPlace() && rules.ownFiles().test(file.name());
  }

  /** Counts bytes that entries have in common and that are kept with them. */
  public void keep(int bytes) {
    rules.kept().accept(bytes);
  }

  /** Adds a file, unless it is one that the program itself put there. */
  public void addFile(StoredFile file) throws StorageException {
    if (isOwn(file)) {
      return;
    }
    if (file.length() > rules.maxFileBytes()) {
      throw limit(
          "%s in the model %s has %d bytes, more than %d",
          Printable.of(file.name()), Printable.of(modelUri), file.length(), rules.maxFileBytes());
    }
    if (fingerprint == null) {
      String path = file.path().equals(file.name()) ? "" : file.path();
      rules.kept().accept(bytes(file.name()) + bytes(path) + bytes(file.version()));
      files.add(file);
    } else {
      fingerprint.add(file);
    }
    requireCount(++entries, "files");
  }

  /** Adds what is neither a regular file nor a directory that can be listed. */
  public void addIrregular(String name, IrregularEntry.Kind kind, String detail)
      throws StorageException {
    addIrregular(new IrregularEntry(name, kind, detail));
  }

  /** Adds such an entry. */
  public void addIrregular(IrregularEntry entry) throws StorageException {
    if (fingerprint == null) {
      rules.kept().accept(bytes(entry.name()) + bytes(entry.detail()));
      irregular.add(entry);
    } else {
      fingerprint.add(entry.name(), entry.kind());
    }
    requireCount(++entries, "files");
  }

  /** Counts a directory. */
  public void addDirectory(String name) throws StorageException {
    rules.kept().accept(bytes(name));
    requireCount(++directories, "directories");
  }

  /**
   * Returns the listing.
   *
   * @param identity as in {@link ModelListing}
   * @throws StorageException {@link StorageException.Kind#LIMIT_EXCEEDED} if the lengths add up to
   *     more than a {@code long} holds
   */
  public ModelListing finish(boolean singleFile, String identity) throws StorageException {
    long total = 0;
    for (StoredFile file : files) {
      total += file.length();
      if (total < 0) {
        throw StorageException.of(
            StorageException.Kind.LIMIT_EXCEEDED,
            modelUri,
            "The model %s has more bytes than can be counted (2^63). Name its parts as models.",
            Printable.of(modelUri));
      }
    }
    files.sort(StoredFile.BY_NAME);
    irregular.sort(Comparator.comparing(IrregularEntry::name, CodePointOrder.comparator()));
    return new ModelListing(singleFile, files, irregular, total, identity, noted);
  }

  /** Returns the summary of what the listing would be. */
  public ListingSummary summary() {
    return new ListingSummary(
        Objects.requireNonNull(fingerprint, "a draft of a listing").hex(), noted);
  }

  /** The JVM keeps a text with a byte for each character if all are of Latin-1, else with two. */
  private static int bytes(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > LATIN_1) {
        return 2 * text.length();
      }
    }
    return text.length();
  }

  private void requireCount(long count, String what) throws StorageException {
    if (count > rules.maxFiles()) {
      throw limit(
          "The model %s has more than %d %s", Printable.of(modelUri), rules.maxFiles(), what);
    }
  }

  @FormatMethod
  private StorageException limit(@FormatString String format, Object... arguments) {
    return StorageException.of(
        StorageException.Kind.LIMIT_EXCEEDED,
        modelUri,
        "%s, which is the limit. Raise the limit, ignore the folder, or name its parts as models.",
        Message.of(format, arguments));
  }
}
