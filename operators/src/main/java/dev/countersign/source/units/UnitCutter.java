package dev.countersign.source.units;

import dev.countersign.schemas.Difference;
import dev.countersign.schemas.DifferenceCounts;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.SignerCertificate;
import dev.countersign.schemas.UnitRange;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.storage.Storages;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a model into work units: small ranges are packed together in order, a large one is alone,
 * differences that planning found travel in units of their own. The same input gives the same cut.
 */
public final class UnitCutter {

  /** What a range, difference or unit takes serialized beside its texts; an upper bound. */
  private static final int FIXED_WEIGHT = 128;

  /**
   * Most ranges of a unit to read from a remote store, where each takes several round trips: so
   * that the files of one model are spread over readers.
   */
  static final int REMOTE_RANGES = 64;

  private final WindowSettings settings;
  private final List<String> symlinkRoots;

  /** Cuts as {@code settings} say; links may lead to {@code symlinkRoots} if the model has any. */
  public UnitCutter(WindowSettings settings, List<String> symlinkRoots) {
    this.settings = settings;
    this.symlinkRoots = symlinkRoots;
  }

  /**
   * The units of one model.
   *
   * @param units at least one; their {@code unitCount} is set
   * @param bytes to read
   * @param weight about how many bytes they take serialized
   */
  public record Cut(List<WorkUnit> units, long bytes, long weight) {}

  /** Cuts {@code ranges} and {@code differences}; the first unit carries {@code counts}. */
  public Cut cut(
      ModelHeader header,
      List<UnitRange> ranges,
      List<Difference> differences,
      DifferenceCounts counts) {
    Packer packer = new Packer(header, header.getAllowSymlinks() ? symlinkRoots : List.of());
    for (UnitRange range : ranges) {
      packer.add(range);
    }
    for (Difference difference : differences) {
      packer.add(difference);
    }
    return packer.finish(counts);
  }

  /** How many bytes a range reads: none if its digest is known. */
  public static long bytesOf(UnitRange range) {
    if (range.getKnown().hasRemaining()) {
      return 0;
    }
    return (range.getEnd() < 0 ? range.getLength() : range.getEnd()) - range.getStart();
  }

  /** The units under construction; the last one of {@code units} may be open. */
  private final class Packer {
    private final ModelHeader header;
    private final List<String> symlinkRoots;
    private final int headerWeight;
    private final List<WorkUnit> units = new ArrayList<>();
    private final int maxRead;
    private WorkUnit open;
    private int openRead;
    private long openBytes;
    private long openWeight;
    private long bytes;
    private long weight;

    Packer(ModelHeader header, List<String> symlinkRoots) {
      this.header = header;
      this.symlinkRoots = symlinkRoots;
      this.headerWeight = weightOf(header, symlinkRoots);
      this.maxRead =
          Storages.isRemote(header.getModel()) && !header.getContentTrusted()
              ? REMOTE_RANGES
              : Integer.MAX_VALUE;
      this.open = newUnit();
      this.openWeight = headerWeight;
    }

    void add(UnitRange range) {
      long size = bytesOf(range);
      int cost =
          FIXED_WEIGHT
              + utf8(range.getName())
              + (range.getPath() == null ? 0 : utf8(range.getPath()))
              + utf8(range.getVersion())
              + range.getExpected().remaining()
              + range.getKnown().remaining();
      if (size >= settings.unitBytes()) {
        WorkUnit alone = newUnit();
        alone.getRanges().add(range);
        units.add(alone);
        weight += headerWeight + cost;
      } else {
        int read = range.getKnown().hasRemaining() ? 0 : 1;
        if (openBytes + size > settings.unitBytes()
            || open.getRanges().size() >= settings.unitRanges()
            || openRead + read > maxRead) {
          close();
        }
        makeRoom(cost);
        open.getRanges().add(range);
        openRead += read;
        openBytes += size;
      }
      bytes += size;
    }

    void add(Difference difference) {
      int cost =
          FIXED_WEIGHT
              + utf8(difference.getName())
              + utf8(difference.getDetail())
              + difference.getExpected().length()
              + difference.getActual().length();
      makeRoom(cost);
      open.getDifferences().add(difference);
    }

    Cut finish(DifferenceCounts counts) {
      if (units.isEmpty() || !isEmpty(open)) {
        close();
      }
      for (int i = 0; i < units.size(); i++) {
        units.get(i).setUnit(i);
        units.get(i).setUnitCount(units.size());
      }
      units.get(0).setCounts(counts);
      return new Cut(List.copyOf(units), bytes, weight);
    }

    private void makeRoom(int cost) {
      if (openWeight + cost > settings.unitSerializedBytes() && !isEmpty(open)) {
        close();
      }
      openWeight += cost;
    }

    private void close() {
      units.add(open);
      weight += openWeight;
      open = newUnit();
      openRead = 0;
      openBytes = 0;
      openWeight = headerWeight;
    }

    private WorkUnit newUnit() {
      WorkUnit unit = WorkUnits.empty(header, 0, 0);
      unit.setSymlinkRoots(symlinkRoots);
      return unit;
    }

    private static boolean isEmpty(WorkUnit unit) {
      return unit.getRanges().isEmpty() && unit.getDifferences().isEmpty();
    }
  }

  private static int weightOf(ModelHeader header, List<String> symlinkRoots) {
    int weight =
        4 * FIXED_WEIGHT + (int) weightOf(header.getIgnorePaths()) + (int) weightOf(symlinkRoots);
    for (Map.Entry<String, String> label : header.getLabels().entrySet()) {
      weight += utf8(label.getKey()) + utf8(label.getValue()) + 4;
    }
    return weight
        + weightOf(header.getCertificate())
        + utf8(header.getModel())
        + utf8(header.getName())
        + utf8(header.getSubject())
        + utf8(header.getPolicyRule())
        + utf8(header.getPreviousSigner())
        + utf8(header.getIgnoreSet())
        + utf8(header.getBundle());
  }

  private static int weightOf(@Nullable SignerCertificate certificate) {
    if (certificate == null) {
      return 0;
    }
    return (5 + certificate.getChainSha256().size()) * FIXED_WEIGHT
        + (int) weightOf(certificate.getAlternativeNames())
        + utf8(certificate.getSubject())
        + utf8(certificate.getIssuer())
        + utf8(certificate.getTrustAnchor())
        + utf8(certificate.getTimestampAuthority())
        + utf8(certificate.getIdentity())
        + utf8(certificate.getIdentityProvider());
  }

  /** At most how many bytes a list of texts takes serialized. */
  public static long weightOf(Collection<String> texts) {
    return texts.stream().mapToLong(text -> utf8(text) + 2L).sum();
  }

  /** At most how many bytes {@code text} has in UTF-8. */
  private static int utf8(String text) {
    return 3 * text.length();
  }
}
