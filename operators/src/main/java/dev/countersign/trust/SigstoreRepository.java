package dev.countersign.trust;

import java.net.URI;
import java.util.Locale;

/** TUF repository of a public Sigstore instance. */
public enum SigstoreRepository {
  /** The public instance. */
  PUBLIC(URI.create("https://tuf-repo-cdn.sigstore.dev/")),
  /** The staging instance of the public one, for tests of clients. */
  STAGING(URI.create("https://tuf-repo-cdn.sigstage.dev/"));

  private final URI mirror;

  SigstoreRepository(URI mirror) {
    this.mirror = mirror;
  }

  /** Returns the address of the repository. */
  public URI mirror() {
    return mirror;
  }

  /** Returns the name of the instance, for messages and for its folder in a cache. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
