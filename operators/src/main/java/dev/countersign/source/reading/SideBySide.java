package dev.countersign.source.reading;

import dev.countersign.hashing.HashBatch;
import dev.countersign.hashing.HashBatch.Piece;
import dev.countersign.hashing.HashState;
import dev.countersign.schemas.UnitRange;
import dev.countersign.source.units.UnitCutter;
import java.util.ArrayList;
import java.util.List;

/** Small ranges that are read into one buffer and hashed side by side. Not thread safe. */
final class SideBySide {

  /** How many ranges are hashed side by side at most, which bounds their states. */
  private static final int MOST = 256;

  private final HashBatch batch;
  private final List<HashState> states = new ArrayList<>();
  private final List<Piece> pieces = new ArrayList<>();

  SideBySide(HashBatch batch) {
    this.batch = batch;
  }

  /**
   * Tells how many of the ranges from {@code from} on are worth hashing side by side: 0, or as many
   * as fit into a buffer of {@code capacity} bytes with room for one more. All lanes have to have
   * as much to do as the one with the longest range, or else one after the other is faster.
   */
  int count(List<UnitRange> ranges, int from, int capacity) {
    long sum = 0;
    long longest = 0;
    int count = 0;
    for (UnitRange range : ranges.subList(from, Math.min(ranges.size(), from + MOST))) {
      long bytes = UnitCutter.bytesOf(range);
      if (range.getSubtree() || sum + bytes >= capacity) {
        break;
      }
      sum += bytes;
      longest = Math.max(longest, bytes);
      count++;
    }
    return sum > 0 && sum >= batch.lanes() * longest ? count : 0;
  }

  /** Adds a range that was read into {@code buffer}, which must not change until it is hashed. */
  void add(byte[] buffer, int offset, int length) {
    if (states.size() == pieces.size()) {
      states.add(batch.newState());
    }
    pieces.add(new Piece(states.get(pieces.size()), buffer, offset, length, true));
  }

  /** Returns the ranges that were added since the last {@link #digests}. */
  List<Piece> added() {
    return List.copyOf(pieces);
  }

  /** Hashes the ranges that were added, and returns their digests in the same order. */
  List<byte[]> digests() {
    batch.update(pieces);
    List<byte[]> digests = pieces.stream().map(piece -> piece.state().digest()).toList();
    pieces.clear();
    return digests;
  }
}
