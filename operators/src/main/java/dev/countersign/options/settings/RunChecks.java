package dev.countersign.options.settings;

import dev.countersign.oms.SerializationMethod;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.UsageException;
import dev.countersign.options.declarations.CatalogOptions;
import dev.countersign.options.declarations.CertificateOptions;
import dev.countersign.options.declarations.KeyOptions;
import dev.countersign.options.declarations.KeylessOptions;
import dev.countersign.options.declarations.ModelOptions;
import dev.countersign.options.declarations.OutputOptions;
import dev.countersign.options.declarations.PolicyOptions;
import dev.countersign.options.declarations.RunOptions;
import dev.countersign.options.declarations.SigstoreOptions;
import dev.countersign.pkcs11.Pkcs11Exception;
import dev.countersign.pkcs11.Pkcs11Uri;
import dev.countersign.text.Printable;
import dev.countersign.verification.LinearPattern;
import java.time.Duration;
import java.util.List;

/** Refuses options of a command that works on models which don't go together. */
final class RunChecks {

  /** A third of what a checkpoint may take. */
  private static final Duration MAX_TSA_TIMEOUT = Duration.ofMinutes(10);

  private static final long MIN_RANGE = 64L << 10;
  private static final long MIN_RATE = 64L << 10;

  private RunChecks() {}

