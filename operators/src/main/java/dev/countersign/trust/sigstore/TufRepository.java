package dev.countersign.trust.sigstore;

import dev.countersign.http.HttpCalls;
import dev.countersign.http.HttpSettings;
import dev.countersign.process.ProcessValues;
import dev.countersign.remedy.Remedy;
import dev.countersign.text.Printable;
import dev.countersign.trust.SigstoreFile;
import dev.countersign.trust.SigstoreInstance;
import dev.countersign.trust.TrustException;
import dev.sigstore.json.JsonParseException;
import dev.sigstore.tuf.DuplicateKeyIdsException;
import dev.sigstore.tuf.Fetcher;
import dev.sigstore.tuf.MetaFetcher;
import dev.sigstore.tuf.RoleExpiredException;
import dev.sigstore.tuf.RollbackVersionException;
import dev.sigstore.tuf.RootProvider;
import dev.sigstore.tuf.SignatureVerificationException;
import dev.sigstore.tuf.SnapshotTargetMissingException;
import dev.sigstore.tuf.SnapshotTargetVersionException;
import dev.sigstore.tuf.TargetMetadataMissingException;
import dev.sigstore.tuf.TrustedMetaStore;
import dev.sigstore.tuf.Updater;
import dev.sigstore.tuf.model.TufMeta;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.Provider;
import java.security.Security;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * TUF repository with the description of a Sigstore instance, and its copy in a cache.
 *
 * <p>sigstore-java's updater verifies; what it leaves out is checked here. It does not look at
 * expiry where the repository still serves the timestamp that is in the cache, so that a frozen
 * repository would be trusted indefinitely, and it keeps what verified under an earlier root.
 *
 * @param mirror address of the repository, which ends in a slash
 * @param root the first root metadata that is trusted
 * @param folder folder of the cache
 */
record TufRepository(URI mirror, RootProvider root, Path folder, Clock clock) {

  static final String TRUSTED_ROOT = "trusted_root.json";
  static final String SIGNING_CONFIG = "signing_config.v0.2.json";

  /** Age up to which the cache is used without a look at the repository. */
  private static final Duration FRESH = Duration.ofDays(1);

  /** Maximum time to wait for other updates in the same process. */
  private static final Duration TURN_WAIT = Duration.ofMinutes(3);

  private static final String PROVIDER = "BC";

  /** Provider that sigstore-java registered; null before the first update. */
  private static volatile @Nullable Provider provider;

  /** Limit on top of those that metadata states. */
  private static final int MAX_FILE_BYTES = SigstoreFile.MAX_MEBIBYTES << 20;

  /**
   * Returns the instance as the repository describes it, or as the cache does if that is fresh.
   *
   * @throws TrustException if the repository cannot be reached, or its metadata does not verify
   */
  SigstoreInstance update(HttpSettings http) throws TrustException {
    return update(http, TURN_WAIT);
  }

