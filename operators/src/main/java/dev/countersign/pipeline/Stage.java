package dev.countersign.pipeline;

import dev.countersign.schemas.Operation;
import java.util.Locale;

/** Stage of the graph. The state in a checkpoint is found by its uid, which never changes. */
public enum Stage {
  /** The source: plans and hashes. */
  MODELS("models", "Read models"),

  /** Merges a model's units. */
  ASSEMBLE("assemble", "Assemble manifests"),

  /** Signs, verifies or digests; named after that. */
  DECIDE("decide", " models"),

  /** Commits results. */
  RESULTS("results", "Results"),

  /** Closes the run. */
  RUN_RECORD("run-record", "Run record"),

  /** Puts aside what was hashed. */
  RECORD_LISTINGS("record-listings", "Record listings"),

  /** Commits listings. */
  LISTINGS("listings", "Listings");

  private final String uid;
  private final String title;

  Stage(String uid, String title) {
    this.uid = uid;
    this.title = title;
  }

  /** Returns what identifies its state. */
  public String uid() {
    return uid;
  }

  /** Returns what Flink's web UI, logs and metrics call it. */
  public String title() {
    return title;
  }

  /**
   * As {@link #uid()}, in a job with several streams of results.
   *
   * @param stream name of the stream; empty for one without a name
   */
  String uid(String stream) {
    return stream.isEmpty() ? uid : stream + "/" + uid;
  }

  /** As {@link #title()}, in a job with several streams of results. */
  String title(String stream) {
    return titled(stream, title);
  }

  static String titleOf(Operation operation, String stream) {
    String name = operation.name();
    return titled(
        stream, name.charAt(0) + name.substring(1).toLowerCase(Locale.ROOT) + DECIDE.title);
  }

  private static String titled(String stream, String title) {
    return stream.isEmpty() ? title : stream + ": " + title;
  }
}
