package dev.countersign.storage;

import java.util.List;

/**
 * What is kept of a listing that is compared with an earlier one.
 *
 * @param fingerprint as {@link ModelListing#fingerprint()} would be
 * @param noted as {@link ModelListing#noted()} would be
 */
public record ListingSummary(String fingerprint, List<StoredObject> noted) {

  /** Copies the list, so that the summary cannot change. */
  public ListingSummary {
    noted = List.copyOf(noted);
  }
}
