package dev.countersign.options;

/** A heading in help under which options stand, most wanted first. */
public enum OptionGroup {
  /** Which models there are, if a file names them. */
  MODELS("Catalogs of models"),
  /** Keys and passphrases. */
  KEYS("Keys"),
  /** Certificates, and who says when a signature was made. */
  CERTIFICATES("Certificates and timestamps"),
  /** Who is trusted for which model. */
  POLICY("Trust policy"),
  /** Where bundles lie and what happens to those that are there. */
  SIGNATURES("Signatures"),
  /** What belongs to a model. */
  CONTENT("What belongs to a model"),
  /** How it is hashed. */
  HASHING("Hashing"),
  /** How models are found. */
  DISCOVERY("Finding models"),
  /** What is shown and written. */
  OUTPUT("Output"),
  /** How the run is done. */
  RUN("How it runs"),
  /** What a model or a bundle may not exceed. */
  LIMITS("Limits (what models and bundles may not exceed)");

  private final String heading;

  OptionGroup(String heading) {
    this.heading = heading;
  }

  /** Returns the heading, without punctuation at its end. */
  public String heading() {
    return heading;
  }
}
