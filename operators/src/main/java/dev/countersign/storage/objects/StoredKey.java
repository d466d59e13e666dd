package dev.countersign.storage.objects;

/**
 * An object as a listing or a HEAD request found it.
 *
 * @param key as the store has it, not escaped; may hold {@code //} or {@code ..}, or end in a slash
 * @param length in bytes
 * @param version opaque text with which {@link ObjectClient#get} requires this very version; it is
 *     the same in a listing and in the answer to a HEAD request
 * @param modifiedMillis milliseconds since the epoch; stores give other times in a listing than in
 *     the answer to a HEAD request, so times of both are never compared
 * @param archive in which class of storage an object is that must be restored before it can be
 *     read, such as {@code GLACIER}; empty of all others
 */
public record StoredKey(
    String key, long length, String version, long modifiedMillis, String archive) {

  /** Returns an object of which only that is known by which it is read. */
  public static StoredKey planned(String key, long length, String version) {
    return new StoredKey(key, length, version, 0, "");
  }
}
