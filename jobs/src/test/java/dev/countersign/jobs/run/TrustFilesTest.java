package dev.countersign.jobs.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.countersign.http.HttpSettings;
import dev.countersign.jobs.run.InstanceSource.Published;
import dev.countersign.jobs.run.TrustFiles.Identities;
import dev.countersign.jobs.run.TrustFiles.Lists;
import dev.countersign.jobs.run.TrustFiles.Policy;
import dev.countersign.oms.ContentDigest;
import dev.countersign.options.Command;
import dev.countersign.options.UsageException;
import dev.countersign.options.settings.ConfigEntries;
import dev.countersign.options.settings.ModelRunOptions;
import dev.countersign.options.settings.OptionValues;
import dev.countersign.trust.CrlFile;
import dev.countersign.trust.SigstoreFile;
import dev.countersign.trust.SigstoreInstance;
import dev.countersign.trust.SigstoreRepository;
import dev.countersign.verification.CertificateVerificationSettings;
import dev.countersign.verification.PolicySettings;
import dev.countersign.verification.SettingsSource.Reading;
import dev.countersign.verification.VerificationSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that a watch reads again, in this process and on a cluster. */
final class TrustFilesTest {

  private static final String DENIED = "ab".repeat(32);
  private static final String DENIES = "deny-fingerprints: [" + DENIED + "]\n";

  private static final String ACCEPTS_IDENTITIES =
      "version: 1\nrules: [{name: a, models: .*, accept: {sigstore: [{identity: a, issuer:"
          + " 'https://b'}]}}]\n";
  private static final String ACCEPTS_NOBODY =
      "version: 1\nrules: [{name: a, models: .*, unsigned: allow}]\n";

  private static final String WAY_OUT =
      " If the cluster has no way there, start the watch with --offline, or with a URI as"
          + " --trusted-root.";

  private static final String LIST = certificateFile("intermediate.crl");

  @TempDir Path folder;

  @Test
  void lists_onACluster_areReadAgainWhereAUriNamesThem() throws Exception {
    Path shared = Files.copy(Path.of(LIST), folder.resolve("shared.crl"));
    ModelRunOptions options = certificate(LIST, "file://" + shared);
    VerificationSettings atStart = RunTrust.of(options, false).trusted();

    TrustFiles onCluster = TrustFiles.of(options, atStart, true).orElseThrow();
    TrustFiles here = TrustFiles.of(options, atStart, false).orElseThrow();
    Files.writeString(shared, Files.readString(shared) + "changed");

    assertThat(((Lists) onCluster).files()).containsExactly("file://" + shared);
    assertThat(((Lists) onCluster).workingDirectory()).isEmpty();
    assertThat(lists(onCluster.read()))
        .extracting(CrlFile::source)
        .containsExactly(LIST, "file://" + shared);
    assertThat(new String(lists(onCluster.read()).get(1).content(), UTF_8)).endsWith("changed");
    assertThat(((Lists) here).files()).containsExactly(LIST, "file://" + shared);
    assertThat(TrustFiles.of(certificate(LIST), atStart, true)).isEmpty();
  }

  @Test
  void lists_whoseUriIsGivenFirst_areReadAgainAsTheyWereAtTheStart() throws Exception {
    Path shared = Files.copy(Path.of(LIST), folder.resolve("shared.crl"));
    ModelRunOptions options = certificate("file://" + shared, LIST);
    VerificationSettings atStart = RunTrust.of(options, false).trusted();

    assertThat(TrustFiles.of(options, atStart, true).orElseThrow().read()).isEqualTo(atStart);
    assertThat(TrustFiles.of(options, atStart, false).orElseThrow().read()).isEqualTo(atStart);
  }

