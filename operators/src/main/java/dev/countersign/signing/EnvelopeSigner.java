package dev.countersign.signing;

import dev.countersign.oms.OmsBounds;
import dev.countersign.verification.BundleVerifier;
import java.util.function.Consumer;

/**
 * Signs envelopes, and adds to each signature what its method requires: timestamps, entries of
 * logs. Implementations are thread safe.
 */
public interface EnvelopeSigner extends AutoCloseable {

  /**
   * Returns a bundle with a signed envelope of a statement. May wait for services.
   *
   * @param payload the statement; not changed
   * @param chosen called with whoever is about to sign; more than once if another certificate is
   *     needed after all
   * @throws SigningException if the signer cannot sign, or a service does not do its part
   */
  SignedBundle sign(byte[] payload, Consumer<Signatory> chosen) throws SigningException;

  /** Returns a verifier that trusts this signer and nobody else. */
  BundleVerifier ownVerifier(OmsBounds bounds);

  /** Lets go of keys and connections; no method may be called after. */
  @Override
  void close();
}
