package dev.countersign.trust;

import dev.countersign.http.HttpSettings;
import java.nio.file.Path;

/**
 * Finds and checks descriptions of Sigstore instances. Its implementation needs Sigstore's
 * libraries and is found with {@link SigstoreLibraries#load}.
 */
public interface SigstoreInstances {

  /**
   * Requires that the files of an instance can be used, so that a run fails before it starts.
   *
   * @throws TrustException if a file is malformed, or does not contain what the run needs
   */
  void requireUsable(SigstoreInstance instance) throws TrustException;

  /**
   * Returns a public instance. Its files come from its TUF repository, or from the cache if that is
   * not older than a day. Blocks while they are downloaded.
   *
   * @param cache folder of the cache, which is made if it does not exist; private to this user
   * @param http how the repository is called
   * @throws TrustException if the repository cannot be reached, or its metadata does not verify
   */
  SigstoreInstance download(SigstoreRepository repository, Path cache, HttpSettings http)
      throws TrustException;

  /**
   * Returns a public instance from the cache, however old that is. Sends nothing.
   *
   * @throws TrustException if it is not there
   */
  SigstoreInstance cached(SigstoreRepository repository, Path cache) throws TrustException;
}
