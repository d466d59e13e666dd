package dev.countersign.source.checkpoint;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.catalog.watch.WatchSettings;
import dev.countersign.oms.Sha256;
import dev.countersign.source.signals.ReaderEvent.EndedModel;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;

/**
 * What a watch knows of its models, and what it makes of each look at one: whether it is to be
 * worked on now. A model is known by the first half of the SHA-256 of its URI, and looks the same
 * if the first half of its fingerprint does. It is forgotten once a whole look did not see it.
 *
 * <p>What was seen of models that have not settled is not saved: they settle anew. Not thread safe.
 */
public final class WatchMemory {

  /** How many models may be watched; each takes some 200 bytes, and {@link #RECORD} when saved. */
  public static final int MOST = 1_000_000;

  /** After so long at most a failed model is tried again. */
  static final Duration LONGEST_PAUSE = Duration.ofHours(6);

  /**
   * After so long a model that was handed over whole counts as ended, though nobody has told that:
   * signing may wait for a timestamp, but not as long as that.
   */
  static final Duration LONGEST_WAIT = Duration.ofMinutes(15);

  private static final int HALF = 16;

  /** Bytes of one saved model. */
  private static final int RECORD = HALF + HALF + Long.BYTES + Integer.BYTES + Long.BYTES + 1;

  private static final int OUT = 1;
  private static final int FAILED = 2;

  private static final long NEVER = -1;

  /**
   * How a watched model looked at one time.
   *
   * @param entry what names it
   * @param fingerprint identifies all of it that counts, in hexadecimal: the same means that
   *     nothing has changed
   * @param completeness whether it can be worked on
   */
  public record Sighting(CatalogEntry entry, String fingerprint, Completeness completeness) {

    /** Whether a model is complete, as far as one look can tell. */
    public enum Completeness {
      /** It is. */
      COMPLETE,
      /** It is if it stays as it is. */
      IF_SETTLED,
      /** It is not. */
      INCOMPLETE
    }
  }

  private final WatchSettings settings;
  private final int most;
  private final Map<ByteBuffer, Model> models = new HashMap<>();
  private int look;

  private static final class Model {
    /** How it looked when it was last taken; empty if it never was. */
    private byte[] taken = {};

    private long entryId = NEVER;
    private boolean out;
    private long handedOver = NEVER;
    private boolean failed;
    private int failures;
    private long nextTry;

    /** How it looks now, if that is otherwise; empty if it is not. */
    private byte[] seen = {};

    private long seenSince;
    private int look;
  }

  /** Knows at most {@code most} models. */
  public WatchMemory(WatchSettings settings, int most) {
    this.settings = settings;
    this.most = most;
  }

  /** Begins a look at all models. */
  public void beginLook() {
    look++;
  }

  /** Ends a look that went through all models: those that it did not see are gone. */
  public void endLook() {
    models.values().removeIf(model -> model.look != look && !model.out);
  }

  /** Returns how many models are known. */
  public int size() {
    return models.size();
  }

  /** Tells whether no other model can be watched; those that are too many are passed over. */
  public boolean isFull() {
    return models.size() >= most;
  }

  /**
   * Decides on a model that was looked at.
   *
   * @param now in milliseconds since the epoch
   * @return whether to work on it now; {@link #take} has to follow then
   */
  public boolean isDue(Sighting sighting, long now) {
    ByteBuffer key = key(sighting.entry());
    if (isFull() && !models.containsKey(key)) {
      return false;
    }
    Model model = models.computeIfAbsent(key, unknown -> new Model());
    model.look = look;
    if (model.handedOver != NEVER && now - model.handedOver >= LONGEST_WAIT.toMillis()) {
      model.out = false;
    }
    byte[] looks = half(sighting.fingerprint());
    if (Arrays.equals(looks, model.taken)) {
      model.seen = new byte[0];
      return !model.out && model.failed && sighting.entry().isGood() && now >= model.nextTry;
    }
    if (!Arrays.equals(looks, model.seen)) {
      model.seen = looks;
      model.seenSince = now;
    }
    boolean complete =
        switch (sighting.completeness()) {
          case COMPLETE -> true;
          case IF_SETTLED -> now - model.seenSince >= settings.settle().toMillis();
          case INCOMPLETE -> false;
        };
    return complete && !model.out;
  }

