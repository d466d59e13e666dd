package dev.countersign.catalog.file;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.catalog.CatalogException;
import dev.countersign.catalog.CatalogSource;
import dev.countersign.catalog.EntryRules;
import dev.countersign.catalog.EntryStream;
import dev.countersign.catalog.conflicts.EntryChecks;
import dev.countersign.oms.Sha256;
import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredObject;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A catalog in a file, which is read where the run is: a million lines are never all in memory. It
 * must be there what it was when it was checked.
 */
public final class CatalogFile implements CatalogSource {

  private static final long serialVersionUID = 1L;

  private final String uri;
  private final EntryRules rules;
  private final long length;
  private final String sha256;
  private final String version;
  private final long size;

  private CatalogFile(String uri, EntryRules rules, StoredObject found, String sha256, long size) {
    this.uri = uri;
    this.rules = rules;
    this.length = found.length();
    this.sha256 = sha256;
    this.version = found.version();
    this.size = size;
  }

  /**
   * Reads a catalog once, checks its entries against each other and against what the run writes,
   * and returns what identifies it.
   *
   * @param uri absolute, as {@link dev.countersign.storage.Storages} describes; its extension says
   *     the format
   * @param outputs URIs of the folders that the run writes
   * @throws CatalogException if it cannot be read, names no entry, or names what gets into each
   *     other's way; a line that breaks a rule is no reason
   */
  public static CatalogFile check(String uri, EntryRules rules, List<String> outputs)
      throws CatalogException {
    return check(uri, rules, outputs, false).file();
  }

  /**
   * A catalog, and which of its entries are not to be worked on.
   *
   * @param faults why not, by the entries' ids
   */
  public record Checked(CatalogFile file, Map<Long, String> faults) {}

  /** As {@link #check}, but entries that get into each other's way are told one by one. */
  public static Checked checkEach(String uri, EntryRules rules, List<String> outputs)
      throws CatalogException {
    return check(uri, rules, outputs, true);
  }

