package dev.countersign.listings;

import dev.countersign.listings.SortedPositions.Cursor;
import dev.countersign.listings.SortedPositions.Position;
import dev.countersign.schemas.FileListing;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.flink.core.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * Finds the records of a model in files of listings. Where each record is stands in a temporary
 * file, sorted by the SHA-256 of what the record is for; the records of a model are read when they
 * are asked for, one at a time. Memory is bounded whatever the number of records. Thread safe: no
 * thread waits for what another one reads.
 */
public final class ListingIndex implements Closeable {

  /** About how many bytes it has in memory at most, apart from what {@link #forEach} reads. */
  public static final long CACHED_BYTES = cachedBytes(Runtime.getRuntime().maxMemory());

  /** A block that takes more than this part of the cache is not kept. */
  private static final int LARGEST_PART = 16;

  private final List<ListingFile> files;
  private final SortedPositions positions;
  private final List<Long> newestOfRun;
  private final int largestBlock;
  private final BlockCache cache;

  private record BlockId(int file, long position) {}

  private ListingIndex(
      List<ListingFile> files,
      SortedPositions positions,
      List<Long> newestOfRun,
      int largestBlock,
      BlockCache cache) {
    this.files = files;
    this.positions = positions;
    this.newestOfRun = newestOfRun;
    this.largestBlock = largestBlock;
    this.cache = cache;
  }

  /** 64 MiB, but not more than a sixteenth of the heap. */
  static long cachedBytes(long heap) {
    return Math.min(64 << 20, heap / 16);
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
   * @param cachedBytes as {@link #CACHED_BYTES}
   * @throws MalformedListingException if one breaks a rule of its format
   * @throws IOException if one cannot be read, or there is no room for temporary files
   */
  public static ListingIndex of(List<String> uris, long cachedBytes, Progress progress)
      throws IOException {
    SortedPositions positions = new SortedPositions(cachedBytes);
    try {
      List<ListingFile> files = new ArrayList<>();
      Map<String, Integer> runs = new HashMap<>();
      List<Long> newestOfRun = new ArrayList<>();
      long[] records = {0};
      int[] largest = {0};
      for (String uri : uris) {
        int number = files.size();
        files.add(
            ListingFile.read(
                new Path(uri),
                (block, length, offset, head) -> {
                  largest[0] = Math.max(largest[0], length);
                  int run = runs.computeIfAbsent(head.getRunId(), id -> runs.size());
                  if (run == newestOfRun.size()) {
                    newestOfRun.add(head.getPlanned());
                  } else {
                    newestOfRun.set(run, Math.max(newestOfRun.get(run), head.getPlanned()));
                  }
                  long key = ListingScope.of(head).key();
                  positions.add(new Position(key, number, block, offset, run));
                  records[0]++;
                }));
        progress.filesRead(files.size(), records[0]);
      }
      positions.sort();
      return new ListingIndex(
          List.copyOf(files),
          positions,
          List.copyOf(newestOfRun),
          largest[0],
          new BlockCache(cachedBytes));
    } catch (IOException | RuntimeException | Error e) {
      positions.close();
      throw e;
    }
  }

  /** About how many bytes {@link #forEach} needs at a time: a block, and a record of it. */
  public long bytesRead() {
    return 2L * largestBlock;
  }

  /**
   * Gives the records of the newest run that did the same with the model, in the order of files.
   *
   * @throws IOException if they cannot be read any more
   */
  public void forEach(ListingScope scope, Consumer<FileListing> visitor) throws IOException {
    long key = scope.key();
    int newest = newestRun(key);
    BlockId block = null;
    byte[] bytes = {};
    Cursor cursor = positions.search(key);
    for (Position at = cursor.position();
        at != null && at.key() == key;
        cursor.advance(), at = cursor.position()) {
      if (at.run() == newest) {
        BlockId wanted = new BlockId(at.file(), at.block());
        if (!wanted.equals(block)) {
          block = wanted;
          bytes = bytes(wanted);
        }
        FileListing listing = files.get(at.file()).record(at.block(), bytes, at.offset());
        if (ListingScope.of(listing).equals(scope)) {
          visitor.accept(listing);
        }
      }
    }
  }

  /** The last one that was read, if several are as new; negative if there is none. */
  private int newestRun(long key) throws IOException {
    int newest = -1;
    Cursor cursor = positions.search(key);
    for (Position at = cursor.position();
        at != null && at.key() == key;
        cursor.advance(), at = cursor.position()) {
      if (newest < 0 || newestOfRun.get(at.run()) >= newestOfRun.get(newest)) {
        newest = at.run();
      }
    }
    return newest;
  }

  private byte[] bytes(BlockId id) throws IOException {
    byte[] kept = cache.get(id);
    if (kept != null) {
      return kept;
    }
    byte[] read = files.get(id.file()).block(id.position());
    cache.put(id, read);
    return read;
  }

  /** Returns how many bytes of blocks are kept. */
  long bytesCached() {
    return cache.bytes();
  }

  /** Deletes the temporary file; whoever asks meanwhile gets an exception. */
  @Override
  public void close() throws IOException {
    positions.close();
  }

  /** The blocks that were asked for last: models that are near in a catalog often share one. */
  private static final class BlockCache {
    private final long capacity;
    private final Map<BlockId, byte[]> blocks = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    BlockCache(long capacity) {
      this.capacity = capacity;
    }

    synchronized byte @Nullable [] get(BlockId id) {
      return blocks.get(id);
    }

    synchronized long bytes() {
      return bytes;
    }

    synchronized void put(BlockId id, byte[] block) {
      if (block.length > capacity / LARGEST_PART || blocks.putIfAbsent(id, block) != null) {
        return;
      }
      bytes += block.length;
      for (var eldest = blocks.values().iterator(); bytes > capacity; ) {
        bytes -= eldest.next().length;
        eldest.remove();
      }
    }
  }
}
