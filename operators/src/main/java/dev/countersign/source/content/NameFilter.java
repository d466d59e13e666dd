package dev.countersign.source.content;

import dev.countersign.oms.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Names and the folders above them, in two bytes each: a Bloom filter. It may hold a name too many,
 * about one in a thousand, and never one too few.
 */
public final class NameFilter {

  /** What a filter may take in a work unit, in bits; for more names it holds more too many. */
  private static final int MAX_BITS = 8 << 20;

  private static final int BITS_PER_NAME = 16;
  private static final int HASHES = 4;

  private final BitSet bits;
  private final int size;

  private NameFilter(BitSet bits, int size) {
    this.bits = bits;
    this.size = size;
  }

  /** Makes a filter of paths and of all folders above them. */
  public static NameFilter of(List<String> paths) {
    Set<String> names = new HashSet<>();
    for (String path : paths) {
      names.add(path);
      addFolders(names, path);
    }
    int size = (int) Math.min(MAX_BITS, Math.max(1L, names.size()) * BITS_PER_NAME);
    NameFilter filter = new NameFilter(new BitSet(size), size);
    for (String name : names) {
      for (int index : filter.indexes(name)) {
        filter.bits.set(index);
      }
    }
    return filter;
  }

  /** Adds each folder above a path; once one is known, so are those above it. */
  public static void addFolders(Set<String> known, String path) {
    int slash = path.lastIndexOf('/');
    while (slash > 0 && known.add(path.substring(0, slash))) {
      slash = path.lastIndexOf('/', slash - 1);
    }
  }

  /** Reads what {@link #bytes} wrote. */
  public static NameFilter read(ByteBuffer bytes) {
    return new NameFilter(BitSet.valueOf(bytes.duplicate()), bytes.remaining() * Byte.SIZE);
  }

  /** Returns the filter as bytes, at least one. */
  public ByteBuffer bytes() {
    byte[] all = new byte[size / Byte.SIZE];
    byte[] used = bits.toByteArray();
    System.arraycopy(used, 0, all, 0, used.length);
    return ByteBuffer.wrap(all);
  }

  /** Returns whether a name was put in, or is taken for one that was. */
  public boolean holds(String name) {
    for (int index : indexes(name)) {
      if (!bits.get(index)) {
        return false;
      }
    }
    return true;
  }

  /** Returns whether a name is held, and each folder above it. */
  public boolean holdsAll(String path) {
    for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      if (!holds(path.substring(0, slash))) {
        return false;
      }
    }
    return holds(path);
  }

  private int[] indexes(String name) {
    ByteBuffer hash = ByteBuffer.wrap(Sha256.digest(name.getBytes(StandardCharsets.UTF_8)));
    int[] indexes = new int[HASHES];
    for (int i = 0; i < HASHES; i++) {
      indexes[i] = Math.floorMod(hash.getInt(), size);
    }
    return indexes;
  }
}