  /**
   * Checks options against each other.
   *
   * @throws UsageException if two of them don't go together, or one that is needed is missing
   */
  static void requireFitting(OptionValues values) {
    values.refuseTogether(
        ModelOptions.NO_OVERWRITE,
        ModelOptions.SKIP_SIGNED,
        "the first fails a model that has a bundle, the second skips it. Choose one.");
    refuseTwoPassphrases(values);
    values.refuseTogether(
        RunOptions.STATE,
        RunOptions.CHECKPOINT_DIR,
        "checkpoints lie in the first. Give --state alone.");
    requireShards(values, ModelOptions.SHARD_SIZE);
    if (values.command().resigns()) {
      refuseOtherDigests(values);
    } else {
      requireShards(values, ModelOptions.SHARD_ALGORITHM);
    }
    values.requireWith(
        OutputOptions.RESULTS_FORMAT,
        OutputOptions.RESULTS,
        "without it no files of results are kept. Give both or neither.");
    if (values.get(RunOptions.RECORD_LISTINGS)
        && !values.isGiven(OutputOptions.RESULTS)
        && !values.isGiven(RunOptions.STATE)) {
      throw new UsageException(
          "--record-listings needs --results or --state: listings are stored in the folder of"
              + " one of them.");
    }
    values.requireWith(
        RunOptions.METRICS_ADDRESS,
        RunOptions.METRICS_PORT,
        "without it no port is opened. Give both or neither.");
    refuseWatched(values);
    for (DeclaredOption<?> option :
        List.of(
            CatalogOptions.SIGNATURE_ROOT,
            CatalogOptions.ALLOW_STORE,
            CatalogOptions.ALLOW_CATALOG_IGNORES)) {
      values.requireWith(
          option,
          CatalogOptions.CATALOG,
          "without it nothing but the command line names models. Give both or neither.");
    }
    if (values.command().resigns()
        && values.get(CatalogOptions.ALLOW_CATALOG_IGNORES)
        && !values.get(PolicyOptions.SIGN_UNSIGNED)) {
      throw new UsageException(
          "--allow-catalog-ignores needs --sign-unsigned when signing again: a bundle says itself"
              + " what was left out. Give both or neither.");
    }
    values.requireWith(
        ModelOptions.SYMLINK_ROOT,
        ModelOptions.ALLOW_SYMLINKS,
        "without it no link is followed. Give both.");
    if (values.get(RunOptions.BUFFER_SIZE).getBytes() > 1L << 30) {
      throw UsageException.of(
          "--buffer-size is %s, but may be 1 GiB at most.",
          RunOptions.BUFFER_SIZE.text(values.get(RunOptions.BUFFER_SIZE)));
    }
    long range = values.get(RunOptions.RANGE_SIZE).getBytes();
    if (range < MIN_RANGE || range > 1L << 30) {
      throw UsageException.of(
          "--range-size is %s, but must be from 64 KiB to 1 GiB.",
          RunOptions.RANGE_SIZE.text(values.get(RunOptions.RANGE_SIZE)));
    }
    if (values
        .find(RunOptions.MAX_READ_RATE)
        .filter(rate -> rate.getBytes() < MIN_RATE)
        .isPresent()) {
      throw UsageException.of(
          "--max-read-rate is %s a second, but must be at least 64 KiB.",
          RunOptions.MAX_READ_RATE.text(values.get(RunOptions.MAX_READ_RATE)));
    }
    if (values.command().resigns()) {
      values.require(PolicyOptions.POLICY);
    }
    switch (values.command()) {
      case SIGN_KEY, SIGN_CERTIFICATE, RESIGN_KEY, RESIGN_CERTIFICATE ->
          values.require(KeyOptions.PRIVATE_KEY);
      case SIGN_PKCS11_KEY, RESIGN_PKCS11_KEY -> requireToken(values);
      case SIGN_PKCS11_CERTIFICATE, RESIGN_PKCS11_CERTIFICATE -> requireCertifiedToken(values);
      case SIGN_SIGSTORE, RESIGN_SIGSTORE -> requireSigstore(values);
      case VERIFY_KEY -> {
        if (values.get(KeyOptions.PUBLIC_KEY).isEmpty()) {
          throw new UsageException(
              "verify key needs --public-key FILE: the key of a signer that you trust.");
        }
      }
      case VERIFY_SIGSTORE -> requireIdentities(values);
      case VERIFY_POLICY -> values.require(PolicyOptions.POLICY);
      case VERIFY_CERTIFICATE, DIGEST -> {}
      case INSPECT, GENERATE_KEY_PAIR, CATALOG, REPORT, POLICY_CHECK ->
          throw new IllegalArgumentException(values.command().words() + " works on no models");
    }
    values.refuseTogether(
        SigstoreOptions.TRUST_CONFIG,
        SigstoreOptions.TRUSTED_ROOT,
        "each names whose signatures count. Choose one.");
    for (DeclaredOption<String> named :
        List.of(SigstoreOptions.TRUST_CONFIG, SigstoreOptions.TRUSTED_ROOT)) {
      values.refuseTogether(
          SigstoreOptions.USE_STAGING, named, "each names a Sigstore instance. Choose one.");
    }
    values.requireWith(
        CertificateOptions.TSA_TIMEOUT,
        CertificateOptions.TSA_URL,
        "without it no timestamp is asked for. Give both or neither.");
    if (values.get(CertificateOptions.TSA_TIMEOUT).compareTo(MAX_TSA_TIMEOUT) > 0) {
      throw new UsageException(
          "--tsa-timeout may be 10 minutes at most: a checkpoint may have to wait for it.");
    }
  }

  /** The PIN may be in a file that the URI names, or in a variable. */
  private static void requireToken(OptionValues values) {
    Pkcs11Uri uri = tokenKey(values);
    if (!uri.pinFile().isEmpty() && values.isGiven(KeyOptions.PIN_ENV)) {
      throw UsageException.of(
          "%s and pin-source in %s were both given: a PIN is in one place. Choose one.",
          KeyOptions.PIN_ENV.flag(), KeyOptions.PKCS11_URI.flag());
    }
  }

  private static void requireCertifiedToken(OptionValues values) {
    requireToken(values);
    String unused = values.require(CertificateOptions.SIGNING_CERTIFICATE);
  }

  static Pkcs11Uri tokenKey(OptionValues values) {
    try {
      return Pkcs11Uri.parse(values.require(KeyOptions.PKCS11_URI));
    } catch (Pkcs11Exception e) {
      throw new UsageException(e.getMessage(), e);
    }
  }

