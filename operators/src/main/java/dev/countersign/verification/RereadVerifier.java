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
 * Verifier of a watch: policies and revocation lists are read again with each look, and what has
 * changed holds from then on. What cannot be used changes nothing, so that a file that is being
 * written does not fail all models; revocation lists go out of date by themselves. What was read
 * when the run was started may be old after a failover, so nothing is verified with that: the files
 * must be read once first.
 */
public final class RereadVerifier implements BundleVerifier {

  private final SettingsSource source;
  private final OmsBounds bounds;
  private final Clock clock;

  /** Null until the settings were read in this process. */
  private volatile @Nullable BundleVerifier current;

  /** Identifies the settings that were read last; at first, those of the start. */
  private String digest;

  private String lastFault = "";

  RereadVerifier(RereadSettings settings, OmsBounds bounds, Clock clock) {
    this.source = settings.source();
    this.bounds = bounds;
    this.clock = clock;
    this.digest = digest(settings.atStart());
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
      VerificationSettings settings = source.read();
      String now = digest(settings);
      boolean isChanged = !now.equals(digest);
      if (isChanged || current == null) {
        current = BundleVerifier.of(settings, bounds, clock);
      }
      digest = now;
      lastFault = "";
      return isChanged
          ? Optional.of(
              "The policy or revocation lists have changed. The new ones hold from now on.")
          : Optional.empty();
    } catch (IOException | KeyFormatException | TrustException e) {
      String fault = String.valueOf(e.getMessage());
      if (fault.equals(lastFault)) {
        return Optional.empty();
      }
      lastFault = fault;
      return Optional.of(
          fault
              + (current == null
                  ? " Nothing is verified until that is put right."
                  : " What was read before holds until that is put right."));
    }
  }

  private BundleVerifier current() {
    return Objects.requireNonNull(current, "the policy or revocation lists were not read");
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
      out.writeObject(settings);
    } catch (IOException e) {
      throw new UncheckedIOException("settings cannot be written", e);
    }
    return Sha256.hex(bytes.toByteArray());
  }
}
