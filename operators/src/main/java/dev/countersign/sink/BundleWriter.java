package dev.countersign.sink;

import dev.countersign.catalog.ReplacedBundle;
import dev.countersign.oms.Bundle;
import dev.countersign.oms.BundleJson;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.OmsException;
import dev.countersign.oms.Sha256;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.storage.AtomicOutput;
import dev.countersign.storage.ModelStorage;
import dev.countersign.storage.PinnedFolder;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredObject;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import dev.countersign.verification.BundleVerifier;
import dev.countersign.verification.VerificationException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes bundles so that each is complete before it appears, and once: a bundle of the same payload
 * that this run's signer validly signed is this run's own from before a crash, and is kept.
 */
public final class BundleWriter {

  /** How much longer another signature over the same payload can make a bundle, amply. */
  private static final long MAX_LONGER_BYTES = 1 << 20;

  /** A store gets a bundle in pieces of so many bytes, after each of which the write has got on. */
  private static final int PIECE_BYTES = 1 << 20;

  /**
   * URIs of bundles that are being renamed in this process. A rename that hangs may end after any
   * time, so that no other write of the same bundle may begin before.
   */
  private static final Set<String> APPEARING = ConcurrentHashMap.newKeySet();

  /**
   * Place of a bundle, and what must hold when it appears there.
   *
   * @param uri where the bundle goes
   * @param folder the folder that was there when the model was planned; null if none was noted,
   *     then the one that is there now is taken
   * @param check run when all but the bundle's name is written; before anything is, where the store
   *     compares versions
   * @param isListed whether the check sees what is at the URI
   * @param permit asked before each step that others can see
   */
  public record Target(
      String uri,
      @Nullable PinnedFolder folder,
      Check check,
      boolean isListed,
      WritePermit permit) {

    /** Requires that the bundle may appear. */
    @FunctionalInterface
    public interface Check {
      /**
       * Throws if it may not.
       *
       * @return what the check has seen by the way
       */
      List<StoredObject> run() throws StorageException, ModelFailure;
    }

    private PinnedFolder pinned(ModelStorage storage) throws StorageException {
      return folder == null ? storage.pin(uri) : folder;
    }

    /** Runs the check, and returns what is at the URI. */
    private Optional<StoredObject> checked(ModelStorage storage)
        throws StorageException, ModelFailure {
      List<StoredObject> seen = check.run();
      return isListed
          ? seen.stream().filter(object -> object.uri().equals(uri)).findFirst()
          : storage.stat(uri);
    }
  }

  private final BundleVerifier ownVerifier;
  private final OmsBounds bounds;
  private final boolean replaces;
  private final Optional<KeptBundles> kept;

  /**
   * A writer.
   *
   * @param ownVerifier accepts this run's signer only
   * @param bounds what an existing bundle may not exceed to be recognized
   * @param replaces whether another's bundle may be replaced
   * @param kept gets each bundle before it is replaced
   */
  public BundleWriter(
      BundleVerifier ownVerifier, OmsBounds bounds, boolean replaces, Optional<KeptBundles> kept) {
    this.ownVerifier = ownVerifier;
    this.bounds = bounds;
    this.replaces = replaces;
    this.kept = kept;
  }

  /**
   * Writes a bundle, or keeps the one that is there. One with a timestamp is always written: what
   * lies there may have another, which only those who trust its authority can tell from a good one.
   *
   * @param target where it goes
   * @param bundle what is to lie there
   * @return SHA-256 of the bundle that is stored there now, lower-case hexadecimal
   * @throws OmsException if the bundle would be larger than an array can be
   * @throws ModelFailure if another's bundle is there and must not be replaced, or if the target's
   *     check fails
   */
  public String write(Target target, Bundle bundle)
      throws OmsException, StorageException, ModelFailure {
    return write(target, bundle, null);
  }

  /**
   * As {@link #write}, but in the place of one bundle only, or of one by this signer over the same
   * payload.
   *
   * @param verified SHA-256 of the bundle that may be replaced, lower-case hexadecimal; empty if
   *     none was there
   * @param copy gets the bundle before it is replaced
   * @throws ModelFailure if another one is there by now, or what is to be kept cannot be
   */
  public String replace(Target target, Bundle bundle, String verified, ReplacedBundle copy)
      throws OmsException, StorageException, ModelFailure {
    return write(target, bundle, new Replaceable(verified, copy));
  }