  private static void refuseWatched(OptionValues values) {
    for (DeclaredOption<?> option :
        List.of(CatalogOptions.SETTLE, CatalogOptions.COMPLETE_MARKER)) {
      values.requireWith(
          option,
          CatalogOptions.WATCH,
          "without it a model is taken as it is. Give both or neither.");
    }
    values.refuseTogether(
        CatalogOptions.WATCH,
        RunOptions.MAX_FAILURES,
        "a watch has no number of models, and tries failed ones again. Choose one.");
    values.refuseTogether(
        CatalogOptions.WATCH,
        ModelOptions.NO_OVERWRITE,
        "the first signs again what has changed. Choose one.");
    values.refuseTogether(
        CatalogOptions.WATCH,
        RunOptions.RECORD_LISTINGS,
        "a model that is worked on twice would be listed twice. Choose one.");
    values.refuseTogether(
        CatalogOptions.WATCH,
        ModelOptions.DRY_RUN,
        "a watch has no plan that could be shown. Show that of a run without --watch.");
  }

  private static void requireSigstore(OptionValues values) {
    values.refuseTogether(
        KeylessOptions.IDENTITY_TOKEN_FILE,
        KeylessOptions.IDENTITY_TOKEN_ENV,
        "a token is in one place. Choose one.");
    values.refuseTogether(
        SigstoreOptions.TRUST_CONFIG,
        KeylessOptions.SIGNING_CONFIG,
        "the first contains a signing config. Choose one.");
    int identities = values.get(SigstoreOptions.IDENTITY).size();
    if (identities > 1 || identities != values.get(SigstoreOptions.IDENTITY_PROVIDER).size()) {
      throw UsageException.of(
          "%s signs as one identity. Give one --identity and one --identity-provider, or neither.",
          values.command().words());
    }
  }

  private static void requireIdentities(OptionValues values) {
    values.refuseTogether(
        SigstoreOptions.IDENTITY,
        SigstoreOptions.IDENTITY_REGEXP,
        "it would not be clear which provider belongs to which. Choose one, or write a policy with"
            + " both.");
    int identities =
        values.get(SigstoreOptions.IDENTITY).size()
            + values.get(SigstoreOptions.IDENTITY_REGEXP).size();
    int providers = values.get(SigstoreOptions.IDENTITY_PROVIDER).size();
    if (identities == 0) {
      throw new UsageException(
          "verify sigstore needs --identity TEXT and --identity-provider URL: a signer that you"
              + " trust, and who vouches for it. Anybody can sign with Sigstore.");
    }
    if (identities != providers) {
      throw UsageException.of(
          "verify sigstore needs one --identity-provider for each --identity or --identity-regexp,"
              + " in the same order (given: %d for %d).",
          providers, identities);
    }
    for (String regexp : values.get(SigstoreOptions.IDENTITY_REGEXP)) {
      try {
        LinearPattern unused = LinearPattern.compile(regexp);
      } catch (IllegalArgumentException e) {
        throw UsageException.of(
            e, "--identity-regexp '%s' cannot be used: %s.", Printable.of(regexp), e.getMessage());
      }
    }
  }

  static void refuseTwoPassphrases(OptionValues values) {
    values.refuseTogether(
        KeyOptions.PASSWORD_FILE, KeyOptions.PASSWORD_ENV, "there is one passphrase. Choose one.");
  }

  private static void refuseOtherDigests(OptionValues values) {
    for (DeclaredOption<?> option :
        List.of(ModelOptions.HASH_ALGORITHM, ModelOptions.SERIALIZATION, ModelOptions.SHARD_SIZE)) {
      values.refuseTogether(
          PolicyOptions.TRUST_PREVIOUS_DIGESTS,
          option,
          "other digests cannot be had without reading the content. Choose one.");
    }
  }

  private static void requireShards(OptionValues values, DeclaredOption<?> option) {
    if (values.isGiven(option)
        && values.get(ModelOptions.SERIALIZATION) != SerializationMethod.SHARDS) {
      throw UsageException.of(
          "%s needs --serialization shards: under files nothing is cut. Give both or neither.",
          option.flag());
    }
  }
}
