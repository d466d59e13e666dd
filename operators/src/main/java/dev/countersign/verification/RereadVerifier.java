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
import java.util.Optional;

/**
 * Verifier of a watch: policies and revocation lists are read again with each look, and what has
 * changed holds from then on. What cannot be used changes nothing, so that a file that is being
 * written does not fail all models; revocation lists go out of date by themselves.
 */
public final class RereadVerifier implements BundleVerifier {

  private final SettingsSource source;
  private final OmsBounds bounds;
  private final Clock clock;
  private volatile BundleVerifier current;

  /** Identifies the settings of {@link #current}; of the thread that reads them again. */
  private String digest;

  private String lastFault = "";
  private Optional<String> unsaid = Optional.empty();

  /** Whether {@link #current} is newer than the start of the run, which may be long ago. */
  private volatile boolean isRead;

  private RereadVerifier(
      RereadSettings settings, BundleVerifier current, OmsBounds bounds, Clock clock) {
    this.source = settings.source();
    this.current = current;
    this.bounds = bounds;
    this.clock = clock;
    this.digest = digest(settings.atStart());
  }

  static RereadVerifier of(RereadSettings settings, OmsBounds bounds, Clock clock)
      throws KeyFormatException, TrustException {
    return new RereadVerifier(
        settings, BundleVerifiers.of(settings.atStart(), bounds, clock), bounds, clock);
  }

  /**
   * Reads the settings again, which may take as long as a store takes.
   *
   * @return what to tell people; empty if nothing has changed since the last time
   */
  public synchronized Optional<String> reread() {
    Optional<String> before = unsaid;
    unsaid = Optional.empty();
    Optional<String> news = readAgain();
    isRead = true;
    return news.or(() -> before);
  }

  /** Reads the settings before the first use: after a failover no look may have come before it. */
  private BundleVerifier current() {
    if (!isRead) {
      synchronized (this) {
        if (!isRead) {
          unsaid = readAgain();
          isRead = true;
        }
      }
    }
    return current;
  }

  private Optional<String> readAgain() {
    try {
      VerificationSettings settings = source.read();
      String now = digest(settings);
      lastFault = "";
      if (now.equals(digest)) {
        return Optional.empty();
      }
      current = BundleVerifiers.of(settings, bounds, clock);
      digest = now;
      return Optional.of(
          "The policy or revocation lists have changed. The new ones hold from now on.");
    } catch (IOException | KeyFormatException | TrustException e) {
      String fault = String.valueOf(e.getMessage());
      if (fault.equals(lastFault)) {
        return Optional.empty();
      }
      lastFault = fault;
      return Optional.of(fault + " What was read before holds until that is put right.");
    }
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
