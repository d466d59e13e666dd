package dev.countersign.jobs.run;

import dev.countersign.jobs.state.RunFolders;
import dev.countersign.jobs.state.StateFolder;
import dev.countersign.jobs.terminal.Console;
import dev.countersign.keys.CertificateDecoder;
import dev.countersign.keys.CertificateFile;
import dev.countersign.keys.Certificates;
import dev.countersign.keys.KeyFormatException;
import dev.countersign.keys.PublicKeyFile;
import dev.countersign.options.UsageException;
import dev.countersign.options.declarations.CertificateOptions;
import dev.countersign.options.declarations.KeyOptions;
import dev.countersign.options.declarations.ModelOptions;
import dev.countersign.options.declarations.PolicyOptions;
import dev.countersign.options.settings.ModelRunOptions;
import dev.countersign.policy.PolicyException;
import dev.countersign.policy.PolicyFile;
import dev.countersign.policy.TrustedFiles;
import dev.countersign.signing.CertificateSigner;
import dev.countersign.signing.CertificateSigningSettings;
import dev.countersign.signing.KeySigner;
import dev.countersign.signing.KeySigningSettings;
import dev.countersign.signing.Signer;
import dev.countersign.signing.SigningException;
import dev.countersign.signing.SigningSettings;
import dev.countersign.signing.SigstoreSigningSettings;
import dev.countersign.source.planning.ExistingBundle;
import dev.countersign.storage.StorageException;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import dev.countersign.trust.ChainException;
import dev.countersign.trust.ChainValidator;
import dev.countersign.trust.CrlFile;
import dev.countersign.trust.RevocationLists;
import dev.countersign.trust.SigstoreFile;
import dev.countersign.trust.SigstoreInstance;
import dev.countersign.trust.TrustAnchors;
import dev.countersign.trust.TrustException;
import dev.countersign.verification.CertificateDigest;
import dev.countersign.verification.CertificateVerificationSettings;
import dev.countersign.verification.KeyVerificationSettings;
import dev.countersign.verification.OwnCertificateSettings;
import dev.countersign.verification.PolicyRule;
import dev.countersign.verification.PolicySettings;
import dev.countersign.verification.SigstoreVerificationSettings;
import dev.countersign.verification.VerificationSettings;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The keys and certificates that a run takes along, which are all public. Private keys are only
 * looked at, where that can be done.
 *
 * @param trusted whose signatures count; null if the run checks none
 * @param signing who signs; empty if the run does not sign
 * @param own signing again: recognizes who signs; otherwise null
 */
