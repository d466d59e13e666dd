package dev.countersign.source.reading;

import dev.countersign.outcome.ModelFailure;
import dev.countersign.source.pool.GuardedPool;
import dev.countersign.source.reading.UnitHasher.CancelledException;
import dev.countersign.source.reading.UnitHasher.Watch;
import dev.countersign.storage.RangeSource;
import dev.countersign.storage.RequestCounts;
import dev.countersign.storage.StorageException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads ranges in parts, one request for each, for all lanes of a reader. Of a range that is larger
 * than a part, several parts are requested at the same time, by threads that all lanes share; the
 * lane gets them in the order of the file. A smaller range is read by the thread that needs it.
 *
 * <p>A part that is requested has a buffer of the reader's pool ({@link ReadBuffers}), so there are
 * never more bytes in flight than the pool has. A lane alone uses all of it; several share it
 * evenly.
 *
 * <p>A request that brings nothing for the stall timeout is given up and repeated, as one that
 * fails. Its thread may write into its buffer later, so another buffer takes its place. Thread
 * safe.
 */
final class RangePump implements AutoCloseable {

  /** Most parts of a range in flight, however small they are. */
  static final int MOST_IN_FLIGHT = 64;

  /** How long a lane waits for a part before it checks whether its model was cancelled. */
  private static final long LOOK_MILLIS = 100;

  private final int partBytes;
  private final ReadBuffers buffers;
  private final RangeRetries retries;
  private final Duration stallTimeout;
  private final GuardedPool<Ended> requests;

  /** Starts no thread before the first range. */
  RangePump(ReadSettings settings, ReadBuffers buffers) {
    this.partBytes = settings.ranges().bytes();
    this.buffers = buffers;
    this.retries = new RangeRetries(settings.ranges());
    this.stallTimeout = settings.stallTimeout();
    this.requests =
        new GuardedPool<>(
            "countersign-range",
            (int) Math.min((long) settings.lanes() * MOST_IN_FLIGHT, buffers.mostParts()),
            stallTimeout);
  }

  /** How a request ended: with all bytes, with a fault, or not within the stall timeout. */
  private record Ended(@Nullable Throwable fault, boolean stalled) {
    static final Ended WELL = new Ended(null, false);
    static final Ended STALLED = new Ended(null, true);
  }

  /**
   * Reads a range and passes its parts on, in order, on this thread.
   *
   * @param model URI of the model, for messages
   * @throws StorageException as {@code source} throws it, if trying again is pointless
   * @throws ModelFailure if a part was requested as often as allowed, in vain
   * @throws CancelledException if {@code watch} says so, or as {@code sink} throws it
   */
  void drain(
      String model, RangeSource source, long start, long end, ReadAhead.Sink sink, Watch watch)
      throws StorageException, ModelFailure, CancelledException {
    if (end - start > partBytes) {
      try (Drain drain = new Drain(model, source, start, end, watch)) {
        drain.run(sink);
      }
    } else if (end > start) {
      drainPart(source, start, (int) (end - start), sink, watch);
    }
  }

  private void drainPart(
      RangeSource source, long start, int length, ReadAhead.Sink sink, Watch watch)
      throws StorageException, ModelFailure, CancelledException {
    ReadBuffers.PartBuffer buffer = buffers.forPart(length);
    watch.borrowed(buffer);
    try {
      retries.read(source, start, buffer.bytes(), length, watch::isCancelled);
      sink.accept(buffer.bytes(), length);
    } finally {
      watch.borrowed(null);
      buffer.giveBack();
    }
  }

  @Override
  public void close() {
    requests.close();
  }

  /** One range on its way to one lane, whose thread calls all methods. */
  private final class Drain implements AutoCloseable {
    private final String model;
    private final RangeSource source;
    private final long end;
    private final Watch watch;
    private final Optional<RequestCounts> counts = RequestCounts.current();
    private final Deque<Part> inFlight = new ArrayDeque<>();
    private long next;
    private volatile boolean over;

    Drain(String model, RangeSource source, long start, long end, Watch watch) {
      this.model = model;
      this.source = source;
      this.next = start;
      this.end = end;
      this.watch = watch;
      buffers.rangeBegins();
    }

    void run(ReadAhead.Sink sink) throws StorageException, ModelFailure, CancelledException {
      request();
      for (Part first = inFlight.peek(); first != null; first = inFlight.peek()) {
        await(first);
        sink.accept(first.buffer.bytes(), first.length);
        inFlight.remove();
        if (next < end && inFlight.size() < buffers.partsForEach() && !buffers.isWanted()) {
          request(first.buffer);
        } else {
          first.buffer.giveBack();
        }
        request();
      }
    }

