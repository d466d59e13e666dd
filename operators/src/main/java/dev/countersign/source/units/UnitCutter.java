package dev.countersign.source.units;

import dev.countersign.oms.Resource;
import dev.countersign.oms.Sha256;
import dev.countersign.schemas.Difference;
import dev.countersign.schemas.DifferenceCounts;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.SignerCertificate;
import dev.countersign.schemas.UnitRange;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.storage.BlockHosts;
import dev.countersign.storage.Storages;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a model into work units: small ranges are packed together in order, a large one is alone, a
 * large file under BLAKE3 is cut into {@link Subtrees}, and differences that planning found travel
 * in units of their own. The same input gives the same cut.
 */
public final class UnitCutter {

  /** What a range, difference or unit takes serialized beside its texts; an upper bound. */
  private static final int FIXED_WEIGHT = 128;

  /**
   * Most ranges of a unit to read from a remote store, where each takes several round trips: so
   * that the files of one model are spread over readers.
   */
  static final int REMOTE_RANGES = 64;

  /** What a name of a host takes that a unit waits for, as indexes have it, too. */
  private static final int HOST_WEIGHT = 96;

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
   * @param largestFile bytes of the largest file that one unit reads from its first byte to its
   *     last
   * @param hosts for each unit the machines that hold at least half of what it reads
   */
  public record Cut(
      List<WorkUnit> units, long bytes, long weight, long largestFile, List<List<String>> hosts) {

    /**
     * Returns the SHA-256 over which ranges and how many differences each unit has, in lower-case
     * hexadecimal: units of cuts with the same fingerprint can stand for one another, if the same
     * listing was cut. Computed at each call.
     */
    String fingerprint() {
      MessageDigest digest = Sha256.begin();
      ByteBuffer numbers = ByteBuffer.allocate(3 * Long.BYTES + 1);
      for (WorkUnit unit : units) {
        digest.update(
            numbers
                .clear()
                .putLong(unit.getRanges().size())
                .putLong(unit.getDifferences().size())
                .flip());
        for (UnitRange range : unit.getRanges()) {
          byte[] name = range.getName().getBytes(StandardCharsets.UTF_8);
          digest.update(
              numbers
                  .clear()
                  .putLong(name.length)
                  .putLong(range.getStart())
                  .putLong(range.getEnd())
                  .put((byte) (range.getSubtree() ? 1 : 0))
                  .flip());
          digest.update(name);
        }
      }
      return HexFormat.of().formatHex(digest.digest());
    }
  }

  /** How many ranges {@link #cut} makes in addition to {@code ranges}, of files in subtrees. */
  public long addedRanges(ModelHeader header, List<UnitRange> ranges) {
    return Subtrees.added(header, ranges, settings.unitBytes());
  }

  /** Cuts as the other method does, where it is not known which machines hold the files. */
  public Cut cut(
      ModelHeader header,
      List<UnitRange> ranges,
      List<Difference> differences,
      DifferenceCounts counts) {
    return cut(header, ranges, differences, counts, name -> BlockHosts.NONE);
  }

  /**
   * Cuts {@code ranges} and {@code differences}; the first unit carries {@code counts}.
   *
   * @param hosts the machines that hold a file, by its name; they do not change the cut, or a model
   *     whose blocks were moved would be read again
   */
  public Cut cut(
      ModelHeader header,
      List<UnitRange> ranges,
      List<Difference> differences,
      DifferenceCounts counts,
      Function<String, BlockHosts> hosts) {
    Packer packer = new Packer(header, header.getAllowSymlinks() ? symlinkRoots : List.of(), hosts);
    for (UnitRange range : Subtrees.cut(header, ranges, settings.unitBytes())) {
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
    private final Function<String, BlockHosts> hosts;
    private final int headerWeight;
    private final List<WorkUnit> units = new ArrayList<>();
    private final int maxRead;
    private WorkUnit open;
    private int openRead;
    private long openBytes;
    private long openWeight;
    private long bytes;
    private long weight;
    private long largestFile;

    Packer(ModelHeader header, List<String> symlinkRoots, Function<String, BlockHosts> hosts) {
      this.header = header;
      this.symlinkRoots = symlinkRoots;
      this.hosts = hosts;
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
      if (range.getEnd() == Resource.WHOLE && !header.getContentTrusted()) {
        largestFile = Math.max(largestFile, size);
      }
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
      List<List<String>> held = units.stream().map(this::hostsOf).toList();
      weight += (long) HOST_WEIGHT * held.stream().mapToInt(List::size).sum();
      return new Cut(List.copyOf(units), bytes, weight, largestFile, held);
    }

    private List<String> hostsOf(WorkUnit unit) {
      Map<String, Long> held = new HashMap<>();
      long read = 0;
      for (UnitRange range : unit.getRanges()) {
        long size = bytesOf(range);
        read += size;
        if (size > 0) {
          hosts.apply(range.getName()).count(range.getStart(), range.getStart() + size, held);
        }
      }
      long half = read - read / 2;
      return held.entrySet().stream()
          .filter(host -> host.getValue() >= half)
          .map(Map.Entry::getKey)
          .toList();
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
