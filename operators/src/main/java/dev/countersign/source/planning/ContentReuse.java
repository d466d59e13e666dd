package dev.countersign.source.planning;

import dev.countersign.listings.ListingIndex;
import dev.countersign.listings.ListingScope;
import dev.countersign.listings.MalformedListingException;
import dev.countersign.listings.ReuseRule;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.Sha256;
import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.schemas.FileListing;
import dev.countersign.schemas.ListedRange;
import dev.countersign.schemas.UnitRange;
import dev.countersign.source.pool.PlanMemory;
import dev.countersign.storage.StorageException;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes digests of content over from listings of earlier runs. Nothing else is taken over: names,
 * signatures and policies are checked as always. Thread safe.
 */
final class ContentReuse {

  private static final Logger LOG = LoggerFactory.getLogger(ContentReuse.class);

  /** As results name it, like the option. */
  private static final String WEAKENED = "since";

  private final PlanSettings.Incremental settings;
  private volatile @Nullable ListingIndex index;
  private boolean closed;

  ContentReuse(PlanSettings.Incremental settings) {
    this.settings = settings;
  }

  /** What a digest that is taken over takes apart from its bytes: a buffer and an array. */
  private static final int BUFFER_BYTES = 72;

  private record Place(String name, long start) {

    /** What one takes as the key of a map, in bytes: itself, its node and its part of the table. */
    static final int BYTES = 72;
  }

  /** Whether models can be planned; if not, {@link #prepare} comes first. */
  boolean isReady() {
    return settings.since().isEmpty() || index != null;
  }

  /**
   * Reads the listings through.
   *
   * @throws IOException if they cannot be read or used
   */
  void prepare() throws IOException {
    int all = settings.since().size();
    LOG.info("Reading {} files of listings of earlier runs", all);
    ListingIndex read =
        ListingIndex.of(
            settings.since(),
            ListingIndex.CACHED_BYTES,
            (files, records) ->
                LOG.info("Read {} of {} files of listings, {} records", files, all, records));
    synchronized (this) {
      index = read;
      if (closed) {
        read.close();
      }
    }
  }

  /** Frees the listings; no model can be planned any more. */
  synchronized void close() {
    closed = true;
    if (index != null) {
      try {
        index.close();
      } catch (IOException e) {
        LOG.warn("The sorted listings of earlier runs cannot be deleted", e);
      }
    }
  }

  /**
   * Notes in the ranges of a model which digests are known, and in its planning what the units and
   * the result have to know.
   *
   * @return what the plan's fingerprint ends with: the same as before only if the same digests are
   *     taken over
   * @throws StorageException if the listings of the model cannot be read any more
   */
  String apply(EntryPlanning planning, ListingScope scope, List<UnitRange> ranges)
      throws StorageException {
    planning.found(
        header -> {
          header.setRecordsListing(settings.recordsListings());
          header.setIgnoreSet(scope.ignoreSet());
        });
    if (settings.since().isEmpty()) {
      return "";
    }
    int digestLength =
        HashAlgorithm.named(scope.hashType()).map(HashAlgorithm::digestLength).orElse(0);
    PlanMemory.take((long) (BUFFER_BYTES + digestLength) * ranges.size());
    try (PlanMemory.Part unused = PlanMemory.part()) {
      PlanMemory.take((long) Place.BYTES * ranges.size());
      visitEarlier(scope, new TakeOver(new ReuseRule(digestLength, planning.started()), ranges));
    }
    if (ranges.stream().anyMatch(range -> range.getKnown().hasRemaining())) {
      planning.found(header -> header.setReused(true));
      planning.weakened(WEAKENED);
    }
    return ":since:" + fingerprint(ranges);
  }

  private void visitEarlier(ListingScope scope, TakeOver digests) throws StorageException {
    ListingIndex listings = Objects.requireNonNull(index, "not prepared");
    PlanMemory.take(listings.bytesRead());
    try {
      listings.forEach(scope, digests);
      digests.forgetDoubtful();
    } catch (IOException e) {
      throw new StorageException(
          StorageException.Kind.UNREADABLE,
          scope.model(),
          Message.of(
              "The listings of an earlier run cannot be read (%s).",
              Printable.of(String.valueOf(e.getMessage()))),
          Remedy.of("Run it again, without %s if it fails again.", Setting.SINCE),
          !(e instanceof MalformedListingException),
          e);
    }
  }

  /** Sets the known digests of a model's ranges by listings of an earlier run. */
  private static final class TakeOver implements Consumer<FileListing> {
    private final ReuseRule rule;
    private final List<UnitRange> ranges;
    private final Map<Place, UnitRange> wanted = new HashMap<>();
    private final List<UnitRange> doubtful = new ArrayList<>();

    TakeOver(ReuseRule rule, List<UnitRange> ranges) {
      this.rule = rule;
      this.ranges = ranges;
    }

    @Override
    public void accept(FileListing listing) {
      if (wanted.isEmpty()) {
        for (UnitRange range : ranges) {
          wanted.put(new Place(range.getName(), range.getStart()), range);
        }
      }
      for (ListedRange listed : listing.getRanges()) {
        UnitRange range = wanted.get(new Place(listed.getName(), listed.getStart()));
        if (range != null && rule.holds(listed, range)) {
          if (range.getKnown().hasRemaining() && !range.getKnown().equals(listed.getDigest())) {
            doubtful.add(range);
          }
          range.setKnown(listed.getDigest());
          range.setKnownSince(listed.getListed());
        }
      }
    }

    /** Two that hold and say different things are both wrong for all that can be known. */
    void forgetDoubtful() {
      for (UnitRange range : doubtful) {
        range.setKnown(ByteBuffer.allocate(0));
        range.setKnownSince(0L);
      }
    }
  }

  private static String fingerprint(List<UnitRange> ranges) {
    MessageDigest digest = Sha256.begin();
    for (UnitRange range : ranges) {
      digest.update((byte) range.getKnown().remaining());
      digest.update(range.getKnown().duplicate());
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
