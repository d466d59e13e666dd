package dev.countersign.source.content;

import dev.countersign.oms.Resource;
import dev.countersign.oms.Serialization;
import dev.countersign.oms.SerializationMethod;
import dev.countersign.outcome.RecordedDifferences;
import dev.countersign.remedy.Setting;
import dev.countersign.schemas.Difference;
import dev.countersign.schemas.DifferenceCause;
import dev.countersign.schemas.DifferenceCounts;
import dev.countersign.schemas.DifferenceKind;
import dev.countersign.schemas.UnitRange;
import dev.countersign.source.units.WorkUnits;
import dev.countersign.storage.IrregularEntry;
import dev.countersign.storage.ModelListing;
import dev.countersign.storage.StoredFile;
import dev.countersign.text.Message;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Compares the names of a signed statement with a listing: what is missing or extra is a
 * difference, what is on both sides is left to be hashed. For shards, "name" is the range, so a
 * file that has grown or shrunk differs before it is read.
 *
 * <p>A signed name is compared with listed names, as text, and never opened. So a file system that
 * takes {@code A} for {@code a}, or one normal form of Unicode for another, cannot make one file
 * stand for two signed names, nor for a name that it does not itself list.
 */
public final class ContentComparison {

  /** Finding about a name: what led to it, and what is to be said. */
  private record Finding(DifferenceCause cause, String detail) {

    static final Finding NONE = new Finding(DifferenceCause.NONE, "");

    static Finding ofLength(StoredFile file) {
      return new Finding(
          DifferenceCause.LENGTH, Message.of("the file is %d bytes long", file.length()));
    }

    static Finding of(IrregularEntry entry) {
      return new Finding(
          switch (entry.followed()) {
            case SYMLINK -> DifferenceCause.LINK;
            case SYMLINK_OUTSIDE -> DifferenceCause.LINK_OUTSIDE;
            default -> DifferenceCause.NONE;
          },
          entry.detail());
    }
  }

  private final Map<String, List<Resource>> signed;
  private final Serialization serialization;
  private final boolean ignoreUnsigned;
  private final boolean emptyFilesAreExtra;
  private final List<UnitRange> ranges = new ArrayList<>();
  private final RecordedDifferences differences;
  private final DifferenceCounts counts = new DifferenceCounts(0L, 0L, 0L, 0L);

  /**
   * A comparison that has not begun.
   *
   * @param signed signed resources by path; those that are found are taken out of it, which frees
   *     their memory while ranges take theirs
   * @param emptyFilesAreExtra whether empty files that shards left out are extra ones: nobody
   *     signed that they are there, and a statement by files would have to say so
   */
  public ContentComparison(
      Map<String, List<Resource>> signed,
      Serialization serialization,
      boolean ignoreUnsigned,
      boolean emptyFilesAreExtra,
      int maxDifferences) {
    this.signed = signed;
    this.serialization = serialization;
    this.ignoreUnsigned = ignoreUnsigned;
    this.emptyFilesAreExtra = emptyFilesAreExtra;
    this.differences = new RecordedDifferences(maxDifferences);
  }

  public List<UnitRange> ranges() {
    return ranges;
  }

  public List<Difference> differences() {
    return differences.list();
  }

  public DifferenceCounts counts() {
    return counts;
  }

  public void compare(ModelListing listing) {
    Map<String, IrregularEntry> irregular = new HashMap<>();
    for (IrregularEntry entry : listing.irregular()) {
      irregular.put(entry.name(), entry);
    }
    for (StoredFile file : listing.files()) {
      List<Resource> resources = signed.remove(file.name());
      if (resources == null) {
        extraFile(file);
      } else {
        compare(file, resources);
      }
    }
    signed.forEach((path, resources) -> missing(path, resources, whatIsThere(path, irregular)));
    for (IrregularEntry entry : listing.irregular()) {
      // The escaped form of a name that is not UTF-8 may read like the name of a signed file.
      boolean toldAsMissing = signed.containsKey(entry.name());
      if (!toldAsMissing && !ignoreUnsigned) {
        extra(entry);
      }
    }
  }

