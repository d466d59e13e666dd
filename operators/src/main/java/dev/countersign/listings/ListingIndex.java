package dev.countersign.listings;

import dev.countersign.schemas.FileListing;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.core.fs.Path;

/**
 * Where the records of each model are in files of listings. It keeps a hash and a position for each
 * record, some 40 bytes, and reads the records of a model when they are asked for: a million models
 * take 40 MB. Thread safe.
 */
public final class ListingIndex {

  /** Small blocks that were read last: models that are near in a catalog often share one. */
  private static final int BLOCKS_KEPT = 64;

  private static final int SMALL_BLOCK = 256 << 10;

  private final List<ListingFile> files;
  private final Positions positions;
  private final List<Long> newestOfRun;
  private final Map<BlockId, byte[]> blocks =
      Collections.synchronizedMap(
          new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<BlockId, byte[]> eldest) {
              return size() > BLOCKS_KEPT;
            }
          });

  private record BlockId(int file, long position) {}

  private ListingIndex(List<ListingFile> files, Positions positions, List<Long> newestOfRun) {
    this.files = files;
    this.positions = positions;
    this.newestOfRun = newestOfRun;
  }

  /** Told how far reading the files has come. */
  public interface Progress {

    /** So many files are read, with so many records in all. */
    void filesRead(int files, long records);
  }

  /**
   * Reads files through once.
   *
   * @param uris files of listings, in Flink's form
   * @throws MalformedListingException if one breaks a rule of its format
   * @throws IOException if one cannot be read
   */
  public static ListingIndex of(List<String> uris, Progress progress) throws IOException {
    List<ListingFile> files = new ArrayList<>();
    Positions positions = new Positions();
    Map<String, Integer> runs = new HashMap<>();
    List<Long> newestOfRun = new ArrayList<>();
    for (String uri : uris) {
      ListingFile file = ListingFile.open(new Path(uri));
      int number = files.size();
      files.add(file);
      file.forEachRecord(
          (block, offset, head) -> {
            int run = runs.computeIfAbsent(head.getRunId(), id -> runs.size());
            if (run == newestOfRun.size()) {
              newestOfRun.add(head.getPlanned());
            } else {
              newestOfRun.set(run, Math.max(newestOfRun.get(run), head.getPlanned()));
            }
            positions.add(ListingScope.of(head).key(), number, block, offset, run);
          });
      progress.filesRead(files.size(), positions.size);
    }
    positions.complete();
    return new ListingIndex(List.copyOf(files), positions, List.copyOf(newestOfRun));
  }

  /**
   * Returns the records of the newest run that did the same with the model, in the order of files.
   *
   * @throws IOException if they cannot be read any more
   */
  public List<FileListing> find(ListingScope scope) throws IOException {
    long key = scope.key();
    int newest = -1;
    for (int at = positions.first(key); at >= 0; at = positions.next(at)) {
      int run = positions.runs[at];
      if (newest < 0 || newestOfRun.get(run) > newestOfRun.get(newest)) {
        newest = run;
      }
    }
    List<FileListing> found = new ArrayList<>();
    for (int at = positions.first(key); at >= 0; at = positions.next(at)) {
      if (positions.runs[at] == newest) {
        FileListing listing = read(at);
        if (ListingScope.of(listing).equals(scope)) {
          found.add(listing);
        }
      }
    }
    Collections.reverse(found);
    return found;
  }

  private FileListing read(int at) throws IOException {
    ListingFile file = files.get(positions.files[at]);
    long position = positions.blocks[at];
    byte[] block = block(file, new BlockId(positions.files[at], position));
    return file.record(position, block, positions.offsets[at]);
  }

  private byte[] block(ListingFile file, BlockId id) throws IOException {
    byte[] kept = blocks.get(id);
    if (kept != null) {
      return kept;
    }
    byte[] read = file.block(id.position());
    if (read.length <= SMALL_BLOCK) {
      blocks.put(id, read);
    }
    return read;
  }

  /**
   * Positions of records by a hash of what they are for: columns of numbers, and a hash table with
   * chains over them. Filled by one thread, then completed, then read by any.
   */
  private static final class Positions {

    private long[] keys = new long[64];
    private long[] blocks = new long[64];
    private int[] offsets = new int[64];
    private int[] files = new int[64];
    private int[] runs = new int[64];
    private int size;
    private int[] heads = {-1};
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
      Arrays.fill(heads, -1);
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

    /** Keys are digests, so any bits of them are as good as others. */
    private int slot(long key) {
      return (int) key & (heads.length - 1);
    }
  }
}
