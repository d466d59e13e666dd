package dev.countersign.storage;

/**
 * What lies at a URI.
 *
 * @param uri as it was asked for
 * @param kind what it is
 * @param length in bytes; 0 unless it is a file
 * @param modifiedMillis milliseconds since the epoch; 0 where the store keeps none
 * @param version as in {@link StoredFile#version()}
 */
public record StoredObject(
    String uri, Kind kind, long length, long modifiedMillis, String version) {

  /** What an object is. */
  public enum Kind {
    /** A regular file. */
    FILE,
    /** A directory. */
    DIRECTORY,
    /** A socket, pipe or device. */
    OTHER
  }
}
