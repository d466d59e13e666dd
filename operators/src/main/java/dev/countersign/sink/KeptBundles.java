package dev.countersign.sink;

import dev.countersign.outcome.ModelFailure;
import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.schemas.FailureReason;
import dev.countersign.storage.ModelStorage;
import dev.countersign.storage.PinnedFolder;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredObject;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A folder that keeps bundles which are replaced, each as {@code <its SHA-256>.sig}: under that
 * name only these bytes may lie, so nothing there is ever overwritten. Thread safe.
 */
public final class KeptBundles {

  private static final String SUFFIX = ".sig";

  /**
   * Copies of a model may have the very same bundle, and one file has one writer at a time. Only
   * threads of one process are kept apart here; of two processes one may fail to write, and finds
   * the other's file then.
   */
  private static final Lock[] WRITERS = new Lock[64];

  static {
    Arrays.setAll(WRITERS, i -> new ReentrantLock());
  }

  private final String folder;

  /** The folder as it was at first: what takes its place receives none. */
  private final AtomicReference<PinnedFolder> pinned = new AtomicReference<>();

  /** Keeps bundles in {@code folder}, a URI as it is now; it is made when the first comes. */
  @SuppressWarnings("EmptyCatch") // The first bundle tries again, and says what is wrong.
  public KeptBundles(String folder) {
    this.folder = folder;
    try {
      PinnedFolder unused = pinned(Storages.child(folder, SUFFIX));
    } catch (StorageException e) {
      // Perhaps no bundle comes.
    }
  }

  /**
   * Keeps a bundle; it is there as a whole when this is back.
   *
   * @param sha256 of the bundle, lower-case hexadecimal
   * @param permit asked before each step that others can see
   * @throws StorageException if it cannot be written
   * @throws ModelFailure if something else lies in its place, or if the write was given up
   */
  void keep(byte[] bundle, String sha256, WritePermit permit)
      throws StorageException, ModelFailure {
    String uri = Storages.child(folder, sha256 + SUFFIX);
    Lock writer = WRITERS[Math.floorMod(uri.hashCode(), WRITERS.length)];
    try {
      writer.lockInterruptibly();
    } catch (InterruptedException e) {
      // The one that holds the lock may hang.
      Thread.currentThread().interrupt();
      throw ModelFailure.withdrawnWrite();
    }
    try {
      permit.require();
      if (isThere(uri, bundle)) {
        return;
      }
      try {
        BundleWriter.putNew(Storages.forUri(uri), uri, pinned(uri), bundle, permit);
      } catch (StorageException e) {
        if (!isThere(uri, bundle)) {
          throw e;
        }
      }
    } finally {
      writer.unlock();
    }
  }

  private PinnedFolder pinned(String uri) throws StorageException {
    PinnedFolder known = pinned.get();
    if (known != null) {
      return known;
    }
    ModelStorage storage = Storages.forUri(uri);
    PinnedFolder found = storage.pin(uri);
    storage.sweepTemporaries(uri, found);
    PinnedFolder earlier = pinned.compareAndExchange(null, found);
    return earlier == null ? found : earlier;
  }

  private static boolean isThere(String uri, byte[] bundle) throws StorageException, ModelFailure {
    ModelStorage storage = Storages.forUri(uri);
    Optional<StoredObject> found = storage.stat(uri);
    if (found.isEmpty()) {
      return false;
    }
    byte[] there;
    try {
      there = storage.readFully(found.get(), bundle.length);
    } catch (StorageException e) {
      if (e.kind() != StorageException.Kind.LIMIT_EXCEEDED) {
        throw e;
      }
      throw occupied(uri);
    }
    if (!Arrays.equals(there, bundle)) {
      throw occupied(uri);
    }
    return true;
  }

  private static ModelFailure occupied(String uri) {
    return new ModelFailure(
        FailureReason.OUTPUT_NOT_WRITABLE,
        Message.of(
            "The previous bundle cannot be kept: %s is there with other content, and is not"
                + " overwritten.",
            Printable.of(uri)),
        Remedy.of("Move it away, or name another folder with %s.", Setting.KEEP_PREVIOUS));
  }
}
