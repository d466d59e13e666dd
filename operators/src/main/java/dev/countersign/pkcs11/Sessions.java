package dev.countersign.pkcs11;

import dev.countersign.remedy.Remedy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Bounded pool of sessions with one token. Thread safe; no lock is held while the module is called.
 */
final class Sessions {

  /** Sessions of one token; many hardware tokens have 16 or so for all processes. */
  static final int MAX = 8;

  private final Cryptoki module;
  private final long slot;

  /** Guarded by this. */
  private final Deque<Long> idle = new ArrayDeque<>();

  /** Leases that are taken, and idle sessions. Guarded by this. */
  private int open;

  /**
   * Sessions that are open in the token, without those that are being opened or closed. Guarded by
   * this.
   */
  private int real;

  /** Guarded by this. */
  private int limit = MAX;

  /** Leases that have ended, so that who waits sees progress. Guarded by this. */
  private long ended;

  /** Guarded by this. */
  private boolean closed;

  /** Why no session can be used any more; empty if they can. Guarded by this. */
  private Optional<Pkcs11Exception> lost = Optional.empty();

  Sessions(Cryptoki module, long slot) {
    this.module = module;
    this.slot = slot;
  }

  /** The use of a session, by one thread at a time. */
  static final class Lease {
    private @Nullable Long session;
    private boolean dirty;

    private Lease(@Nullable Long session) {
      this.session = session;
    }

    /** Notes that an operation may still be active in the session. */
    void soil() {
      dirty = true;
    }
  }

  /**
   * Waits until a session is idle, or another may be opened.
   *
   * @param bound how long no lease may end meanwhile
   * @return a lease that {@link #giveBack} ends
   * @throws Pkcs11Exception if the sessions are lost, or the wait is interrupted
   * @throws TimeoutException if all leases hang
   */
  synchronized Lease take(Duration bound) throws Pkcs11Exception, TimeoutException {
    long seen = ended;
    long start = System.nanoTime();
    while (true) {
      if (lost.isPresent()) {
        throw lost.get().again();
      }
      if (!idle.isEmpty()) {
        return new Lease(idle.pop());
      }
      if (open < limit) {
        open++;
        return new Lease(null);
      }
      if (seen != ended) {
        seen = ended;
        start = System.nanoTime();
      }
      long left = bound.toNanos() - (System.nanoTime() - start);
      if (left <= 0) {
        throw new TimeoutException("All sessions hang");
      }
      try {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new Pkcs11Exception(
            "The wait for a session of the token was interrupted.", Remedy.NONE, e);
      }
    }
  }

  /**
   * Returns the session of a lease, and opens it if it is not open.
   *
   * @return empty if the token gives no more sessions than it has given: take another lease
   */
  Optional<Long> session(Lease lease) throws CryptokiException {
    if (lease.session == null) {
      try {
        lease.session = module.openSession(slot);
        synchronized (this) {
          real++;
        }
      } catch (CryptokiException e) {
        synchronized (this) {
          if (!e.is(CryptokiException.CKR_SESSION_COUNT) || open == 1) {
            throw e;
          }
          limit = open - 1;
        }
      }
    }
    return Optional.ofNullable(lease.session);
  }

  /** Ends a lease. */
  void giveBack(Lease lease) {
    Long session = lease.session;
    Long kept = null;
    try {
      kept = session != null && lease.dirty ? replaced(session) : session;
    } finally {
      returned(kept);
    }
  }

  /**
   * Ends a lease of which a session is kept.
   *
   * @param kept null if there is one session less
   */
  private void returned(@Nullable Long kept) {
    synchronized (this) {
      if (kept != null) {
        idle.push(kept);
      } else {
        open--;
      }
      ended++;
      notifyAll();
      if (!closed) {
        return;
      }
    }
    close();
  }

  /**
   * Closes a session in which an operation may still be active. The login ends with the last
   * session, so that one is closed only if another takes its place.
   *
   * @return what is given back instead; null for nothing, and there is one session less
   */
  private @Nullable Long replaced(long session) {
    boolean isLast;
    synchronized (this) {
      isLast = real == 1;
      real -= isLast ? 0 : 1;
    }
    Long next = null;
    if (isLast) {
      try {
        next = module.openSession(slot);
      } catch (CryptokiException | RuntimeException e) {
        return session;
      }
    }
    end(session);
    return next;
  }

  /** Fails all who wait for a session, or will. */
  synchronized void lose(Pkcs11Exception failure) {
    lost = lost.or(() -> Optional.of(failure));
    notifyAll();
  }

  /** Closes the sessions that are idle now, and the others when they are given back. */
  void close() {
    List<Long> ending;
    synchronized (this) {
      closed = true;
      ending = List.copyOf(idle);
      open -= ending.size();
      real -= ending.size();
      idle.clear();
    }
    ending.forEach(this::end);
  }

  private void end(long session) {
    try {
      module.closeSession(session);
    } catch (CryptokiException | RuntimeException e) {
      // It went with its token, or no call closes it.
    }
  }
}
