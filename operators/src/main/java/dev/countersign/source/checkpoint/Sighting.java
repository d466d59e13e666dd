package dev.countersign.source.checkpoint;

import dev.countersign.catalog.CatalogEntry;

/**
 * How a watched model looked at one time.
 *
 * @param entry what names it
 * @param fingerprint identifies all of it that counts, in hexadecimal: the same means that nothing
 *     has changed
 * @param completeness whether it can be worked on
 */
public record Sighting(CatalogEntry entry, String fingerprint, Completeness completeness) {

  /** Whether a model is complete, as far as one look can tell. */
  public enum Completeness {
    /** It is. */
    COMPLETE,
    /** It is if it stays as it is. */
    IF_SETTLED,
    /** It is not. */
    INCOMPLETE
  }
}
