package dev.countersign.verification;

import dev.countersign.keys.KeyFormatException;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.OmsException;
import dev.countersign.oms.Sha256;
import dev.countersign.trust.TrustException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Verifier of a watch: policies, revocation lists and trusted roots of Sigstore are read again with
 * each look, and what has changed holds from then on. What cannot be used changes nothing, so that
 * a file that is being written does not fail all models, nor does it keep a new policy from holding
 * while Sigstore's trusted root cannot be read, if need be without Sigstore signatures; revocation
 * lists go out of date by themselves. What was read when the run was started may be old after a
 * failover, so nothing is verified with that: the files must be read once first.
 */
public final class RereadVerifier implements BundleVerifier {

  private static final String CHANGED =
      "The policy, revocation lists, trusted root or signing config have changed. The new ones hold"
          + " from now on.";
  private static final String KEPT = "What was read before holds until that is put right.";
  private static final String NO_SIGSTORE = "No Sigstore signature counts until that is put right.";

  private final VerificationSettings atStart;
  private final SettingsSource source;
  private final OmsBounds bounds;
  private final Clock clock;

  /** Null until the settings were read in this process. */
  private volatile @Nullable BundleVerifier current;

  /** What stays where a part cannot be read; null if nothing is recent enough. */
  private @Nullable VerificationSettings last;

  /** Identifies the settings that were read last; at first, those of the start. */
  private String digest;

  private String lastFault = "";

  RereadVerifier(RereadSettings settings, OmsBounds bounds, Clock clock) {
    this.atStart = settings.atStart();
    this.source = settings.source();
    this.bounds = bounds;
    this.clock = clock;
    this.digest = digest(atStart);
  }

  /**
   * Says that the run has not been begun before, so that what was read when it was started is not
   * old, and stays where a part cannot be read in this process.
   */
  public synchronized void begins() {
    last = atStart;
  }

  /** Tells whether the settings were read, without which nothing can be verified. */
  public boolean isReady() {
    return current != null;
  }

  /**
   * Reads the settings again, which may take as long as a store takes.
   *
   * @return what to tell people; empty if nothing has changed since the last time
   */
  public synchronized Optional<String> reread() {
    try {
      SettingsSource.Reading reading = source.readAgain(last);
      VerificationSettings settings = reading.settings();
      String now = digest(settings);
      boolean isChanged = !now.equals(digest);
      // Refusals state the fault.
      if (isChanged || !reading.fault().equals(lastFault) || current == null) {
        current = BundleVerifier.of(settings, bounds, clock);
      }
      last = settings;
      digest = now;
      String news = isChanged ? CHANGED : "";
      boolean lacks = settings instanceof PolicySettings policy && policy.lacksSigstore();
      if (isNew(reading.fault())) {
        news += (isChanged ? " " : "") + reading.fault() + " " + (lacks ? NO_SIGSTORE : KEPT);
      }
      return Optional.of(news).filter(text -> !text.isEmpty());
    } catch (IOException | KeyFormatException | TrustException e) {
      String fault = String.valueOf(e.getMessage());
      return isNew(fault)
          ? Optional.of(
              fault
                  + " "
                  + (current == null ? "Nothing is verified until that is put right." : KEPT))
          : Optional.empty();
    }
  }

  /** Each fault is told once, until it is another or gone. */
  private boolean isNew(String fault) {
    boolean isNew = !fault.isEmpty() && !fault.equals(lastFault);
    lastFault = fault;
    return isNew;
  }

  private BundleVerifier current() {
    return Objects.requireNonNull(
        current, "the policy, revocation lists or trusted root were not read");
  }

  @Override
  public VerifiedBundle verify(byte[] bundleJson) throws OmsException, VerificationException {
    return current().verify(bundleJson);
  }

  @Override
  public ModelTrust forModel(String modelUri) throws VerificationException {
    return current().forModel(modelUri);
  }

  private static String digest(VerificationSettings settings) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      // A fault is no change of what holds.
      out.writeObject(
          settings instanceof PolicySettings policy && policy.sigstore() == null
              ? policy.withoutSigstore("")
              : settings);
    } catch (IOException e) {
      throw new UncheckedIOException("settings cannot be written", e);
    }
    return Sha256.hex(bytes.toByteArray());
  }
}
