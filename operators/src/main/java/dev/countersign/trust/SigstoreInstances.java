package dev.countersign.trust;

/**
 * Checks descriptions of Sigstore instances. Its implementation needs Sigstore's libraries and is
 * found with {@link SigstoreLibraries#load}.
 */
public interface SigstoreInstances {

  /**
   * Requires that the files of an instance can be used, so that a run fails before it starts.
   *
   * @throws TrustException if a file is malformed, or does not contain what the run needs
   */
  void requireUsable(SigstoreInstance instance) throws TrustException;
}
