package dev.countersign.trust.sigstore;

import dev.countersign.http.HttpSettings;
import dev.countersign.trust.SigstoreInstance;
import dev.countersign.trust.SigstoreInstances;
import dev.countersign.trust.SigstoreRepository;
import dev.countersign.trust.TrustException;
import dev.sigstore.tuf.RootProvider;
import dev.sigstore.tuf.SigstoreTufClient;
import java.nio.file.Path;
import java.time.Clock;

/** Finds and checks descriptions of instances with sigstore-java. */
public final class LibraryInstances implements SigstoreInstances {

  @Override
  public void requireUsable(SigstoreInstance instance) throws TrustException {
    InstanceTrust unused = InstanceTrust.of(instance);
  }

  @Override
  public SigstoreInstance download(SigstoreRepository repository, Path cache, HttpSettings http)
      throws TrustException {
    return of(repository, cache).update(http);
  }

  @Override
  public SigstoreInstance cached(SigstoreRepository repository, Path cache) throws TrustException {
    return of(repository, cache).cached();
  }

  private static TufRepository of(SigstoreRepository repository, Path cache) {
    return new TufRepository(
        repository.mirror(),
        RootProvider.fromResource(
            switch (repository) {
              case PUBLIC -> SigstoreTufClient.PUBLIC_GOOD_ROOT_RESOURCE;
              case STAGING -> SigstoreTufClient.STAGING_ROOT_RESOURCE;
            }),
        cache.resolve(repository.label()),
        Clock.systemUTC());
  }
}