  /** The bundle that may be replaced, and where it goes before. */
  private record Replaceable(String sha256, ReplacedBundle copy) {}

  private String write(Target target, Bundle bundle, @Nullable Replaceable verified)
      throws OmsException, StorageException, ModelFailure {
    String uri = target.uri();
    if (APPEARING.contains(uri)) {
      throw ModelFailure.hangingRename(uri);
    }
    byte[] bytes = BundleJson.write(bundle);
    ModelStorage storage = Storages.forUri(uri);
    PinnedFolder folder = target.pinned(storage);
    boolean compares = storage.comparesVersions();
    target.permit().require();
    Optional<StoredObject> found = compares ? target.checked(storage) : storage.stat(uri);
    target.permit().require();
    if (found.isPresent()) {
      byte[] present = read(storage, found.get(), bytes.length);
      target.permit().require();
      boolean own = present != null && isOwn(present, bundle.envelope().payload());
      if (present != null && own && bundle.timestamps().isEmpty() && saysTheSame(present, bundle)) {
        if (!compares) {
          List<StoredObject> unused = target.check().run();
        }
        return Sha256.hex(present);
      }
      if (!own && !replaces) {
        throw ModelFailure.bundleExists(uri);
      }
      if (verified != null) {
        give(storage, found.get(), target, folder, present, own, verified);
      }
    } else if (verified != null) {
      if (!verified.sha256().isEmpty()) {
        throw ModelFailure.bundleChanged(uri);
      }
      put(storage, verified.copy().uri(), folder, new byte[0], target.permit());
    }
    if (compares) {
      swap(storage, target, folder, found, bytes, verified != null);
    } else {
      put(
          () -> storage.create(uri, folder),
          uri,
          bytes,
          target.permit(),
          output -> {
            List<StoredObject> unused = target.check().run();
            if (!replaces || verified != null) {
              requireStill(found, storage, uri);
            }
            appear(target, output);
          });
    }
    return Sha256.hex(bytes);
  }

  /**
   * Puts a bundle in the place of what was found. If something else is there by now, the last one
   * wins where any bundle may be replaced.
   */
  private void swap(
      ModelStorage storage,
      Target target,
      PinnedFolder folder,
      Optional<StoredObject> found,
      byte[] bytes,
      boolean isVerified)
      throws StorageException, ModelFailure {
    String uri = target.uri();
    try {
      put(
          () -> storage.create(uri, folder, found),
          uri,
          bytes,
          target.permit(),
          output -> appear(target, output));
    } catch (StorageException e) {
      if (e.kind() != StorageException.Kind.CHANGED) {
        throw e;
      }
      if (!replaces || isVerified) {
        throw replaces ? ModelFailure.bundleChanged(uri) : ModelFailure.bundleExists(uri);
      }
      put(
          () -> storage.create(uri, folder),
          uri,
          bytes,
          target.permit(),
          output -> appear(target, output));
    }
  }

  /** Requires that nobody wrote a bundle while the model was listed, which may take long. */
  private void requireStill(Optional<StoredObject> found, ModelStorage storage, String uri)
      throws StorageException, ModelFailure {
    Optional<StoredObject> now = storage.stat(uri);
    if (!now.map(StoredObject::version).equals(found.map(StoredObject::version))) {
      throw replaces ? ModelFailure.bundleChanged(uri) : ModelFailure.bundleExists(uri);
    }
  }

  /** Begins a file. */
  @FunctionalInterface
  private interface Beginning {
    AtomicOutput run() throws StorageException;
  }

  /** Lets a file appear that is complete. */
  @FunctionalInterface
  private interface Appearance {
    void run(AtomicOutput output) throws IOException, StorageException, ModelFailure;
  }