    /** Requests as many parts as there are buffers for; waits for one if none is in flight. */
    private void request() throws CancelledException {
      while (next < end && inFlight.size() < buffers.partsForEach()) {
        ReadBuffers.PartBuffer buffer =
            inFlight.isEmpty() ? buffers.forPart(partBytes) : buffers.findForPart(partBytes);
        if (buffer == null) {
          return;
        }
        request(buffer);
      }
    }

    private void request(ReadBuffers.PartBuffer buffer) {
      Part part = new Part(this, next, (int) Math.min(partBytes, end - next), buffer);
      next += part.length;
      inFlight.add(part);
      send(part);
    }

    private void send(Part part) {
      try {
        requests.submit(
            model,
            part::read,
            () -> Ended.STALLED,
            part::ended,
            fault -> part.ended(new Ended(fault, false)));
      } catch (OutOfMemoryError e) {
        // No thread can be started: the part ends so, and gives its buffer back.
        part.ended(new Ended(e, false));
      }
    }

    private void await(Part part) throws StorageException, ModelFailure, CancelledException {
      // The thread that reads the part is watched, so this one need not be.
      GuardedPool.bounded();
      try {
        while (true) {
          Ended ended = part.await();
          if (watch.isCancelled()) {
            throw new CancelledException();
          }
          if (ended == null) {
            continue;
          }
          if (!ended.stalled()) {
            rethrow(ended.fault());
            return;
          }
          if (!retries.allows(part.stalls)) {
            throw ModelFailure.stalled(model, stallTimeout).afterTries(1 + part.stalls);
          }
          part.again();
          send(part);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CancelledException();
      } finally {
        GuardedPool.progressed();
      }
    }

    @Override
    public void close() {
      over = true;
      inFlight.forEach(Part::drop);
      buffers.rangeEnds();
    }
  }

  /** One request and its buffer, which belongs to the lane once the request has ended. */
  private final class Part {
    private final Drain drain;
    private final long position;
    private final int length;
    private final ReadBuffers.PartBuffer buffer;

    /** How often the request has stalled; only the lane's thread changes it. */
    private volatile int stalls;

    // Guarded by this.
    private @Nullable Ended ended;
    private boolean dropped;

    Part(Drain drain, long position, int length, ReadBuffers.PartBuffer buffer) {
      this.drain = drain;
      this.position = position;
      this.length = length;
      this.buffer = buffer;
    }

    /** Sends the request, on a thread of the pool. */
    Ended read() {
      byte[] bytes = buffer.bytes();
      int before = stalls;
      try (RequestCounts.Scope scope = drain.counts.map(RequestCounts::scope).orElse(() -> {})) {
        retries.read(drain.source, position, bytes, length, () -> drain.over || stalls != before);
        return Ended.WELL;
      } catch (StorageException | ModelFailure | CancelledException e) {
        return new Ended(e, false);
      }
    }

    /** The request has ended; on a thread of the pool. */
    void ended(Ended how) {
      boolean unwanted;
      synchronized (this) {
        if (how.stalled()) {
          buffer.renew();
        }
        ended = how;
        unwanted = dropped;
        notifyAll();
      }
      if (unwanted) {
        buffer.giveBack();
      }
    }

    /** Waits for a while; null if the request has not ended. */
    synchronized @Nullable Ended await() throws InterruptedException {
      long due = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS);
      for (long left = LOOK_MILLIS;
          ended == null && left > 0;
          left = TimeUnit.NANOSECONDS.toMillis(due - System.nanoTime())) {
        wait(left);
      }
      return ended;
    }

    /** The request has stalled and is sent again. */
    synchronized void again() {
      ended = null;
      stalls = stalls + 1;
    }

    /** Nobody wants the part: its buffer is given back as soon as nothing is read into it. */
    void drop() {
      boolean ready;
      synchronized (this) {
        dropped = true;
        ready = ended != null;
      }
      if (ready) {
        buffer.giveBack();
      }
    }
  }

  private static void rethrow(@Nullable Throwable fault)
      throws StorageException, ModelFailure, CancelledException {
    if (fault instanceof StorageException storage) {
      throw storage;
    } else if (fault instanceof ModelFailure failure) {
      throw failure;
    } else if (fault instanceof CancelledException cancelled) {
      throw cancelled;
    } else if (fault instanceof RuntimeException runtime) {
      throw runtime;
    } else if (fault instanceof Error error) {
      throw error;
    }
  }
}