  @Test
  void list_thatCannotBeUsedAnyMore_isToldWithItsName() throws Exception {
    Path shared = Files.copy(Path.of(LIST), folder.resolve("shared.crl"));
    ModelRunOptions options = certificate("file://" + shared);
    TrustFiles files =
        TrustFiles.of(options, RunTrust.of(options, false).trusted(), true).orElseThrow();

    Files.writeString(shared, "no list");
    assertThatThrownBy(files::read)
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("Cannot use file://" + shared + " as a revocation list: ");
    Files.delete(shared);
    assertThatThrownBy(files::read)
        .isInstanceOf(IOException.class)
        .hasMessage("There is nothing at " + shared + ". Check the path.");
    assertThatThrownBy(() -> RunTrust.of(options, false))
        .isInstanceOf(UsageException.class)
        .hasMessage("There is nothing at " + shared + ". Check the path.");
  }

  @Test
  void policy_onACluster_isReadAgainWhereAUriNamesIt() throws Exception {
    Path shared = Files.writeString(folder.resolve("p.yaml"), ACCEPTS_NOBODY);
    ModelRunOptions byPath = policy("p.yaml");
    ModelRunOptions byUri = policy("file://" + shared);
    VerificationSettings atStart = RunTrust.of(byUri, false).trusted();

    Optional<TrustFiles> files = TrustFiles.of(byUri, atStart, true);

    assertThat(RunTrust.of(byPath, false).trusted()).isEqualTo(atStart);
    assertThat(TrustFiles.of(byPath, atStart, true)).isEmpty();
    assertThat(TrustFiles.of(byPath, atStart, false).orElseThrow().read()).isEqualTo(atStart);
    assertThat(files.orElseThrow().identity())
        .isEqualTo(TrustFiles.of(byUri, atStart, false).orElseThrow().identity());
    assertThat(files.orElseThrow().read()).isEqualTo(atStart);
  }

  @Test
  void trustedRoot_whichIsReplaced_isReadAgainWhereItCanBeRead() throws Exception {
    Path root = root("private");
    ModelRunOptions byPath = sigstore("root.json");
    ModelRunOptions byUri = sigstore("file://" + root);
    VerificationSettings atStart = RunTrust.of(byPath, false).trusted();

    TrustFiles here = TrustFiles.of(byPath, atStart, false).orElseThrow();
    TrustFiles onCluster = TrustFiles.of(byUri, atStart, true).orElseThrow();
    VerificationSettings before = here.read();
    root("rekor2");

    assertThat(before).isEqualTo(atStart);
    assertThat(TrustFiles.of(byPath, atStart, true)).isEmpty();
    assertThat(here.read()).isEqualTo(RunTrust.of(byPath, false).trusted()).isNotEqualTo(atStart);
    assertThat(onCluster.read()).isEqualTo(RunTrust.of(byUri, false).trusted());
    assertThat(ContentDigest.of(here.identity()))
        .isEqualTo(
            ContentDigest.of(TrustFiles.of(byPath, here.read(), false).orElseThrow().identity()))
        .isNotEqualTo(
            ContentDigest.of(
                TrustFiles.of(sigstore("other.json"), atStart, false).orElseThrow().identity()));
  }

  @Test
  void policy_whoseInstanceCannotBeReadOrUsed_holdsWithTheInstanceReadLast() throws Exception {
    Path root = root("private");
    Path policy = Files.writeString(folder.resolve("p.yaml"), ACCEPTS_IDENTITIES);
    ModelRunOptions options = policy("p.yaml", "root.json");
    PolicySettings atStart = policyOf(options);
    TrustFiles files = TrustFiles.of(options, atStart, false).orElseThrow();
    VerificationSettings last = files.readAgain(null).settings();

    Files.writeString(policy, ACCEPTS_IDENTITIES + DENIES);
    Files.writeString(root, "no trusted root");
    Reading unusable = files.readAgain(last);
    Files.delete(root);
    Reading gone = files.readAgain(last);

    assertThat(unusable.fault()).startsWith("Cannot use root.json as a Sigstore configuration: ");
    assertThat(gone.fault()).startsWith("--trusted-root: There is nothing at ");
    assertThat(unusable.settings())
        .isEqualTo(gone.settings())
        .isEqualTo(
            new PolicySettings(
                atStart.rules(), List.of(DENIED), Objects.requireNonNull(atStart.sigstore())));
    assertThatThrownBy(() -> files.readAgain(null))
        .isInstanceOf(IOException.class)
        .hasMessage(gone.fault());
  }

