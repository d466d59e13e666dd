package dev.countersign.signing;

/** Which transparency log of an instance records signatures. */
public enum SigstoreLog {
  /** The newest that the instance offers. */
  NEWEST,
  /** A log with version 1 of the API. */
  REKOR_V1,
  /** A log with version 2 of the API. */
  REKOR_V2
}
