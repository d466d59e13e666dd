package dev.countersign.options;

/** Heading that options are listed under in help, the most common ones first. */
public enum OptionGroup {
  /** Keys and passphrases. */
  KEYS("Keys"),
  /** Certificates and timestamps. */
  CERTIFICATES("Certificates and timestamps"),
  /** Sigstore instances and identities. */
  SIGSTORE("Sigstore"),
  /** Trust policies. */
  POLICY("Trust policy"),
  /** Locations of bundles, and handling of existing ones. */
  SIGNATURES("Signatures"),
  /** Catalogs of models, and watching them. */
  MODELS("Models"),
  /** Files that belong to a model. */
  CONTENT("Model content"),
  /** Hash algorithm and granularity. */
  HASHING("Hashing"),
  /** Search for models. */
  DISCOVERY("Finding models"),
  /** Printed and written output. */
  OUTPUT("Output"),
  /** Execution of the run. */
  RUN("Execution"),
  /** Limits on models and bundles. */
  LIMITS("Limits");

  private final String heading;

  OptionGroup(String heading) {
    this.heading = heading;
  }

  /** Returns the heading, without punctuation at its end. */
  public String heading() {
    return heading;
  }
}
