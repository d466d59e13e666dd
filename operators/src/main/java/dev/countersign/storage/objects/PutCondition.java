package dev.countersign.storage.objects;

/**
 * What must be stored under a key for a new object to take its place.
 *
 * @param kind what is required
 * @param version of {@link Kind#VERSION}: the required version; otherwise empty
 */
public record PutCondition(Kind kind, String version) {

  /** What is required. */
  public enum Kind {
    /** Nothing. */
    ANY,
    /** That no object has the key. */
    ABSENT,
    /** That the object has a version. */
    VERSION
  }

  /** Whatever is there. */
  public static final PutCondition ANY = new PutCondition(Kind.ANY, "");

  /** If nothing is there. */
  public static final PutCondition ABSENT = new PutCondition(Kind.ABSENT, "");

  /** If this version is there, as in {@link StoredKey#version()}. */
  public static PutCondition replaces(String version) {
    return new PutCondition(Kind.VERSION, version);
  }
}
