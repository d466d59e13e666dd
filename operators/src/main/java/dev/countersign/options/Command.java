package dev.countersign.options;

/** A command that takes options. */
public enum Command {
  /** Sign models with a private key. */
  SIGN_KEY("sign key", Deed.SIGN),
  /** Sign models with a private key and the certificate of its public key. */
  SIGN_CERTIFICATE("sign certificate", Deed.SIGN),
  /** Sign models with a private key in a PKCS#11 token. */
  SIGN_PKCS11_KEY("sign pkcs11-key", Deed.SIGN),
  /** As {@link #SIGN_PKCS11_KEY}, with the certificate of the key. */
  SIGN_PKCS11_CERTIFICATE("sign pkcs11-certificate", Deed.SIGN),
  /** Sign models with the certificates of a Sigstore instance. */
  SIGN_SIGSTORE("sign sigstore", Deed.SIGN),
  /** Verify models with public keys. */
  VERIFY_KEY("verify key", Deed.VERIFY),
  /** Verify models with the certificates of authorities. */
  VERIFY_CERTIFICATE("verify certificate", Deed.VERIFY),
  /** Verify models with identities of Sigstore. */
  VERIFY_SIGSTORE("verify sigstore", Deed.VERIFY),
  /** Compute the root digests of models. */
  DIGEST("digest", Deed.DIGEST),
  /** Show what bundles say. */
  INSPECT("inspect", Deed.NONE),
  /** Make a key pair. */
  GENERATE_KEY_PAIR("generate-key-pair", Deed.NONE),
  /** Find models and write a catalog of them. */
  CATALOG("catalog", Deed.NONE),
  /** Make a report of the results of runs. */
  REPORT("report", Deed.NONE),
  /** Verify models under a trust policy. */
  VERIFY_POLICY("verify policy", Deed.VERIFY),
  /** Check a trust policy, and explain which rule is for a model. */
  POLICY_CHECK("policy check", Deed.NONE),
  /** Verify models under a trust policy and sign them again with a private key. */
  RESIGN_KEY("resign key", Deed.RESIGN),
  /** As {@link #RESIGN_KEY}, with the certificate of the key. */
  RESIGN_CERTIFICATE("resign certificate", Deed.RESIGN),
  /** As {@link #RESIGN_KEY}, with a private key in a PKCS#11 token. */
  RESIGN_PKCS11_KEY("resign pkcs11-key", Deed.RESIGN),
  /** As {@link #RESIGN_PKCS11_KEY}, with the certificate of the key. */
  RESIGN_PKCS11_CERTIFICATE("resign pkcs11-certificate", Deed.RESIGN),
  /** As {@link #RESIGN_KEY}, with the certificates of a Sigstore instance. */
  RESIGN_SIGSTORE("resign sigstore", Deed.RESIGN);

  /** What a command does with each model. */
  private enum Deed {
    SIGN,
    RESIGN,
    VERIFY,
    DIGEST,
    NONE
  }

  private final String words;
  private final Deed deed;

  Command(String words, Deed deed) {
    this.words = words;
    this.deed = deed;
  }

  /** Returns the command as it is typed, such as {@code sign key}. */
  public String words() {
    return words;
  }

  /** Returns whether the command signs models. */
  public boolean signs() {
    return deed == Deed.SIGN || deed == Deed.RESIGN;
  }

  /** Returns whether the command signs models again. */
  public boolean resigns() {
    return deed == Deed.RESIGN;
  }

  /** Returns whether the command verifies models. */
  public boolean verifies() {
    return deed == Deed.VERIFY;
  }

  /** Returns whether the command works on models. */
  public boolean worksOnModels() {
    return deed != Deed.NONE;
  }
}
