package dev.countersign.storage.objects;

import dev.countersign.storage.StorageException;
import java.io.Closeable;
import java.util.Optional;

/**
 * One bucket or container.
 *
 * <p>Each method sends one request, or as many as its description says, and never tries again: who
 * calls decides about that. Each request is counted ({@link
 * dev.countersign.storage.RequestCounts}). Keys are those of the store, character by character;
 * they are never turned into a path. Thread safe.
 *
 * <p>Every method throws a {@link StorageException} whose URI is that of the key. {@link
 * StorageException#transientFault()} is true of throttling, time-outs, resets, and faults of the
 * server, and false of denied access, unknown buckets and expired credentials; those say which
 * principal may not do what, as far as the store tells. Throttling (503 SlowDown, 429) is {@link
 * StorageException.Kind#THROTTLED}.
 */
public interface ObjectClient extends Closeable {

  /**
   * Returns one page of the objects whose keys begin with a prefix, in the order of the store.
   *
   * @param recursive whether objects are listed whatever follows the prefix; if not, those with
   *     another {@code /} after it are one entry of {@link ObjectPage#prefixes()}
   * @param continueAt {@link ObjectPage#next()} of the page before; empty for the first one
   * @throws StorageException {@link StorageException.Kind#NOT_FOUND} if there is no such bucket
   */
  ObjectPage list(String prefix, boolean recursive, String continueAt) throws StorageException;

  /** Returns what is stored under a key; empty if nothing is. */
  Optional<StoredKey> head(String key) throws StorageException;

  /**
   * Reads a range of the very version that was planned.
   *
   * @param planned what a listing or {@link #head} gave, or {@link StoredKey#planned}
   * @param start the first byte, inclusive
   * @param length how many bytes; at least 1
   * @throws StorageException {@link StorageException.Kind#CHANGED} if the object has another
   *     version now or is gone; a transient one if fewer bytes arrive
   */
  void get(StoredKey planned, long start, byte[] buffer, int offset, int length)
      throws StorageException;

  /**
   * Stores an object, which appears as a whole or not at all. May send several requests where the
   * content is too large for one, or the condition needs it.
   *
   * <p>If the condition does not hold and the object there has this very content, it counts as
   * stored, since the answer to an earlier attempt may have been lost; see {@link LostAnswers}.
   *
   * @return its version, as in {@link StoredKey#version()}
   * @throws StorageException {@link StorageException.Kind#CHANGED} if the condition does not hold;
   *     {@link StorageException.Kind#NOT_WRITABLE} for other lasting faults
   */
  String put(String key, ObjectContent content, PutCondition condition) throws StorageException;

  /** Deletes an object if it is there. */
  void delete(String key) throws StorageException;
}
