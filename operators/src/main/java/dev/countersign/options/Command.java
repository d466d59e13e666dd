package dev.countersign.options;

/** A command that takes options. */
public enum Command {
  /** Sign models with a private key. */
  SIGN_KEY("sign key"),
  /** Sign models with a private key and the certificate of its public key. */
  SIGN_CERTIFICATE("sign certificate"),
  /** Sign models with a private key in a PKCS#11 token. */
  SIGN_PKCS11_KEY("sign pkcs11-key"),
  /** As {@link #SIGN_PKCS11_KEY}, with the certificate of the key. */
  SIGN_PKCS11_CERTIFICATE("sign pkcs11-certificate"),
  /** Sign models with the certificates of a Sigstore instance. */
  SIGN_SIGSTORE("sign sigstore"),
  /** Verify models with public keys. */
  VERIFY_KEY("verify key"),
  /** Verify models with the certificates of authorities. */
  VERIFY_CERTIFICATE("verify certificate"),
  /** Verify models with identities of Sigstore. */
  VERIFY_SIGSTORE("verify sigstore"),
  /** Compute the root digests of models. */
  DIGEST("digest"),
  /** Show what bundles say. */
  INSPECT("inspect"),
  /** Make a key pair. */
  GENERATE_KEY_PAIR("generate-key-pair"),
  /** Find models and write a catalog of them. */
  CATALOG("catalog"),
  /** Make a report of the results of runs. */
  REPORT("report"),
  /** Verify models under a trust policy. */
  VERIFY_POLICY("verify policy"),
  /** Check a trust policy, and explain which rule is for a model. */
  POLICY_CHECK("policy check"),
  /** Verify models under a trust policy and sign them again with a private key. */
  RESIGN_KEY("resign key"),
  /** As {@link #RESIGN_KEY}, with the certificate of the key. */
  RESIGN_CERTIFICATE("resign certificate"),
  /** As {@link #RESIGN_KEY}, with a private key in a PKCS#11 token. */
  RESIGN_PKCS11_KEY("resign pkcs11-key"),
  /** As {@link #RESIGN_PKCS11_KEY}, with the certificate of the key. */
  RESIGN_PKCS11_CERTIFICATE("resign pkcs11-certificate"),
  /** As {@link #RESIGN_KEY}, with the certificates of a Sigstore instance. */
  RESIGN_SIGSTORE("resign sigstore");

  private final String words;

  Command(String words) {
    this.words = words;
  }

  /** Returns the command as it is typed, such as {@code sign key}. */
  public String words() {
    return words;
  }

  /** Returns whether the command signs models. */
  public boolean signs() {
    return switch (this) {
      case SIGN_KEY, SIGN_CERTIFICATE, SIGN_PKCS11_KEY, SIGN_PKCS11_CERTIFICATE, SIGN_SIGSTORE ->
          true;
      default -> resigns();
    };
  }

  /** Returns whether the command signs models again. */
  public boolean resigns() {
    return switch (this) {
      case RESIGN_KEY,
          RESIGN_CERTIFICATE,
          RESIGN_PKCS11_KEY,
          RESIGN_PKCS11_CERTIFICATE,
          RESIGN_SIGSTORE ->
          true;
      default -> false;
    };
  }

  /** Returns whether the command verifies models. */
  public boolean verifies() {
    return this == VERIFY_KEY
        || this == VERIFY_CERTIFICATE
        || this == VERIFY_SIGSTORE
        || this == VERIFY_POLICY;
  }

  /** Returns whether the command works on models. */
  public boolean worksOnModels() {
    return signs() || verifies() || this == DIGEST;
  }
}
