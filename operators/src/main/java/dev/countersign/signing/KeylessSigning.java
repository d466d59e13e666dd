package dev.countersign.signing;

import dev.countersign.trust.TrustException;

/**
 * Opens signers that use a Sigstore instance. Its implementation needs Sigstore's libraries and is
 * found with {@link dev.countersign.trust.SigstoreLibraries#load}.
 */
public interface KeylessSigning {

  /**
   * Requires that an instance has the services that the settings ask for, so that a run fails
   * before it starts. No service is called.
   *
   * @throws TrustException if it has not, or its files are malformed
   */
  void requireUsable(SigstoreSigningSettings settings) throws TrustException;

  /**
   * Requires, in the process that signs, that there is a token, so that a run fails before it
   * starts. No service is called.
   *
   * @throws SigningException if there is none, or it cannot be read, is malformed or has expired
   */
  void requireToken(IdentityTokenSource source) throws SigningException;

  /**
   * Returns a signer. All signers of a run in one process share a certificate and connections.
   *
   * @param share the limits for this signer; those of all signers in the process are added up
   * @throws SigningException if no certificate can be obtained
   * @throws TrustException if the instance cannot be used
   */
  EnvelopeSigner open(SigstoreSigningSettings settings, String runId, SigningLimits share)
      throws SigningException, TrustException;
}
