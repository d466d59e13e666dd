package dev.countersign.jobs.inspection;

/** Prints what bundles say. */
interface FactsPrinter {

  /** Prints one bundle. */
  void print(BundleFacts facts);

  /**
   * Says that a bundle cannot be shown.
   *
   * @param message why and what to do, escaped for terminals
   */
  void fail(String uri, String message);
}
