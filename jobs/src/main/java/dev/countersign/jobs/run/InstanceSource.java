package dev.countersign.jobs.run;

import dev.countersign.http.HttpSettings;
import dev.countersign.options.UsageException;
import dev.countersign.remedy.Remedy;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.text.StoreUri;
import dev.countersign.trust.SigstoreFile;
import dev.countersign.trust.SigstoreInstance;
import dev.countersign.trust.SigstoreInstances;
import dev.countersign.trust.SigstoreLibraries;
import dev.countersign.trust.SigstoreRepository;
import dev.countersign.trust.SigstoreSource;
import dev.countersign.trust.TrustException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Source of the description of a Sigstore instance. */
sealed interface InstanceSource extends SigstoreSource {

  /**
   * Reads the description. Blocks while it is downloaded.
   *
   * @throws TrustException if it cannot be used, or Sigstore's libraries are missing
   * @throws StorageException if a file cannot be read
   */
  @Override
  SigstoreInstance read() throws TrustException, StorageException;

  /** Returns whether another process than this one can read it. */
  boolean isShared();

  /** Returns whether this instance was read from here. */
  boolean isOf(SigstoreInstance instance);

  /**
   * Returns the source for a cluster that reads it instead of this machine.
   *
   * @param instance what was read here; null if nothing was
   */
  default InstanceSource forCluster(@Nullable SigstoreInstance instance) {
    return this;
  }

  /** Returns what helps where it cannot be read at first, after a space; empty for nothing. */
  default String remedy() {
    return "";
  }

  /**
   * File that an option names.
   *
   * @param option the option that names it, for messages
   * @param name as the user named it
   * @param uri the same as a URI
   */
  record Named(String option, String name, String uri) implements InstanceSource {

    SigstoreFile file() throws StorageException {
      try {
        return new SigstoreFile(name, Storages.readFully(uri, SigstoreFile.MAX_MEBIBYTES));
      } catch (StorageException e) {
        throw StorageException.of(e.kind(), uri, e, "%s: %s", option, e.getMessage());
      }
    }

    @Override
    public SigstoreInstance read() throws StorageException {
      return new SigstoreInstance(file(), null);
    }

    @Override
    public boolean isShared() {
      return StoreUri.hasScheme(name);
    }

    @Override
    public Object identity() {
      return uri;
    }

    @Override
    public boolean isOf(SigstoreInstance instance) {
      return instance.trustedRoot().source().equals(name);
    }
  }

  /**
   * Files that options name, for a run that signs.
   *
   * @param signingConfig file with the signing config: that with the trusted root, if both are in a
   *     client trust config
   */
  record NamedPair(Named trustedRoot, Named signingConfig) implements InstanceSource {

    @Override
    public SigstoreInstance read() throws StorageException {
      SigstoreFile root = trustedRoot.file();
      return new SigstoreInstance(
          root, signingConfig.equals(trustedRoot) ? root : signingConfig.file());
    }

    @Override
    public boolean isShared() {
      return trustedRoot.isShared() && signingConfig.isShared();
    }

    @Override
    public boolean isOf(SigstoreInstance instance) {
      return trustedRoot.isOf(instance);
    }

    @Override
    public Object identity() {
      return List.of(trustedRoot.identity(), signingConfig.identity());
    }
  }

  /**
   * Repository of a public instance.
   *
   * @param isOffline whether only the copy in this user's cache is read
   * @param http how the repository is called
   * @param isOnCluster whether another machine than the user's reads it
   */
  record Published(
      SigstoreRepository repository, boolean isOffline, HttpSettings http, boolean isOnCluster)
      implements InstanceSource {

    /** A repository that is read here. */
    Published(SigstoreRepository repository, boolean isOffline, HttpSettings http) {
      this(repository, isOffline, http, false);
    }

    @Override
    public SigstoreInstance read() throws TrustException {
      SigstoreInstances instances = SigstoreLibraries.load(SigstoreInstances.class);
      Path cache = cacheFolder(System.getenv());
      return isOffline
          ? instances.cached(repository, cache)
          : instances.download(repository, cache, http);
    }

    @Override
    public boolean isShared() {
      return !isOffline;
    }

    @Override
    public Object identity() {
      return repository;
    }

    @Override
    public boolean isOf(SigstoreInstance instance) {
      return instance.trustedRoot().source().startsWith(repository.mirror().toString());
    }

    /** A cluster does not have the copy in this user's cache. */
    @Override
    public InstanceSource forCluster(@Nullable SigstoreInstance instance) {
      return isOffline
          ? new Fixed(instance, repository)
          : new Published(repository, false, http, true);
    }

    @Override
    public String remedy() {
      return isOnCluster
          ? " If the cluster has no way there, start the watch with --offline, or with a URI as"
              + " --trusted-root."
          : "";
    }

    /** Returns the folder for copies of TUF repositories, in this user's cache. */
    static Path cacheFolder(Map<String, String> environment) {
      String cache = environment.getOrDefault("XDG_CACHE_HOME", "");
      // A relative path there does not count (XDG Base Directory Specification).
      Path base =
          cache.startsWith("/")
              ? Path.of(cache)
              : Path.of(System.getProperty("user.home"), ".cache");
      if (!base.isAbsolute()) {
        // Such as "?", for a user without an entry in the system's list: that would be any folder.
        throw new UsageException(
            "This user has no home folder for copies of Sigstore's trusted roots. Set"
                + " XDG_CACHE_HOME to a folder that only this user can write to, or name the"
                + " instance's files.");
      }
      return base.resolve("countersign").resolve("sigstore");
    }
  }

  /**
   * Instance that was read at the start: a path on this machine names nothing on a cluster.
   *
   * @param instance null if the policy of the start needed none
   * @param repository where it was published; null if a file named it
   */
  record Fixed(@Nullable SigstoreInstance instance, @Nullable SigstoreRepository repository)
      implements InstanceSource {

    @Override
    public SigstoreInstance read() throws TrustException {
      if (instance == null) {
        throw new TrustException(
            "The watch was started with --offline and a policy that did not need the public"
                + " instance's trusted root, so that the cluster has none.",
            Remedy.text("Start the watch again."));
      }
      return instance;
    }

    @Override
    public boolean isShared() {
      return true;
    }

    @Override
    public Object identity() {
      return Objects.requireNonNull(repository != null ? repository : instance);
    }

    @Override
    public boolean isOf(SigstoreInstance other) {
      return other.equals(instance);
    }
  }
}