  /** Whether a model was taken before. */
  public boolean isKnown(Sighting sighting) {
    Model model = models.get(key(sighting.entry()));
    return model != null && model.entryId != NEVER;
  }

  /** Takes note that a model is being worked on, as it was seen. */
  public void take(Sighting sighting, long entryId) {
    Model model = models.computeIfAbsent(key(sighting.entry()), unknown -> new Model());
    byte[] looks = half(sighting.fingerprint());
    if (!Arrays.equals(looks, model.taken)) {
      model.failures = 0;
    }
    model.taken = looks;
    model.seen = new byte[0];
    model.entryId = entryId;
    model.out = true;
    model.handedOver = NEVER;
    model.failed = false;
  }

  /**
   * Takes note that a model has a result; that it is told more than once makes no difference.
   *
   * @param now in milliseconds since the epoch
   */
  public void ended(EndedModel ended, long now) {
    Model model = models.get(key(ended.model()));
    if (model == null || model.entryId != ended.entryId()) {
      return;
    }
    model.out = false;
    if (!ended.failed()) {
      model.failures = 0;
    } else if (!model.failed) {
      model.failed = true;
      model.nextTry = now + pause(model.failures).toMillis();
      model.failures++;
    }
  }

  /**
   * Takes note that all of a model has been read and passed on, so that its result is near.
   *
   * @param taken the entry that it was taken as
   * @param now in milliseconds since the epoch
   */
  public void handedOver(CatalogEntry taken, long now) {
    Model model = models.get(key(taken));
    if (model == null || model.entryId != taken.id()) {
      return;
    }
    if (taken.isGood()) {
      model.handedOver = now;
    } else {
      // Its result does not name it.
      model.out = false;
    }
  }

  /** The interval, twice that, and so on. */
  private Duration pause(int before) {
    Duration pause = settings.interval();
    for (int i = 0; i < before && pause.compareTo(LONGEST_PAUSE) < 0; i++) {
      pause = pause.multipliedBy(2);
    }
    return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
  }

  /** Returns all models that were ever taken, for a checkpoint. */
  public ByteBuffer save() {
    long taken = models.values().stream().filter(model -> model.entryId != NEVER).count();
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(taken * RECORD));
    models.forEach(
        (key, model) -> {
          if (model.entryId != NEVER) {
            bytes
                .put(key.duplicate())
                .put(model.taken)
                .putLong(model.entryId)
                .putInt(model.failures)
                .putLong(model.nextTry)
                .put((byte) ((model.out ? OUT : 0) | (model.failed ? FAILED : 0)));
          }
        });
    return bytes.flip();
  }

  /** Tells whether bytes can be what {@link #save} returned. */
  static boolean isWhole(ByteBuffer saved) {
    return saved.remaining() % RECORD == 0;
  }

  /**
   * Goes on from what {@link #save} returned.
   *
   * @param taken ids of the entries that were not handed over
   * @param now in milliseconds since the epoch
   */
  public void restore(ByteBuffer saved, Set<Long> taken, long now) {
    ByteBuffer bytes = saved.duplicate();
    while (bytes.hasRemaining()) {
      byte[] key = new byte[HALF];
      bytes.get(key);
      Model model = new Model();
      model.taken = new byte[HALF];
      bytes.get(model.taken);
      model.entryId = bytes.getLong();
      model.failures = bytes.getInt();
      model.nextTry = bytes.getLong();
      int flags = bytes.get();
      model.out = (flags & OUT) != 0;
      model.handedOver = model.out && !taken.contains(model.entryId) ? now : NEVER;
      model.failed = (flags & FAILED) != 0;
      models.put(ByteBuffer.wrap(key), model);
    }
  }

  /** What is not worked on is known by why, too: the same model may be once that is mended. */
  private static ByteBuffer key(CatalogEntry entry) {
    return key(
        entry.isGood()
            ? entry.model()
            : entry.line() + ":" + entry.model() + "\0" + entry.fault() + entry.linkTo());
  }

  private static ByteBuffer key(String text) {
    return ByteBuffer.wrap(half(Sha256.hex(text.getBytes(StandardCharsets.UTF_8))));
  }

  private static byte[] half(String hex) {
    return HexFormat.of().parseHex(hex, 0, 2 * HALF);
  }
}