  /** Says what is in the place of a file that is missing; empty if nothing is. */
  private static Finding whatIsThere(String path, Map<String, IrregularEntry> irregular) {
    IrregularEntry entry = irregular.get(path);
    if (entry != null) {
      return Finding.of(entry);
    }
    for (int end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1)) {
      IrregularEntry above = irregular.get(path.substring(0, end));
      if (above != null && above.kind() == IrregularEntry.Kind.LINKED_DIRECTORY) {
        return new Finding(DifferenceCause.LINKED_DIRECTORY, "below " + above.detail());
      }
    }
    return Finding.NONE;
  }

  private void extra(IrregularEntry entry) {
    extra(entry.name(), Finding.of(entry));
    if (entry.kind() == IrregularEntry.Kind.LINKED_DIRECTORY) {
      counts.setLinkedDirectories(counts.getLinkedDirectories() + 1);
    }
  }

  private void extraFile(StoredFile file) {
    boolean leftOut = serialization.method() == SerializationMethod.SHARDS && file.length() == 0;
    if (leftOut && emptyFilesAreExtra) {
      extra(
          file.name(),
          new Finding(
              DifferenceCause.NONE,
              "empty, so no shard of it was signed; keep " + Setting.SERIALIZATION + " shards"));
    } else if (!leftOut && !ignoreUnsigned) {
      extra(file.name(), Finding.NONE);
    }
  }

  private void compare(StoredFile file, List<Resource> resources) {
    if (serialization.method() == SerializationMethod.FILES) {
      ranges.add(expecting(WorkUnits.whole(file), resources.get(0)));
      return;
    }
    Map<Long, Resource> byStart = new HashMap<>();
    long signedEnd = 0;
    for (Resource resource : resources) {
      byStart.put(resource.start(), resource);
      signedEnd = Math.max(signedEnd, resource.end());
    }
    // By the ends, as adding up shard sizes may pass 2^63.
    long end;
    for (long start = 0; start < file.length(); start = end) {
      end = WorkUnits.shardEnd(file, start, serialization);
      Resource resource = byStart.get(start);
      if (resource == null || resource.end() != end) {
        // Bytes that nobody signed in a file that was signed: never passed over as unsigned files.
        extra(file.name() + ":" + start + ":" + end, Finding.ofLength(file));
        if (differences.isFull() && start >= signedEnd) {
          counts.setExtra(counts.getExtra() + shardsAfter(file, end));
          break;
        }
      } else {
        byStart.remove(start);
        ranges.add(expecting(WorkUnits.shard(file, start, end), resource));
      }
    }
    byStart.values().stream()
        .sorted((left, right) -> Long.compare(left.start(), right.start()))
        .forEach(resource -> missing(file.name(), List.of(resource), Finding.ofLength(file)));
  }

  /** How many shards of {@code file} start at or after {@code from}. */
  private long shardsAfter(StoredFile file, long from) {
    long rest = file.length() - from;
    return rest / serialization.shardSize() + (rest % serialization.shardSize() == 0 ? 0 : 1);
  }

  private static UnitRange expecting(UnitRange range, Resource resource) {
    range.setExpected(resource.digest().buffer());
    return range;
  }

  private void missing(String path, List<Resource> resources, Finding finding) {
    for (Resource resource : resources) {
      counts.setMissing(counts.getMissing() + 1);
      String name =
          resource.isShard() ? path + ":" + resource.start() + ":" + resource.end() : path;
      note(DifferenceKind.MISSING, name, resource.digest().hex(), finding);
    }
  }

  private void extra(String name, Finding finding) {
    counts.setExtra(counts.getExtra() + 1);
    note(DifferenceKind.EXTRA, name, "", finding);
  }

  private void note(DifferenceKind kind, String name, String expected, Finding finding) {
    differences.add(new Difference(kind, name, expected, "", finding.detail(), finding.cause()));
  }
}
