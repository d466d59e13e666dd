package dev.countersign.remedy;

import java.util.Locale;
import java.util.ServiceLoader;

/** Settings that remedies name. */
public enum Setting {
  ALLOW_CATALOG_IGNORES,
  ALLOW_LFS_POINTERS,
  ALLOW_STORE,
  ALLOW_SYMLINKS,
  CA_FILE,
  CERTIFICATE_CHAIN,
  CRL,
  FS_OPTION,
  HASH_ALGORITHM,
  IDENTITY,
  IDENTITY_PROVIDER,
  IDENTITY_TOKEN_ENV,
  IDENTITY_TOKEN_FILE,
  IGNORE_PATHS,
  IGNORE_UNSIGNED_FILES,
  KEEP_PREVIOUS,
  LAYOUT,
  LOG,
  MAX_BUNDLE_SIZE,
  MAX_DEPTH,
  MAX_FILES,
  MAX_RECORDED_DIFFERENCES,
  MAX_RESOURCES,
  MODULE_PATHS,
  NO_OVERWRITE,
  PASSWORD_ENV,
  PASSWORD_FILE,
  PIN_ENV,
  PKCS11_URI,
  PRIVATE_KEY,
  PUBLIC_KEY,
  RECORD_LISTINGS,
  RESULTS,
  SERIALIZATION,
  SHARD_SIZE,
  SIGN_UNSIGNED,
  SIGNATURE,
  SIGNATURE_ROOT,
  SIGNING_CERTIFICATE,
  SIGNING_CONCURRENCY,
  SIGNING_RATE,
  SINCE,
  SKIP_SIGNED,
  STALL_TIMEOUT,
  SYMLINK_ROOT,
  TRUST_CONFIG,
  TRUST_PREVIOUS_DIGESTS,
  TRUSTED_ROOT,
  TSA_CERTIFICATE_CHAIN,
  TSA_URL,
  VERBOSE;

  /** Wording of the program that this library is part of. */
  private static final Wording PROGRAM =
      ServiceLoader.load(Wording.class, Setting.class.getClassLoader())
          .findFirst()
          .orElse(setting -> "'" + setting.key() + "'");

  /** Returns the setting's key in a configuration file. */
  public String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Returns what the program calls the setting. */
  @Override
  public String toString() {
    return PROGRAM.of(this);
  }
}
