package dev.countersign.signing.sigstore;

import dev.countersign.oms.OmsBounds;
import dev.countersign.remedy.AdvisedException;
import dev.countersign.signing.EphemeralKey;
import dev.countersign.signing.SigningException;
import dev.countersign.signing.SigstoreSigningSettings;
import dev.countersign.text.Printable;
import dev.countersign.trust.SigstoreInstance;
import dev.countersign.trust.SigstoreSource;
import dev.countersign.trust.TrustException;
import dev.countersign.verification.BundleVerifier;
import dev.countersign.verification.SigstoreIdentity;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * State that all signers of a run share in one process: the bounds on what is asked of services,
 * and the instance to sign with. Closed with the last of these signers. Thread safe.
 *
 * <p>The instance of a watch is read again, on a thread of its own since a store may hang. A new
 * description is used once its certificate authority has issued a certificate; signatures in
 * progress end with the instance that they began with. What cannot be read or used changes nothing.
 */
final class RunSigning {

  private static final Logger LOG = LoggerFactory.getLogger(RunSigning.class);

  private static final Map<Run, RunSigning> RUNNING = new HashMap<>();

  /** Time between two readings of the instance of a watch. */
  private static final Duration INTERVAL = Duration.ofMinutes(1);

  /** Maximum wait for the first reading: what was read when the run was started may be old. */
  private static final Duration FIRST_READING = Duration.ofSeconds(30);

  /** Identifies a run in this process. */
  private record Run(String id, SigstoreSigningSettings settings) {}

  private final Run run;
  private final Clock clock;
  private final UnaryOperator<@Nullable String> environment;
  private final FlowLimit flow = new FlowLimit();
  private final AtomicReference<@Nullable SigstoreIdentity> signer = new AtomicReference<>();
  private final CountDownLatch firstReading = new CountDownLatch(1);

  /** Null if the instance is not read again. */
  private final @Nullable Thread reader;

  private InstanceSigning current;
  private boolean closed;

  /** Guarded by the lock on {@link #RUNNING}. */
  private int signers;

  /** Of the reading thread. */
  private String lastFault = "";

  /** Prepares to sign. No service is called, except for an instance that has changed. */
  RunSigning(
      SigstoreSigningSettings settings,
      String runId,
      Clock clock,
      UnaryOperator<@Nullable String> environment)
      throws SigningException, TrustException {
    this.run = new Run(runId, settings);
    this.clock = clock;
    this.environment = environment;
    this.current = new InstanceSigning(settings, signer, clock, environment);
    SigstoreSource source = settings.again();
    this.reader = source == null ? null : new Thread(() -> watch(source), "countersign-instance");
    if (reader != null) {
      reader.setDaemon(true);
      reader.start();
      awaitFirstReading();
    }
  }

  /** Returns what the run shares in this process, for one more signer, which releases it. */
  static RunSigning of(SigstoreSigningSettings settings, String runId)
      throws SigningException, TrustException {
    synchronized (RUNNING) {
      Run run = new Run(runId, settings);
      RunSigning shared = RUNNING.get(run);
      if (shared == null) {
        shared = new RunSigning(settings, runId, Clock.systemUTC(), System::getenv);
        RUNNING.put(run, shared);
      }
      shared.signers++;
      return shared;
    }
  }

  /** Ends the use by one signer. */
  void release() {
    synchronized (RUNNING) {
      if (--signers > 0) {
        return;
      }
      RUNNING.remove(run, this);
    }
    InstanceSigning last;
    synchronized (this) {
      closed = true;
      last = current;
    }
    if (reader != null) {
      reader.interrupt();
    }
    last.release();
  }

  FlowLimit flow() {
    return flow;
  }

  /** Returns the instance to sign with, in use until it is released. */
  synchronized InstanceSigning use() {
    return current.use();
  }

  /**
   * Requires that there is a certificate. Waits for it.
   *
   * @throws SigningException if the authority issues none
   */
  void requireCertificate() throws SigningException {
    InstanceSigning instance = use();
    try {
      EphemeralKey.Certified unused = instance.certificates().current();
    } finally {
      instance.release();
    }
  }

  /**
   * Returns a verifier that trusts the signer of the run, under the instance that is signed with.
   */
  BundleVerifier ownVerifier(OmsBounds bounds) {
    return bundleJson -> {
      InstanceSigning instance = use();
      try {
        return instance.ownVerifier(bounds).verify(bundleJson);
      } finally {
        instance.release();
      }
    };
  }

  private void awaitFirstReading() {
    try {
      if (!firstReading.await(FIRST_READING.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("The Sigstore instance is not read yet. The one that the run began with is used.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void watch(SigstoreSource source) {
    try {
      while (true) {
        reread(source);
        firstReading.countDown();
        Thread.sleep(INTERVAL.toMillis());
      }
    } catch (InterruptedException e) {
      LOG.debug("The run has no more signers in this process", e);
    }
  }

  /** Reads the instance again. A fault is logged once, until it is another or gone. */
  void reread(SigstoreSource source) {
    String fault = "";
    try {
      replaceWith(source.read());
    } catch (AdvisedException | RuntimeException | LinkageError e) {
      // Why there is no certificate, rather than that the run ends, which it does not.
      fault =
          String.valueOf(
              e.getCause() instanceof SigningException reason
                  ? reason.getMessage()
                  : e.getMessage());
    }
    if (!fault.isEmpty() && !fault.equals(lastFault)) {
      LOG.warn(
          "The Sigstore instance was read again and cannot be used. {} The one that was read before"
              + " is used until that is put right.",
          fault);
    }
    lastFault = fault;
  }

  private void replaceWith(SigstoreInstance read) throws SigningException, TrustException {
    synchronized (this) {
      if (closed || read.equals(current.description())) {
        return;
      }
    }
    InstanceSigning next =
        new InstanceSigning(run.settings().with(read), signer, clock, environment);
    InstanceSigning replaced = next;
    try {
      EphemeralKey.Certified issued = next.certificates().current();
      synchronized (this) {
        if (closed) {
          return;
        }
        replaced = current;
        current = next;
      }
      LOG.info(
          "Signs as {} with the Sigstore instance of {} as it is now",
          Printable.of(issued.identity()),
          Printable.of(read.trustedRoot().source()));
    } finally {
      replaced.release();
    }
  }
}