  /**
   * Writes a copy of a bundle where nothing is. Where the store compares versions, it is refused as
   * {@link StorageException.Kind#CHANGED} if another's is there by now.
   */
  static void putNew(
      ModelStorage storage, String uri, PinnedFolder folder, byte[] bytes, WritePermit permit)
      throws StorageException, ModelFailure {
    put(
        () ->
            storage.comparesVersions()
                ? storage.create(uri, folder, Optional.empty())
                : storage.create(uri, folder),
        uri,
        bytes,
        permit,
        AtomicOutput::commit);
  }

  /** Writes a copy of a bundle, which does not appear if the permit is withdrawn before. */
  static void put(
      ModelStorage storage, String uri, PinnedFolder folder, byte[] bytes, WritePermit permit)
      throws StorageException, ModelFailure {
    put(() -> storage.create(uri, folder), uri, bytes, permit, AtomicOutput::commit);
  }

  private static void put(
      Beginning beginning, String uri, byte[] bytes, WritePermit permit, Appearance appearance)
      throws StorageException, ModelFailure {
    permit.require();
    try (AtomicOutput output = beginning.run()) {
      try {
        for (int start = 0; start < bytes.length; start += PIECE_BYTES) {
          permit.require();
          output.write(bytes, start, Math.min(PIECE_BYTES, bytes.length - start));
        }
        permit.require();
        output.complete();
        permit.require();
        appearance.run(output);
      } catch (IOException e) {
        throw output.explain(e);
      }
    } catch (IOException e) {
      throw new StorageException(
          StorageException.Kind.NOT_WRITABLE,
          uri,
          Message.of(
              "%s cannot be written: its temporary file cannot be removed. Check the storage.",
              Printable.of(uri)),
          false,
          e);
    }
  }

  private static void appear(Target target, AtomicOutput output) throws IOException, ModelFailure {
    target.permit().use();
    try {
      if (!APPEARING.add(target.uri())) {
        throw ModelFailure.hangingRename(target.uri());
      }
      try {
        output.commit();
      } finally {
        APPEARING.remove(target.uri());
      }
    } finally {
      target.permit().used();
    }
  }

  /**
   * Checks that what is about to be replaced may be, and has it kept. This signer's own bundle over
   * the same payload need not be, unless it is the one that was verified: what it took the place of
   * was.
   */
  private void give(
      ModelStorage storage,
      StoredObject found,
      Target target,
      PinnedFolder folder,
      byte @Nullable [] present,
      boolean own,
      Replaceable verified)
      throws StorageException, ModelFailure {
    byte[] previous = present == null ? storage.readFully(found, bounds.maxBundleBytes()) : present;
    String sha256 = Sha256.hex(previous);
    target.permit().require();
    if (sha256.equals(verified.sha256())) {
      put(storage, verified.copy().uri(), folder, previous, target.permit());
      if (kept.isPresent()) {
        kept.get().keep(previous, sha256, target.permit());
      }
    } else if (!own) {
      throw ModelFailure.bundleChanged(found.uri());
    }
  }

  /**
   * Returns the bundle that is there; null if it is not one that this signer may have written over
   * the same payload: that is about as long, so what is much longer is not read.
   */
  private byte @Nullable [] read(ModelStorage storage, StoredObject found, int length)
      throws StorageException {
    try {
      return storage.readFully(found, Math.min(bounds.maxBundleBytes(), length + MAX_LONGER_BYTES));
    } catch (StorageException e) {
      if (e.transientFault()) {
        // Whose it is shows when the store answers again.
        throw e;
      }
      return null;
    }
  }

  /** Whether this signer signed the payload in a bundle. */
  private boolean isOwn(byte[] present, byte[] payload) {
    try {
      return Arrays.equals(ownVerifier.verify(present).payload(), payload);
    } catch (OmsException | VerificationException e) {
      // Malformed or another's: in no case ours.
      return false;
    }
  }

  /** Whether what is not signed is as it would be written, too: anybody may have changed that. */
  private boolean saysTheSame(byte[] present, Bundle bundle) throws OmsException {
    Bundle there = BundleJson.read(present, bounds);
    return there.material().equals(bundle.material())
        && there.timestamps().isEmpty()
        && there.logEntries().isEmpty();
  }
}