  /** A denial holds at once, whatever else the policy begins to need at the same time. */
  @Test
  void policy_whoseInstanceWasNotReadLast_deniesWhomItDenies() throws Exception {
    Path policy = Files.writeString(folder.resolve("p.yaml"), ACCEPTS_NOBODY);
    ModelRunOptions options = policy("p.yaml", "root.json");
    PolicySettings withNobody = policyOf(options);
    TrustFiles files = TrustFiles.of(options, withNobody, false).orElseThrow();

    Files.writeString(policy, ACCEPTS_IDENTITIES + DENIES);
    Reading reading = files.readAgain(withNobody);

    assertThat(reading.fault()).startsWith("--trusted-root: There is nothing at ");
    assertThat(reading.settings())
        .isEqualTo(
            new PolicySettings(
                ((PolicySettings) reading.settings()).rules(),
                List.of(DENIED),
                null,
                reading.fault()));
    root("private");
    assertThat(files.readAgain(reading.settings())).isEqualTo(new Reading(policyOf(options), ""));
  }

  /** A path on this machine names nothing on the cluster, whose policy may need the file later. */
  @Test
  void policy_onAClusterThatNeedsALocalTrustedRootLater_hasTheOneOfTheStart() throws Exception {
    root("private");
    Path policy = Files.writeString(folder.resolve("p.yaml"), ACCEPTS_NOBODY);
    ModelRunOptions options = policy("file://" + policy, "root.json");
    PolicySettings withNobody = policyOf(options);
    TrustFiles files = TrustFiles.of(options, withNobody, true).orElseThrow();

    Files.writeString(policy, ACCEPTS_IDENTITIES);
    Files.delete(folder.resolve("root.json"));
    Reading reading = files.readAgain(withNobody);
    root("private");

    assertThat(reading).isEqualTo(new Reading(policyOf(options), ""));
    assertThat(ContentDigest.of(files.identity()))
        .isEqualTo(
            ContentDigest.of(
                TrustFiles.of(options, policyOf(options), true).orElseThrow().identity()));
  }

  @Test
  void policy_onAClusterWithALocalTrustedRootThatCannotBeUsed_isRefusedAtTheStart()
      throws Exception {
    Path policy = Files.writeString(folder.resolve("p.yaml"), ACCEPTS_NOBODY);
    ModelRunOptions options = policy("file://" + policy, "root.json");
    PolicySettings withNobody = policyOf(options);

    assertThatThrownBy(() -> TrustFiles.of(options, withNobody, true))
        .isInstanceOf(UsageException.class)
        .hasMessageStartingWith("--trusted-root: There is nothing at ");
    Files.writeString(folder.resolve("root.json"), "no trusted root");
    assertThatThrownBy(() -> TrustFiles.of(options, withNobody, true))
        .isInstanceOf(UsageException.class)
        .hasMessageStartingWith("Cannot use root.json as a Sigstore configuration: ");
  }

  @Test
  void policy_thatNeedsTheInstanceAgain_deniesWhomItDenies() throws Exception {
    Path root = root("private");
    Path policy = Files.writeString(folder.resolve("p.yaml"), ACCEPTS_IDENTITIES);
    ModelRunOptions options = policy("p.yaml", "root.json");
    TrustFiles files = TrustFiles.of(options, policyOf(options), false).orElseThrow();

    Files.writeString(policy, ACCEPTS_NOBODY);
    VerificationSettings withNobody = files.readAgain(policyOf(options)).settings();
    Files.writeString(policy, ACCEPTS_IDENTITIES + DENIES);
    Files.delete(root);
    PolicySettings last = (PolicySettings) files.readAgain(withNobody).settings();

    assertThat(last.acceptsIdentities()).isTrue();
    assertThat(last.deniedFingerprints()).containsExactly(DENIED);
  }

