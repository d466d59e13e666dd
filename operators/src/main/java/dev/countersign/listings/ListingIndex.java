package dev.countersign.listings;

import dev.countersign.schemas.FileListing;
import java.io.IOException;
import java.util.ArrayList;
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
  private final RecordPositions positions;
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

  private ListingIndex(List<ListingFile> files, RecordPositions positions, List<Long> newestOfRun) {
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
    RecordPositions positions = new RecordPositions();
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
      progress.filesRead(files.size(), positions.size());
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
      int run = positions.run(at);
      if (newest < 0 || newestOfRun.get(run) > newestOfRun.get(newest)) {
        newest = run;
      }
    }
    List<FileListing> found = new ArrayList<>();
    for (int at = positions.first(key); at >= 0; at = positions.next(at)) {
      if (positions.run(at) == newest) {
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
    ListingFile file = files.get(positions.file(at));
    long position = positions.block(at);
    byte[] block = block(file, new BlockId(positions.file(at), position));
    return file.record(position, block, positions.offset(at));
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
}