record RunTrust(
    @Nullable VerificationSettings trusted,
    Optional<SigningSettings> signing,
    @Nullable VerificationSettings own) {

  RunTrust(@Nullable VerificationSettings trusted, Optional<SigningSettings> signing) {
    this(trusted, signing, null);
  }

  /**
   * Reads what the options name.
   *
   * @param signsHere whether the run signs in this process, so that a private key that is no good
   *     can be refused before anything is started
   * @throws UsageException if a key or certificate cannot be used
   */
  static RunTrust of(ModelRunOptions options, boolean signsHere) {
    try {
      RunTrust trust = byCommand(options, signsHere);
      // What recognizes the signer who signs again is not to be trusted.
      return options.values().command().resigns()
          ? new RunTrust(policy(options), trust.signing, trust.trusted)
          : trust;
    } catch (KeyFormatException
        | SigningException
        | TrustException
        | PolicyException
        | StorageException e) {
      throw new UsageException(String.valueOf(e.getMessage()), e);
    }
  }

  private static RunTrust byCommand(ModelRunOptions options, boolean signsHere)
      throws KeyFormatException,
          SigningException,
          TrustException,
          PolicyException,
          StorageException {
    return switch (options.values().command()) {
      case SIGN_KEY, SIGN_PKCS11_KEY, RESIGN_KEY, RESIGN_PKCS11_KEY -> signKey(options, signsHere);
      case SIGN_CERTIFICATE,
          SIGN_PKCS11_CERTIFICATE,
          RESIGN_CERTIFICATE,
          RESIGN_PKCS11_CERTIFICATE ->
          signCertificate(options, signsHere);
      case SIGN_SIGSTORE, RESIGN_SIGSTORE ->
          SigstoreTrust.signing(
              options, signsHere, signsHere && begins(options), recognizesOwn(options));
      case VERIFY_KEY ->
          new RunTrust(
              new KeyVerificationSettings(publicKeys(options.filesOrUris(KeyOptions.PUBLIC_KEY))),
              Optional.empty());
      case VERIFY_CERTIFICATE -> new RunTrust(certificates(options), Optional.empty());
      case VERIFY_SIGSTORE -> new RunTrust(SigstoreTrust.verification(options), Optional.empty());
      case VERIFY_POLICY -> new RunTrust(policy(options), Optional.empty());
      case DIGEST -> new RunTrust(null, Optional.empty());
      case INSPECT, GENERATE_KEY_PAIR, CATALOG, REPORT, POLICY_CHECK ->
          throw new IllegalStateException("works on no models");
    };
  }

  /**
   * Returns who signs, for a fingerprint: what the signer puts into bundles, which holds no secret;
   * or, where keys are not read in this process, where the key is and the certificates.
   *
   * @return null if the run does not sign
   * @throws UsageException if a key cannot be used
   */
  @Nullable Object signer(boolean signsHere) {
    if (signing.isEmpty()) {
      return null;
    }
    SigningSettings settings = signing.get();
    if (!signsHere || settings instanceof SigstoreSigningSettings) {
      return settings.identity();
    }
    try (Signer signer = Signer.load(settings)) {
      return signer.material();
    } catch (KeyFormatException | SigningException e) {
      throw new UsageException(String.valueOf(e.getMessage()), e);
    }
  }

  /** Returns the files that describe the Sigstore instances of the run, each once. */
  List<SigstoreFile> sigstore() {
    Set<SigstoreFile> files = new LinkedHashSet<>();
    if (trusted instanceof SigstoreVerificationSettings verification) {
      add(verification.instance(), files);
    } else if (trusted instanceof PolicySettings policy && policy.sigstore() != null) {
      add(policy.sigstore(), files);
    }
    if (signing.orElse(null) instanceof SigstoreSigningSettings settings) {
      add(settings.instance(), files);
    }
    return List.copyOf(files);
  }

  private static void add(SigstoreInstance instance, Set<SigstoreFile> files) {
    files.add(instance.trustedRoot());
    if (instance.signingConfig() != null) {
      files.add(instance.signingConfig());
    }
  }

  /** Says the fingerprints of the certificates that count; nothing if there are none. */
  void showFingerprints(Console console) {
    if (trusted instanceof CertificateVerificationSettings certificates) {
      showFingerprints(console, "", certificates);
    } else if (trusted instanceof PolicySettings policy) {
      for (PolicyRule rule : policy.rules()) {
        String by = Message.of("Rule '%s': ", rule.name());
        rule.accepted()
            .certificates()
            .forEach(certified -> showFingerprints(console, by, certified.trust()));
      }
    }
  }

  private static void showFingerprints(
      Console console, String by, CertificateVerificationSettings certificates) {
    showFingerprints(console, by + "Trusted certificate", certificates.anchors());
    showFingerprints(console, by + "Trusted timestamp authority", certificates.timestampAnchors());
  }

  private static void showFingerprints(Console console, String what, List<byte[]> certificates) {
    for (byte[] der : certificates) {
      try {
        X509Certificate certificate = CertificateDecoder.decode(der);
        console.say(
            Message.of(
                "%s: sha256 %s  %s",
                what,
                CertificateDigest.of(certificate),
                Printable.of(certificate.getSubjectX500Principal().getName())));
      } catch (CertificateException e) {
        throw new IllegalStateException("a certificate that was read cannot be read again", e);
      }
    }
  }

  /**
   * Returns whether the run begins, as far as is known before its state is read. A run that resumes
   * may have ended.
   */
  private static boolean begins(ModelRunOptions options) {
    return !options.values().get(ModelOptions.DRY_RUN)
        && RunFolders.of(options).state().map(StateFolder::isFresh).orElse(true);
  }

  /**
   * Requires what signing needs of a run that resumes in this process.
   *
   * @throws UsageException if no token can be used
   */
  void requireToken(ModelRunOptions options) {
    if (signing.orElse(null) instanceof SigstoreSigningSettings) {
      try {
        SigstoreTrust.requireToken(options);
      } catch (TrustException | SigningException e) {
        throw new UsageException(String.valueOf(e.getMessage()), e);
      }
    }
  }

  /** Whether bundles of the run's own signer have to be told from others. */
  private static boolean recognizesOwn(ModelRunOptions options) {
    return options.values().command().resigns()
        || options.existingBundle() == ExistingBundle.SKIP_IF_SIGNED;
  }

  /** What needs to recognize them. */
  private static String recognizing(ModelRunOptions options) {
    return options.values().command().resigns() ? "resign" : "--skip-signed";
  }

  private static VerificationSettings policy(ModelRunOptions options)
      throws PolicyException, StorageException, TrustException {
    return SigstoreTrust.policy(
        PolicyFile.load(options.values().require(PolicyOptions.POLICY), options.workingDirectory()),
        options);
  }

  private static RunTrust signKey(ModelRunOptions options, boolean signsHere)
      throws KeyFormatException, SigningException, StorageException {
    KeySigningSettings settings = new KeySigningSettings(options.privateKey());
    List<String> given = publicKeys(options.filesOrUris(KeyOptions.PUBLIC_KEY));
    boolean skips = recognizesOwn(options);
    if (!signsHere && !skips) {
      return new RunTrust(null, Optional.of(settings));
    }
    if (!signsHere && !given.isEmpty()) {
      return new RunTrust(new KeyVerificationSettings(given), Optional.of(settings));
    }
    try (KeySigner signer = KeySigner.load(settings)) {
      return new RunTrust(
          skips
              ? new KeyVerificationSettings(List.of(PublicKeyFile.pem(signer.publicKey())))
              : null,
          Optional.of(settings));
    } catch (KeyFormatException | SigningException e) {
      if (signsHere) {
        throw e;
      }
      throw UsageException.of(
          e,
          "%s Where this machine has no private key, %s needs the signer's --public-key.",
          e.getMessage(),
          recognizing(options));
    }
  }

  private static RunTrust signCertificate(ModelRunOptions options, boolean signsHere)
      throws KeyFormatException, SigningException, StorageException {
    Optional<String> file = options.signingCertificateFile();
    List<X509Certificate> own =
        file.isPresent()
            ? CertificateFile.load(file.get(), CertificateFile.Use.SIGNING_CERTIFICATE)
            : List.of();
    List<X509Certificate> chain =
        load(
            options.filesOrUris(CertificateOptions.CERTIFICATE_CHAIN),
            CertificateFile.Use.CERTIFICATE_CHAIN);
    CertificateSigningSettings settings =
        new CertificateSigningSettings(options.privateKey(), encoded(own), encoded(chain));
    requireFits(own.size() + chain.size(), options.bounds().maxCertificates());
    Optional<X509Certificate> signer = own.stream().findFirst();
    if (signsHere) {
      try (CertificateSigner loaded = CertificateSigner.load(settings)) {
        requireFits(loaded.chainLength(), options.bounds().maxCertificates());
        signer = loaded.certificate();
      }
    }
    signer.ifPresent(RunTrust::requireUsable);
    if (!recognizesOwn(options)) {
      return new RunTrust(null, Optional.of(settings));
    }
    X509Certificate recognized =
        signer.orElseThrow(
            () ->
                new UsageException(
                    recognizing(options)
                        + " needs the signer's --signing-certificate where this machine does not"
                        + " open the private key's store."));
    return new RunTrust(
        new OwnCertificateSettings(Certificates.encoded(recognized)), Optional.of(settings));
  }

  /** Whoever verifies would refuse what it signs, so it need not begin. */
  private static void requireUsable(X509Certificate certificate) {
    try {
      ChainValidator.requireSigningUsable(certificate, Instant.now());
    } catch (ChainException e) {
      throw new UsageException("Nobody would accept this signature. " + e.getMessage(), e);
    }
  }

  private static void requireFits(int certificates, int limit) {
    if (certificates > limit) {
      throw UsageException.of(
          "--certificate-chain would put %d certificates into each bundle, and verifiers take %d."
              + " Give those between the signer's and the root only.",
          certificates, limit);
    }
  }

  private static VerificationSettings certificates(ModelRunOptions options)
      throws KeyFormatException, TrustException, StorageException {
    List<X509Certificate> anchors =
        load(
            options.filesOrUris(CertificateOptions.CERTIFICATE_CHAIN),
            CertificateFile.Use.CERTIFICATE_CHAIN);
    CertificateVerificationSettings settings =
        new CertificateVerificationSettings(
            encoded(anchors.isEmpty() ? TrustAnchors.ofJdk().certificates() : anchors),
            anchors.isEmpty(),
            encoded(
                load(
                    options.filesOrUris(CertificateOptions.TSA_CERTIFICATE_CHAIN),
                    CertificateFile.Use.TSA_CERTIFICATE_CHAIN)),
            List.of(),
            options.certificateTime());
    List<CrlFile> lists = TrustFiles.lists(TrustFiles.listFiles(options));
    RevocationLists unused = RevocationLists.of(lists, settings.trustedCertificates());
    return settings.withLists(lists);
  }

  private static List<String> publicKeys(List<String> files)
      throws KeyFormatException, StorageException {
    List<String> pems = new ArrayList<>();
    for (String file : files) {
      pems.add(PublicKeyFile.pem(TrustedFiles.publicKey(file)));
    }
    return pems;
  }

  private static List<X509Certificate> load(List<String> files, CertificateFile.Use use)
      throws KeyFormatException, StorageException {
    List<X509Certificate> certificates = new ArrayList<>();
    for (String file : files) {
      certificates.addAll(TrustedFiles.certificates(file, use));
    }
    return certificates;
  }

  private static List<byte[]> encoded(Collection<X509Certificate> certificates) {
    return certificates.stream().map(Certificates::encoded).toList();
  }
}
