package dev.countersign.source.planning;

import java.io.Serializable;
import java.util.List;

/**
 * What a run takes from earlier runs and keeps for later ones.
 *
 * @param since URIs, in Flink's form, of files of listings whose digests are taken over where they
 *     still hold; empty to read everything
 * @param recordsListings whether what is hashed is listed for later runs
 */
public record IncrementalSettings(List<String> since, boolean recordsListings)
    implements Serializable {

  /** Reads everything and keeps nothing. */
  public static final IncrementalSettings NONE = new IncrementalSettings(List.of(), false);

  /** Copies the list. */
  public IncrementalSettings {
    since = List.copyOf(since);
  }
}
