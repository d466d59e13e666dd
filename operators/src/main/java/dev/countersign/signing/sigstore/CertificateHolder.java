package dev.countersign.signing.sigstore;

import dev.countersign.remedy.Remedy;
import dev.countersign.signing.EphemeralKey;
import dev.countersign.signing.SigningException;
import dev.countersign.text.Printable;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the certificate that signatures are made with at present, and renews it.
 *
 * <p>One thread requests certificates, one at a time: the first when it is needed, each next one
 * when half of the time of its predecessor is over, by a clock that is fast later. While that is
 * still usable, a failed request is repeated; after that the failure is final, since no model can
 * be signed any more. An old key goes when the last signature with it is done.
 */
final class CertificateHolder implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(CertificateHolder.class);

  /** Part of a certificate's time at its end in which no signature begins. */
  private static final int MARGIN_PART = 10;

  /** How far a clock may be behind that of the authority without being wrong. */
  private static final Duration CLOCK_SKEW = Duration.ofMinutes(1);

  private static final long FIRST_PAUSE_MILLIS = 500;
  private static final long LONGEST_PAUSE_MILLIS = 15_000;

  /** How often the time is looked at, since a clock may be set or a machine sleep. */
  private static final long LOOK_MILLIS = 5_000;

  private final Issuing issuing;
  private final Clock clock;
  private final Duration patience;
  private final Thread thread;

  private EphemeralKey.@Nullable Certified current;

  /** When the successor of the current certificate is requested. */
  private Instant renewal = Instant.EPOCH;

  private @Nullable SigningException failure;

  /** Why the last request failed, if it is repeated. */
  private @Nullable SigningException repeated;

  private boolean started;

  /** Whether a signature waits for the next certificate. */
  private boolean needed;

  private boolean closed;

  /** Requests certificates. */
  @FunctionalInterface
  interface Issuing {
    /**
     * Returns a new key with a certificate that has been verified, apart from the time.
     *
     * @param insists whether to send a token again that was refused before
     */
    EphemeralKey.Certified issue(boolean insists) throws SigningException;
  }

  /**
   * Holds no certificate yet.
   *
   * @param patience how long a signature waits for a certificate at most
   */
  CertificateHolder(Issuing issuing, Clock clock, Duration patience) {
    this.issuing = issuing;
    this.clock = clock;
    this.patience = patience;
    this.thread = new Thread(this::renew, "countersign-certificate");
    thread.setDaemon(true);
  }

  /**
   * Returns a key whose certificate can be used now. Waits for one if there is none.
   *
   * @throws SigningException that ends the run, if there is none to be had
   */
  synchronized EphemeralKey.Certified current() throws SigningException {
    long deadline = System.nanoTime() + patience.toNanos();
    if (!started) {
      started = true;
      thread.start();
    }
    while (true) {
      EphemeralKey.Certified held = current;
      if (held != null && isUsable(held)) {
        return held;
      }
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (failure != null) {
        throw failure;
      }
      if (closed || left <= 0) {
        throw new SigningException(
            "No certificate was issued within "
                + patience.toSeconds()
                + " seconds."
                + (repeated == null ? "" : " The request before failed: " + repeated.problem()),
            Remedy.text("Check the certificate authority of the Sigstore instance, and resume."),
            null,
            true);
      }
      if (!needed) {
        // Once: threads that woke each other would keep the renewing one out.
        needed = true;
        notifyAll();
      }
      try {
        wait(left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new SigningException("The wait for a certificate was interrupted.", Remedy.NONE, e);
      }
    }
  }

  /** Ends the thread; the key that is held goes. */
  @Override
  public synchronized void close() {
    closed = true;
    current = null;
    notifyAll();
    thread.interrupt();
  }

  private void renew() {
    try {
      long pause = FIRST_PAUSE_MILLIS;
      while (awaitNeed()) {
        try {
          accept(issuing.issue(!hasUsable()));
          pause = FIRST_PAUSE_MILLIS;
        } catch (SigningException e) {
          if (!isRepeatable(e)) {
            return;
          }
          pause(pause);
          pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("No more certificates are needed", e);
    } catch (RuntimeException | Error e) {
      // Its message may quote a token.
      Throwable fault = new IllegalStateException(e.getClass().getName());
      fault.setStackTrace(e.getStackTrace());
      fail(
          new SigningException(
              "A fault of the program: " + e.getClass().getSimpleName() + ".", Remedy.NONE, fault));
      LOG.error("Certificates cannot be renewed", fault);
    }
  }

  /** Waits until a certificate has to be requested; false if none is needed any more. */
  private synchronized boolean awaitNeed() throws InterruptedException {
    while (!closed && current != null && !needed) {
      long millis = Duration.between(clock.instant(), renewal).toMillis();
      if (millis <= 0) {
        break;
      }
      wait(Math.min(millis, LOOK_MILLIS));
    }
    return !closed;
  }

  private synchronized void accept(EphemeralKey.Certified issued) throws SigningException {
    if (closed) {
      return;
    }
    if (!isUsable(issued)) {
      X509Certificate certificate = certificate(issued);
      throw new SigningException(
          "The certificate is valid from "
              + certificate.getNotBefore().toInstant()
              + " to "
              + certificate.getNotAfter().toInstant()
              + ", but this machine's clock shows "
              + clock.instant()
              + ".",
          Remedy.text("Set the clock of the machine that signs, and resume."),
          null);
    }
    current = issued;
    renewal = renewalOf(certificate(issued), clock.instant());
    needed = false;
    repeated = null;
    LOG.info(
        "Signs as {} until {}",
        Printable.of(issued.identity()),
        certificate(issued).getNotAfter().toInstant());
    notifyAll();
  }

  /** Returns whether a failed request is to be repeated; otherwise the failure is final. */
  private synchronized boolean isRepeatable(SigningException problem) {
    if (hasUsable()) {
      repeated = problem;
      LOG.warn("The certificate cannot be renewed yet: {}", problem.problem());
      return true;
    }
    fail(problem);
    return false;
  }

  private synchronized boolean hasUsable() {
    return !closed && current != null && isUsable(current);
  }

  private synchronized void fail(SigningException problem) {
    failure =
        new SigningException(
            "The run cannot go on without a certificate. " + problem.problem(),
            problem.remedy(),
            problem,
            true);
    notifyAll();
  }

  /** Pauses, but not longer than signatures can go on: the request after that is the last one. */
  private synchronized void pause(long millis) throws InterruptedException {
    long pause = ThreadLocalRandom.current().nextLong(millis / 2, millis + 1);
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(pause);
    for (long left = pause; left > 0 && !closed && !(needed && !hasUsable()); ) {
      wait(left);
      left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
    }
  }

  /** Returns whether a signature with this key may begin or go on now. */
  boolean isUsable(EphemeralKey.Certified held) {
    X509Certificate certificate = certificate(held);
    Instant now = clock.instant();
    return !now.isBefore(certificate.getNotBefore().toInstant().minus(CLOCK_SKEW))
        && now.isBefore(usableEnd(certificate));
  }

  /** Returns the end of the time in which signatures begin, exclusive. */
  private static Instant usableEnd(X509Certificate certificate) {
    return certificate
        .getNotAfter()
        .toInstant()
        .minus(lifetime(certificate).dividedBy(MARGIN_PART));
  }

  /**
   * Returns when to request the successor of a certificate that arrived at a time. By a clock that
   * is minutes fast, half of its time may be over by then; its successor would be no better, and
   * the authority would be asked without a pause.
   */
  private static Instant renewalOf(X509Certificate certificate, Instant arrival) {
    Instant half = certificate.getNotBefore().toInstant().plus(lifetime(certificate).dividedBy(2));
    Instant halfOfRest =
        arrival.plus(Duration.between(arrival, usableEnd(certificate)).dividedBy(2));
    return half.isAfter(halfOfRest) ? half : halfOfRest;
  }

  private static Duration lifetime(X509Certificate certificate) {
    return Duration.between(
        certificate.getNotBefore().toInstant(), certificate.getNotAfter().toInstant());
  }

  private static X509Certificate certificate(EphemeralKey.Certified held) {
    return held.certificate().orElseThrow();
  }
}
