package dev.countersign.jobs.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.options.Command;
import dev.countersign.options.UsageException;
import dev.countersign.options.settings.ConfigEntries;
import dev.countersign.options.settings.ModelRunOptions;
import dev.countersign.options.settings.OptionValues;
import dev.countersign.trust.CrlFile;
import dev.countersign.verification.CertificateVerificationSettings;
import dev.countersign.verification.VerificationSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that a watch reads again, in this process and on a cluster. */
final class TrustFilesTest {

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

    assertThat(onCluster.files()).containsExactly("file://" + shared);
    assertThat(onCluster.workingDirectory()).isEmpty();
    assertThat(lists(onCluster.read()))
        .extracting(CrlFile::source)
        .containsExactly(LIST, "file://" + shared);
    assertThat(new String(lists(onCluster.read()).get(1).content(), UTF_8)).endsWith("changed");
    assertThat(here.files()).containsExactly(LIST, "file://" + shared);
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
    Path shared =
        Files.writeString(
            folder.resolve("p.yaml"),
            "version: 1\nrules: [{name: a, models: .*, unsigned: allow}]\n");
    ModelRunOptions byPath = policy("p.yaml");
    ModelRunOptions byUri = policy("file://" + shared);
    VerificationSettings atStart = RunTrust.of(byUri, false).trusted();

    Optional<TrustFiles> files = TrustFiles.of(byUri, atStart, true);

    assertThat(RunTrust.of(byPath, false).trusted()).isEqualTo(atStart);
    assertThat(TrustFiles.of(byPath, atStart, true)).isEmpty();
    assertThat(TrustFiles.of(byPath, atStart, false).orElseThrow().read()).isEqualTo(atStart);
    assertThat(files).isEqualTo(TrustFiles.of(byUri, atStart, false));
    assertThat(files.orElseThrow().read()).isEqualTo(atStart);
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
