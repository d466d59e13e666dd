package dev.countersign.source.reading;

import dev.countersign.storage.RangeSource;
import dev.countersign.storage.RequestCounts;
import dev.countersign.storage.StorageException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** A range of made-up bytes, whose requests take as long and fail as a test says. Thread safe. */
final class FakeParts implements RangeSource {

  /** What happens to a request before it is answered. */
  @FunctionalInterface
  interface Request {
    /**
     * Waits, or fails the request.
     *
     * @param position of the first byte that is asked for
     * @param before how often that was asked for before
     */
    void sent(long position, int before) throws StorageException, InterruptedException;
  }

  private final Request request;
  private final Map<Long, AtomicInteger> asked = new ConcurrentHashMap<>();
  private final AtomicLong inFlight;
  private final AtomicLong mostInFlight;
  private volatile boolean finished;
  private volatile boolean closed;

  FakeParts(Request request) {
    this(request, new AtomicLong(), new AtomicLong());
  }

  /** Counts the bytes in flight together with other ranges. */
  FakeParts(Request request, AtomicLong inFlight, AtomicLong mostInFlight) {
    this.request = request;
    this.inFlight = inFlight;
    this.mostInFlight = mostInFlight;
  }

  /** The byte at a position. */
  static byte at(long position) {
    return (byte) (position * 31 + (position >> 8) * 7 + (position >> 16));
  }

  static StorageException fault(StorageException.Kind kind, boolean isTransient) {
    return new StorageException(kind, "s3://lake/model", "The store failed.", isTransient, null);
  }

  @Override
  public void read(long position, byte[] buffer, int offset, int length) throws StorageException {
    RequestCounts.sent(RequestCounts.Kind.GET);
    int before = asked.computeIfAbsent(position, first -> new AtomicInteger()).getAndIncrement();
    mostInFlight.accumulateAndGet(inFlight.addAndGet(length), Math::max);
    boolean failed = true;
    try {
      request.sent(position, before);
      if (closed) {
        throw fault(StorageException.Kind.UNREADABLE, true);
      }
      for (int i = 0; i < length; i++) {
        buffer[offset + i] = at(position + i);
      }
      failed = false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw fault(StorageException.Kind.UNREADABLE, true);
    } finally {
      if (failed) {
        inFlight.addAndGet(-length);
      }
    }
  }

  /** A part was used, so its buffer is free. */
  void used(int length) {
    inFlight.addAndGet(-length);
  }

  int requests() {
    return asked.values().stream().mapToInt(AtomicInteger::get).sum();
  }

  int requests(long position) {
    AtomicInteger count = asked.get(position);
    return count == null ? 0 : count.get();
  }

  long mostInFlight() {
    return mostInFlight.get();
  }

  boolean isFinished() {
    return finished;
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public void finish() {
    finished = true;
  }

  @Override
  public void close() {
    closed = true;
  }
}