  @Test
  void trustedRoot_thatCannotBeReadAgain_isTheOneReadLast() throws Exception {
    Path root = root("private");
    ModelRunOptions options = sigstore("root.json");
    VerificationSettings atStart = RunTrust.of(options, false).trusted();
    TrustFiles files = TrustFiles.of(options, atStart, false).orElseThrow();

    Files.delete(root);

    assertThat(files.readAgain(atStart).settings()).isEqualTo(atStart);
    assertThat(files.readAgain(atStart).fault()).startsWith("--trusted-root: There is nothing at ");
    assertThatThrownBy(() -> files.readAgain(null)).isInstanceOf(IOException.class);
  }

  /** A cluster may have no way to the repository, nor a home folder for a copy of it. */
  @Test
  void publicInstance_thatAClusterCannotRead_isToldWithTheWayOut() {
    assumeThat(System.getenv("XDG_CACHE_HOME")).isNull();
    String home = System.setProperty("user.home", "?");
    try {
      Published here =
          new Published(SigstoreRepository.PUBLIC, false, new HttpSettings(Duration.ofSeconds(1)));
      assertUnreadable(here.forCluster(null)).hasMessageEndingWith(WAY_OUT);
      assertUnreadable(here).hasMessageEndingWith("or name the instance's files.");
    } finally {
      System.setProperty("user.home", home);
    }
  }

  private static AbstractThrowableAssert<?, ?> assertUnreadable(InstanceSource source) {
    return assertThatThrownBy(() -> new Identities(List.of(), source, null).readAgain(null))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("This user has no home folder");
  }

  @Test
  void publicInstance_thatIsTakenAlongToACluster_isTheSameByIdentity() throws Exception {
    root("private");
    ModelRunOptions options = policy("p.yaml", "root.json");
    SigstoreInstance instance = SigstoreTrust.source(options).read();
    Published offline =
        new Published(SigstoreRepository.PUBLIC, true, new HttpSettings(Duration.ofSeconds(1)));

    InstanceSource taken = offline.forCluster(instance);

    assertThat(taken.read()).isEqualTo(instance);
    assertThat(taken.identity()).isEqualTo(offline.identity());
  }

  /** Else a watch could not be resumed once its network is another. */
  @Test
  void identity_ofAPublicInstance_isThatOfTheSameInstanceReadInAnotherWay() throws Exception {
    Published online =
        new Published(
            SigstoreRepository.PUBLIC, false, new HttpSettings(List.of(), Duration.ofSeconds(1)));
    Published offline =
        new Published(
            SigstoreRepository.PUBLIC,
            true,
            new HttpSettings(List.of(new byte[1]), Duration.ofSeconds(2)));
    Published staging = new Published(SigstoreRepository.STAGING, false, online.http());

    assertThat(identities(online)).isEqualTo(identities(offline)).isNotEqualTo(identities(staging));
  }

  /** Else a watch could not be resumed once its policy accepts identities, or no longer does. */
  @Test
  void identity_ofAPolicyOnACluster_isTheSameWhetherItAcceptsIdentities() throws Exception {
    Path policy = Files.writeString(folder.resolve("p.yaml"), ACCEPTS_NOBODY);
    ModelRunOptions options =
        options(
            Command.VERIFY_POLICY,
            Map.of("policy", List.of("file://" + policy), "offline", List.of("true")));
    root("private");
    PolicySettings withNobody = policyOf(options);
    PolicySettings withIdentities =
        withNobody.withSigstore(
            new SigstoreInstance(
                new SigstoreFile(
                    SigstoreRepository.PUBLIC.mirror() + "targets/trusted_root.json", new byte[0]),
                null));

    TrustFiles files = TrustFiles.of(options, withNobody, true).orElseThrow();

    assertThat(ContentDigest.of(files.identity()))
        .isEqualTo(
            ContentDigest.of(
                TrustFiles.of(options, withIdentities, true).orElseThrow().identity()));
    Files.writeString(policy, ACCEPTS_IDENTITIES + DENIES);
    for (VerificationSettings last : Arrays.asList(withNobody, null)) {
      Reading reading = files.readAgain(last);
      assertThat(((PolicySettings) reading.settings()).deniedFingerprints())
          .containsExactly(DENIED);
      assertThat(reading.fault())
          .isEqualTo(
              "The watch was started with --offline and a policy that did not need the public"
                  + " instance's trusted root, so that the cluster has none. Start the watch"
                  + " again.");
    }
  }

