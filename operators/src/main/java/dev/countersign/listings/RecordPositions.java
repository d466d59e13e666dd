package dev.countersign.listings;

import java.util.Arrays;

/**
 * Positions of records by a hash of what they are for: columns of numbers, and a hash table with
 * chains over them. Filled by one thread, then completed, then read by any.
 */
final class RecordPositions {

  private static final int NONE = -1;

  private long[] keys = new long[64];
  private long[] blocks = new long[64];
  private int[] offsets = new int[64];
  private int[] files = new int[64];
  private int[] runs = new int[64];
  private int size;
  private int[] heads = {NONE};
  private int[] next = {};

  void add(long key, int file, long block, int offset, int run) {
    if (size == keys.length) {
      int room = Math.addExact(size, size >> 1);
      keys = Arrays.copyOf(keys, room);
      blocks = Arrays.copyOf(blocks, room);
      offsets = Arrays.copyOf(offsets, room);
      files = Arrays.copyOf(files, room);
      runs = Arrays.copyOf(runs, room);
    }
    keys[size] = key;
    blocks[size] = block;
    offsets[size] = offset;
    files[size] = file;
    runs[size] = run;
    size++;
  }

  /** Makes the table; nothing is added after that. */
  void complete() {
    heads = new int[tableSize(size)];
    Arrays.fill(heads, NONE);
    next = new int[size];
    for (int at = 0; at < size; at++) {
      int slot = slot(keys[at]);
      next[at] = heads[slot];
      heads[slot] = at;
    }
  }

  private static int tableSize(int size) {
    return Math.min(Integer.highestOneBit(Math.max(1, size)), 1 << 29) << 1;
  }

  long size() {
    return size;
  }

  /** The last record that was added under {@code key}; negative if there is none. */
  int first(long key) {
    return among(heads[slot(key)], key);
  }

  /** The one that was added before {@code at} under the same key; negative if there is none. */
  int next(int at) {
    return among(next[at], keys[at]);
  }

  private int among(int start, long key) {
    int at = start;
    while (at >= 0 && keys[at] != key) {
      at = next[at];
    }
    return at;
  }

  int file(int at) {
    return files[at];
  }

  long block(int at) {
    return blocks[at];
  }

  int offset(int at) {
    return offsets[at];
  }

  int run(int at) {
    return runs[at];
  }

  /** Keys are digests, so any bits of them are as good as others. */
  private int slot(long key) {
    return (int) key & (heads.length - 1);
  }
}
