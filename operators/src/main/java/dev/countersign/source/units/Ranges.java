package dev.countersign.source.units;

import dev.countersign.oms.Resource;
import dev.countersign.oms.Serialization;
import dev.countersign.schemas.UnitRange;
import dev.countersign.storage.StoredFile;
import java.nio.ByteBuffer;

/** Makes the ranges of a plan from listed files. */
public final class Ranges {

  private static final ByteBuffer NONE = ByteBuffer.allocate(0).asReadOnlyBuffer();

  private Ranges() {}

  /** The whole file. */
  public static UnitRange whole(StoredFile file) {
    return range(file, 0, Resource.WHOLE);
  }

  /** One shard of a file; {@code end} is exclusive. */
  public static UnitRange shard(StoredFile file, long start, long end) {
    return range(file, start, end);
  }

  /** Where the shard that starts at {@code start} ends, exclusive. */
  public static long shardEnd(StoredFile file, long start, Serialization serialization) {
    return start + Math.min(serialization.shardSize(), file.length() - start);
  }

  private static UnitRange range(StoredFile file, long start, long end) {
    UnitRange range = new UnitRange();
    range.setName(file.name());
    range.setPath(file.path().equals(file.name()) ? null : file.path());
    range.setRoot(file.root());
    range.setStart(start);
    range.setEnd(end);
    range.setLength(file.length());
    range.setVersion(file.version());
    range.setExpected(NONE);
    range.setExpectedPieces(1);
    range.setModified(file.modifiedMillis());
    range.setKnown(NONE);
    return range;
  }
}
