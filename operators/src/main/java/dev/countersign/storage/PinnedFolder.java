package dev.countersign.storage;

/**
 * A folder as it was when a model was planned. What is written at or below its URI goes into this
 * very folder, or nowhere.
 *
 * @param uri where the folder was found
 * @param identity opaque text that identifies the folder, whatever leads to it; empty where the
 *     store cannot tell folders apart
 */
public record PinnedFolder(String uri, String identity) {

  /** Returns the folder at a URI in a store that cannot tell folders apart. */
  public static PinnedFolder unknown(String uri) {
    return new PinnedFolder(uri, "");
  }
}
