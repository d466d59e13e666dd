package dev.countersign.trust.sigstore;

import dev.countersign.trust.SigstoreInstance;
import dev.countersign.trust.SigstoreInstances;
import dev.countersign.trust.TrustException;

/** Checks descriptions of instances with sigstore-java. */
public final class LibraryInstances implements SigstoreInstances {

  @Override
  public void requireUsable(SigstoreInstance instance) throws TrustException {
    InstanceTrust unused = InstanceTrust.of(instance);
  }
}
