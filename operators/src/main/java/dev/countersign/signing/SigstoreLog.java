package dev.countersign.signing;

/** Which transparency log of an instance records signatures. */
public enum SigstoreLog {
  /** The newest that the instance offers. */
  NEWEST("newest"),
  /** A log with version 1 of the API. */
  REKOR_V1("rekor-v1"),
  /** A log with version 2 of the API. */
  REKOR_V2("rekor-v2");

  private final String text;

  SigstoreLog(String text) {
    this.text = text;
  }

  /** Returns how the choice is written in options. */
  public String text() {
    return text;
  }
}