  /** Returns the digests of what is read with an instance. */
  private static List<String> identities(InstanceSource source) {
    return List.of(
        ContentDigest.of(new Identities(List.of(), source, null).identity()),
        ContentDigest.of(new Policy(null, "p.yaml", "/", source).identity()));
  }

  @Test
  void trustedRoot_ofAPolicyWithoutItsOwn_isReadAgainWithThePolicyOrWithoutIt() throws Exception {
    Path root = root("private");
    Path policy = Files.writeString(folder.resolve("p.yaml"), ACCEPTS_IDENTITIES);
    String uri = "file://" + root;
    ModelRunOptions shared = policy("file://" + policy, uri);
    ModelRunOptions sharedPolicy = policy("file://" + policy, "root.json");
    ModelRunOptions sharedRoot = policy("p.yaml", uri);
    ModelRunOptions local = policy("p.yaml", "root.json");
    PolicySettings atStart = policyOf(shared);
    PolicySettings atStartOfLocal = policyOf(local);

    TrustFiles all = TrustFiles.of(shared, atStart, true).orElseThrow();
    TrustFiles rootAlone = TrustFiles.of(sharedRoot, atStart, true).orElseThrow();
    TrustFiles policyAlone = TrustFiles.of(sharedPolicy, atStartOfLocal, true).orElseThrow();
    TrustFiles here = TrustFiles.of(local, atStartOfLocal, false).orElseThrow();
    List<VerificationSettings> before =
        List.of(all.read(), rootAlone.read(), policyAlone.read(), here.read());
    root("rekor2");
    Files.writeString(policy, Files.readString(policy).replace("identity: a", "identity: c"));

    assertThat(before).containsExactly(atStart, atStart, atStartOfLocal, atStartOfLocal);
    assertThat(all.read()).isEqualTo(policyOf(shared));
    assertThat(rootAlone.read())
        .isEqualTo(atStart.withSigstore(Objects.requireNonNull(policyOf(shared).sigstore())));
    assertThat(policyAlone.read())
        .isEqualTo(policyOf(local).withSigstore(Objects.requireNonNull(atStartOfLocal.sigstore())));
    assertThat(here.read()).isEqualTo(policyOf(local));
    assertThat(TrustFiles.of(local, atStartOfLocal, true)).isEmpty();
  }

  private Path root(String instance) throws IOException {
    return Files.copy(
        Path.of("../operators/src/test/resources/sigstore", instance, "trusted_root.json"),
        folder.resolve("root.json"),
        StandardCopyOption.REPLACE_EXISTING);
  }

  private static PolicySettings policyOf(ModelRunOptions options) {
    return (PolicySettings) Objects.requireNonNull(RunTrust.of(options, false).trusted());
  }

  private ModelRunOptions sigstore(String root) {
    return options(
        Command.VERIFY_SIGSTORE,
        Map.of(
            "identity",
            List.of("signer@example.com"),
            "identity-provider",
            List.of("http://127.0.0.1:46439"),
            "trusted-root",
            List.of(root)));
  }

  private ModelRunOptions policy(String policy, String root) {
    return options(
        Command.VERIFY_POLICY, Map.of("policy", List.of(policy), "trusted-root", List.of(root)));
  }

  private static List<CrlFile> lists(VerificationSettings settings) {
    return ((CertificateVerificationSettings) settings).revocationLists();
  }

  private static String certificateFile(String name) {
    return Path.of("src/test/resources/certificates", name).toAbsolutePath().toString();
  }

  private ModelRunOptions certificate(String... lists) {
    return options(
        Command.VERIFY_CERTIFICATE,
        Map.of("certificate-chain", List.of(certificateFile("root.pem")), "crl", List.of(lists)));
  }

  private ModelRunOptions policy(String policy) {
    return options(Command.VERIFY_POLICY, Map.of("policy", List.of(policy)));
  }

  private ModelRunOptions options(Command command, Map<String, List<String>> flags) {
    return new ModelRunOptions(
        OptionValues.resolve(command, flags, Map.of(), ConfigEntries.NONE), folder);
  }
}