  private static Checked check(String uri, EntryRules rules, List<String> outputs, boolean each)
      throws CatalogException {
    CatalogFormat format = CatalogFormat.of(uri);
    MessageDigest digest = Sha256.begin();
    try (EntryChecks checks = new EntryChecks()) {
      StoredObject found = find(uri);
      try (CatalogInput input = CatalogInput.open(found, digest)) {
        long size = 0;
        EntryStream entries = new FileEntries(input, uri, format, rules, -1);
        for (Optional<CatalogEntry> next = entries.next();
            next.isPresent();
            next = entries.next()) {
          checks.add(next.get());
          size++;
          if (size > CatalogLimits.MAX_ENTRIES) {
            throw CatalogException.of(
                "The catalog %s has more than %d entries, which is the limit. Split it.",
                Printable.of(uri), CatalogLimits.MAX_ENTRIES);
          }
        }
        // What lies behind a broken place is part of what was checked.
        input.drain();
        if (size == 0) {
          throw CatalogException.of(
              "The catalog %s names no model. Write a line for each.", Printable.of(uri));
        }
        Map<Long, String> faults = Map.of();
        if (each) {
          faults = checks.faults(outputs);
        } else {
          checks.finish(outputs);
        }
        String sha256 = HexFormat.of().formatHex(digest.digest());
        return new Checked(new CatalogFile(uri, rules, found, sha256, size), faults);
      }
    } catch (StorageException e) {
      throw unreadable(uri, e);
    } catch (IOException e) {
      throw unclosed(uri, e);
    }
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public String identity() {
    return sha256;
  }

  @Override
  public EntryStream open() throws CatalogException, StorageException {
    try {
      StoredObject found = find(uri);
      if (found.length() != length
          || (!found.version().equals(version) && !digest(found).equals(sha256))) {
        throw changed(uri);
      }
      return entries(found);
    } catch (StorageException e) {
      throw fault(uri, e);
    }
  }

  private EntryStream entries(StoredObject found) throws StorageException, CatalogException {
    CatalogInput input = CatalogInput.open(found, null);
    boolean opened = false;
    try {
      EntryStream entries = new FileEntries(input, uri, CatalogFormat.of(uri), rules, size);
      opened = true;
      return entries;
    } finally {
      if (!opened) {
        close(input);
      }
    }
  }

  private void close(CatalogInput input) throws CatalogException {
    try {
      input.close();
    } catch (IOException e) {
      throw unclosed(uri, e);
    }
  }

  /** Another time or another host's numbers do not make another catalog, as a copy has them. */
  private String digest(StoredObject found) throws StorageException, CatalogException {
    MessageDigest digest = Sha256.begin();
    try (CatalogInput input = CatalogInput.open(found, digest)) {
      input.drain();
    } catch (IOException e) {
      throw unclosed(uri, e);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Returns the error that a run gets from a store: itself if it may pass. */
  private static StorageException fault(String uri, StorageException e) throws CatalogException {
    if (e.kind() == StorageException.Kind.CHANGED) {
      throw changed(uri);
    }
    if (!e.transientFault()) {
      throw unreadable(uri, e);
    }
    return e;
  }

  private static CatalogException changed(String uri) {
    return new CatalogException(
        Message.of(
            "The catalog %s changed since the run was started, so its other models would be taken"
                + " for the first ones.",
            Printable.of(uri)),
        Remedy.of(
            "What was signed stays signed: run the same command again with %s.",
            Setting.SKIP_SIGNED));
  }

  private static CatalogException unreadable(String uri, StorageException e) {
    return new CatalogException(
        e.kind() == StorageException.Kind.CHANGED
            ? Message.of(
                "The catalog %s changed while it was read. Run again when nothing writes to it.",
                Printable.of(uri))
            : Message.of("The catalog cannot be read: %s", e.getMessage()),
        e);
  }

  private static CatalogException unclosed(String uri, IOException e) {
    return new CatalogException(
        Message.of("The catalog %s cannot be closed.", Printable.of(uri)), e);
  }

  /**
   * Returns the file that a catalog's URI leads to.
   *
   * @throws CatalogException if there is none, or it is too large
   */
  private static StoredObject find(String uri) throws StorageException, CatalogException {
    String real = Storages.resolveLinks(uri);
    Optional<StoredObject> found = Storages.forUri(real).stat(real);
    if (found.isEmpty()) {
      throw CatalogException.of(
          "There is no catalog at %s. Name a file that can be reached from where the run is.",
          Printable.of(uri));
    }
    if (found.get().kind() != StoredObject.Kind.FILE) {
      throw CatalogException.of(
          "The catalog %s is not a regular file. Name one.", Printable.of(uri));
    }
    if (found.get().length() > CatalogLimits.MAX_BYTES) {
      throw CatalogException.of(
          "The catalog %s has %d bytes, but may have %d. Split it.",
          Printable.of(uri), found.get().length(), CatalogLimits.MAX_BYTES);
    }
    return found.get();
  }

  private static final class FileEntries implements EntryStream {
    private final CatalogInput input;
    private final String uri;
    private final RecordReader records;
    private final EntryMaker maker;
    private final long size;
    private long next;

    /** A stream; {@code size} is how many entries there must be, -1 if nobody knows. */
    FileEntries(CatalogInput input, String uri, CatalogFormat format, EntryRules rules, long size)
        throws StorageException, CatalogException {
      this.input = input;
      this.uri = uri;
      this.maker = new EntryMaker(uri, format, rules);
      this.size = size;
      this.records = reader(input, uri, format);
    }

    private static RecordReader reader(CatalogInput input, String uri, CatalogFormat format)
        throws StorageException, CatalogException {
      String shown = Printable.of(uri);
      return switch (format) {
        case AVRO -> new AvroRecords(input, shown);
        case JSON_LINES -> new JsonRecords(input);
        case CSV -> new CsvRecords(input, shown);
      };
    }

    @Override
    public Optional<CatalogEntry> next() throws CatalogException, StorageException {
      try {
        Optional<CatalogRecord> record = records.next();
        if (size >= 0 && record.isPresent() == (next == size)) {
          throw changed(uri);
        }
        return record.map(found -> maker.entry(next++, found));
      } catch (StorageException e) {
        throw size < 0 ? e : fault(uri, e);
      }
    }

    @Override
    public void close() throws IOException {
      input.close();
    }
  }
}