  /**
   * As {@link #update(HttpSettings)}.
   *
   * @param patience maximum time to wait for other updates in this process
   */
  SigstoreInstance update(HttpSettings http, Duration patience) throws TrustException {
    try {
      TufCache cache = TufCache.open(folder);
      Semaphore turn = turn();
      acquire(turn, patience);
      try (FileChannel channel =
              FileChannel.open(
                  folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock unused = channel.lock()) {
        if (!isFresh(cache)) {
          refresh(cache, http);
        }
        return instance(cache, updater(cache, null));
      } finally {
        turn.release();
      }
    } catch (IOException e) {
      throw new TrustException(
          "Cannot keep a copy of " + this + " in " + shownFolder() + ": " + reason(e) + ".",
          Remedy.text(
              "Set XDG_CACHE_HOME to a folder of this user, or name the instance's files."));
    } catch (RuntimeException | JsonParseException e) {
      throw damaged(e);
    }
  }

  /**
   * Returns the instance as the cache describes it, however old that is.
   *
   * @throws TrustException if the cache does not have it
   */
  SigstoreInstance cached() throws TrustException {
    try {
      if (!Files.isDirectory(folder)) {
        throw notCached();
      }
      TufCache cache = TufCache.open(folder);
      if (cache.updated().isEmpty()) {
        throw notCached();
      }
      return instance(cache, updater(cache, null));
    } catch (IOException | RuntimeException | JsonParseException e) {
      throw damaged(e);
    }
  }

  /**
   * Returns the semaphore with one permit for updates of any repository in this process. A lock on
   * a file excludes other processes only: when a process closes the file, the locks that its other
   * jobs have on it are released as well. And the provider that an update registers is one for the
   * whole JVM.
   */
  static Semaphore turn() {
    return ProcessValues.semaphore("tuf", 1);
  }

  private void acquire(Semaphore turn, Duration patience) throws TrustException, IOException {
    try {
      if (!turn.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new TrustException(
            "Cannot update the copy of "
                + this
                + " in "
                + shownFolder()
                + ": another update in this process did not end in time.",
            Remedy.text("Try again later."));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for another update");
    }
  }

  private void refresh(TufCache cache, HttpSettings http) throws TrustException, IOException {
    try (HttpCalls calls = new HttpCalls(http, MAX_FILE_BYTES)) {
      Updater updater = updater(cache, calls);
      updateMetadata(updater);
      requireUnexpired(cache);
      updater.downloadTarget(TRUSTED_ROOT);
      downloadSigningConfig(updater);
    } catch (IOException e) {
      throw new TrustException(
          "Cannot download " + this + ": " + reason(e) + ".",
          Remedy.text(
              "Check the network and its proxy. Without a network, use the copy of an earlier run,"
                  + " or the instance's files."));
    } catch (RoleExpiredException e) {
      throw unusable(
          "its metadata has expired at "
              + e.getRoleExpirationTime().toInstant()
              + ". A server that hides updates looks like this, and so does a wrong clock");
    } catch (RollbackVersionException e) {
      throw rolledBack("version " + e.getFoundVersion() + " after " + e.getCurrentVersion());
    } catch (SnapshotTargetVersionException | SnapshotTargetMissingException e) {
      throw rolledBack(reason(e));
    } catch (SignatureVerificationException | DuplicateKeyIdsException e) {
      throw unusable("its metadata is not signed by enough of the trusted keys");
    } catch (RuntimeException | JsonParseException e) {
      throw unusable("its metadata is malformed: " + reason(e));
    }
    cache.commit(clock.instant());
  }

  /**
   * Updates the metadata without a trace in the JVM: to check the first signature, sigstore-java
   * registers Bouncy Castle as a provider, which would keep the class loader of a job in memory.
   */
  private static void updateMetadata(Updater updater) throws IOException, JsonParseException {
    boolean isForeign = Security.getProvider(PROVIDER) != null;
    if (!isForeign && provider != null) {
      int unused = Security.addProvider(provider);
    }
    try {
      updater.updateMeta();
    } finally {
      Provider registered = Security.getProvider(PROVIDER);
      if (!isForeign && (provider == null || isSame(provider, registered))) {
        provider = registered;
        Security.removeProvider(PROVIDER);
      }
    }
  }

  /** Providers of several jobs are equal, and each is its own job's to remove. */
  @SuppressWarnings("ReferenceEquality")
  private static boolean isSame(Provider ours, @Nullable Provider registered) {
    return ours == registered;
  }

  /** A repository may describe an instance for verifiers alone. */
  private static void downloadSigningConfig(Updater updater)
      throws IOException, JsonParseException {
    try {
      updater.downloadTarget(SIGNING_CONFIG);
    } catch (TargetMetadataMissingException e) {
      return;
    }
  }

  private boolean isFresh(TufCache cache) throws IOException {
    Optional<Instant> updated = cache.updated();
    if (updated.isEmpty()) {
      return false;
    }
    Duration age = Duration.between(updated.get(), clock.instant());
    try {
      requireUnexpired(cache);
      return !age.isNegative() && age.compareTo(FRESH) < 0;
    } catch (RuntimeException | JsonParseException e) {
      return false;
    }
  }

  private void requireUnexpired(TufCache cache) throws IOException, JsonParseException {
    TrustedMetaStore store = TrustedMetaStore.newTrustedMetaStore(cache);
    for (TufMeta metadata :
        List.of(
            store.getRoot().getSignedMeta(),
            store.getTimestamp().getSignedMeta(),
            store.getSnapshot().getSignedMeta(),
            store.getTargets().getSignedMeta())) {
      if (metadata.getExpiresAsDate().toInstant().isBefore(clock.instant())) {
        throw new RoleExpiredException(
            mirror.toString(),
            clock.instant().atZone(clock.getZone()),
            metadata.getExpiresAsDate());
      }
    }
  }

  /** Reads the files, whose hashes have to be those that the metadata states. */
  private SigstoreInstance instance(TufCache cache, Updater updater)
      throws IOException, JsonParseException {
    updater.downloadTarget(TRUSTED_ROOT);
    SigstoreFile trustedRoot = file(cache, TRUSTED_ROOT);
    if (!cache.hasTarget(SIGNING_CONFIG)) {
      return new SigstoreInstance(trustedRoot, null);
    }
    updater.downloadTarget(SIGNING_CONFIG);
    return new SigstoreInstance(trustedRoot, file(cache, SIGNING_CONFIG));
  }

  private SigstoreFile file(TufCache cache, String name) throws IOException {
    return new SigstoreFile(mirror.resolve("targets/" + name).toString(), cache.readTarget(name));
  }

  /** Returns an updater that sends requests with {@code http}, or none without it. */
  private Updater updater(TufCache cache, @Nullable HttpCalls http) {
    return Updater.builder()
        .setClock(clock)
        .setTrustedRootPath(root)
        .setTrustedMetaStore(TrustedMetaStore.newTrustedMetaStore(cache))
        .setTargetStore(cache)
        .setMetaFetcher(MetaFetcher.newFetcher(fetcher(mirror, http)))
        .setTargetFetcher(fetcher(mirror.resolve("targets/"), http))
        .build();
  }

  private static Fetcher fetcher(URI folder, @Nullable HttpCalls http) {
    return http == null ? new NoFetcher(folder) : new TufFetcher(folder, http);
  }

  /** Stands in for the repository where the cache has to do. */
  private record NoFetcher(URI folder) implements Fetcher {
    @Override
    public String getSource() {
      return folder.toString();
    }

    @Override
    public byte[] fetchResource(String name, int maxLength) throws IOException {
      throw new IOException(name + " is not the file that its metadata describes");
    }
  }

  private TrustException notCached() {
    return new TrustException(
        "There is no copy of " + this + " in " + shownFolder() + ".",
        Remedy.text("Run once with a network, or name the instance's files."));
  }

  private TrustException damaged(Exception e) {
    return new TrustException(
        "The copy of " + this + " in " + shownFolder() + " is damaged: " + reason(e) + ".",
        Remedy.text("Delete the folder, and run once with a network."));
  }

  private TrustException rolledBack(String versions) {
    return unusable(
        "its metadata is older than what was seen before ("
            + versions
            + "). A server that hides updates looks like this");
  }

  private TrustException unusable(String problem) {
    return new TrustException(
        "Cannot use " + this + ": " + problem + ".",
        Remedy.text(
            "Try again later or from another network. If that does not help, name the instance's"
                + " files, which its operator publishes."));
  }

  private String shownFolder() {
    return Printable.of(folder.toString());
  }

  private static String reason(Exception e) {
    return Printable.of(e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
  }

  @Override
  public String toString() {
    return "the TUF repository " + mirror;
  }
}
