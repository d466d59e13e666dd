package dev.countersign.outcome;

import dev.countersign.schemas.Difference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * List of a model's differences, bounded by their number and by the bytes of their texts, so that a
 * model with many long names cannot make a result that is too large to be read. What exceeds a
 * bound is dropped; whoever adds keeps the exact counts. Not thread safe.
 */
public final class RecordedDifferences {

  /** Greatest number of differences that a user can ask for. */
  public static final int MAX_COUNT = 1_000_000;

  /** Bytes of all texts in UTF-8, well below what a block of Avro results may have. */
  public static final long MAX_TEXT_BYTES = 16 << 20;

  private final List<Difference> list = new ArrayList<>();
  private final int maxCount;
  private final long maxTextBytes;
  private long textBytes;
  private boolean full;

  /** A list of at most {@code maxCount} differences. */
  public RecordedDifferences(int maxCount) {
    this(maxCount, MAX_TEXT_BYTES);
  }

  /** A list of at most {@code maxCount} differences with {@code maxTextBytes} bytes of text. */
  public RecordedDifferences(int maxCount, long maxTextBytes) {
    this.maxCount = maxCount;
    this.maxTextBytes = maxTextBytes;
  }

  /** Returns whether nothing more is recorded: a bound is reached. */
  public boolean isFull() {
    return full || list.size() >= maxCount;
  }

  /** Adds a difference if it is within the bounds and none before it was dropped. */
  public void add(Difference difference) {
    if (isFull()) {
      return;
    }
    long bytes =
        utf8(difference.getName())
            + utf8(difference.getExpected())
            + utf8(difference.getActual())
            + utf8(difference.getDetail());
    if (bytes > maxTextBytes - textBytes) {
      full = true;
      return;
    }
    textBytes += bytes;
    list.add(difference);
  }

  /** Adds differences in order, as many as are within the bounds. */
  public void addAll(List<Difference> differences) {
    for (Difference difference : differences) {
      if (isFull()) {
        return;
      }
      add(difference);
    }
  }

  /** Returns what is recorded so far; grows with this object. */
  public List<Difference> list() {
    return list;
  }

  /** Returns how many bytes the recorded texts have in UTF-8. */
  public long textBytes() {
    return textBytes;
  }

  private static long utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
