package dev.countersign.catalog;

import dev.countersign.oms.ContentDigest;
import dev.countersign.text.Message;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * Entries that were listed before the run, as those of a command line are. They are kept packed, in
 * some tens of bytes each, since several parts of a run hold them to its end.
 */
public final class ListedEntries implements CatalogSource {

  private static final long serialVersionUID = 1L;

  /** Target of links in the identity: one that moves is still only a link. */
  private static final String ANY = "any";

  private final byte[] packed;
  private final int size;
  private final String identity;

  private ListedEntries(byte[] packed, int size, String identity) {
    this.packed = packed;
    this.size = size;
    this.identity = identity;
  }

  /**
   * A source of these entries.
   *
   * @throws IllegalArgumentException if an entry's id is not its position
   */
  public static ListedEntries of(List<CatalogEntry> entries) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    String identity = "";
    try (DataOutputStream out = new DataOutputStream(new GZIPOutputStream(bytes))) {
      for (int position = 0; position < entries.size(); position++) {
        CatalogEntry entry = entries.get(position);
        if (entry.id() != position) {
          throw new IllegalArgumentException(Message.of("the id of entry %d is another", position));
        }
        write(entry, out);
        identity = ContentDigest.chained(identity, entry.isLink() ? entry.linkedTo(ANY) : entry);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("a stream in memory failed", e);
    }
    return new ListedEntries(bytes.toByteArray(), entries.size(), identity);
  }

  private static void write(CatalogEntry entry, DataOutput out) throws IOException {
    out.writeLong(entry.line());
    writeText(entry.model(), out);
    writeText(entry.name(), out);
    writeText(entry.version(), out);
    writeText(entry.bundle(), out);
    out.writeBoolean(entry.bundleByKind());
    out.writeInt(entry.ignorePaths().size());
    for (String path : entry.ignorePaths()) {
      writeText(path, out);
    }
    out.writeInt(entry.labels().size());
    for (Map.Entry<String, String> label : entry.labels().entrySet()) {
      writeText(label.getKey(), out);
      writeText(label.getValue(), out);
    }
    writeText(entry.fault(), out);
    writeText(entry.linkTo(), out);
    writeText(entry.globRoot(), out);
  }

  private static CatalogEntry read(long id, DataInput in) throws IOException {
    long line = in.readLong();
    CatalogEntry.Builder entry =
        CatalogEntry.builder(id, readText(in))
            .line(line)
            .name(readText(in))
            .version(readText(in))
            .bundle(readText(in))
            .bundleByKind(in.readBoolean());
    List<String> ignorePaths = new ArrayList<>();
    for (int rest = in.readInt(); rest > 0; rest--) {
      ignorePaths.add(readText(in));
    }
    Map<String, String> labels = new HashMap<>();
    for (int rest = in.readInt(); rest > 0; rest--) {
      labels.put(readText(in), readText(in));
    }
    return entry
        .ignorePaths(ignorePaths)
        .labels(labels)
        .fault(readText(in))
        .linkTo(readText(in))
        .globRoot(readText(in))
        .build();
  }

  private static void writeText(String text, DataOutput out) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static String readText(DataInput in) throws IOException {
    byte[] bytes = new byte[in.readInt()];
    in.readFully(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Override
  public long size() {
    return size;
  }

  /** Returns a digest of the list, in lower-case hexadecimal; empty if there is no entry. */
  @Override
  public String identity() {
    return identity;
  }

  @Override
  public EntryStream open() {
    DataInputStream in;
    try {
      in = new DataInputStream(new GZIPInputStream(new ByteArrayInputStream(packed)));
    } catch (IOException e) {
      throw new UncheckedIOException("a stream in memory failed", e);
    }
    return new EntryStream() {
      private int next;

      @Override
      public Optional<CatalogEntry> next() {
        try {
          return next == size ? Optional.empty() : Optional.of(read(next++, in));
        } catch (IOException e) {
          throw new UncheckedIOException("packed entries are damaged", e);
        }
      }

      @Override
      public void close() throws IOException {
        in.close();
      }
    };
  }
}
