package dev.countersign.jobs.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.ForkedProgram;
import dev.countersign.jobs.SecureHdfs;
import dev.countersign.jobs.terminal.ExitCode;
import dev.countersign.keys.KeyPairFiles;
import dev.countersign.keys.PublicKeyFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Runs in a process of their own on models in an HDFS that asks for Kerberos. */
@EnabledIfSystemProperty(named = "stores.required", matches = "true")
@Timeout(300)
final class KerberosRunsITCase {

  @TempDir static Path servers;

  @TempDir Path folder;

  private static SecureHdfs hdfs;

  private Path flink;

  @BeforeAll
  static void startHdfs() throws Exception {
    hdfs = SecureHdfs.start(servers);
  }

  @AfterAll
  static void stopHdfs() throws Exception {
    if (hdfs != null) {
      hdfs.close();
    }
  }

  @BeforeEach
  void makeKeys() throws Exception {
    KeyPair pair = KeyPairFiles.generate("P-256");
    Files.write(
        folder.resolve("release.key"),
        KeyPairFiles.privatePem(pair.getPrivate(), Optional.empty()));
    Files.writeString(folder.resolve("release.pub"), PublicKeyFile.pem(pair.getPublic()));
    flink = Files.createDirectory(folder.resolve("flink"));
  }

  @Test
  void run_withAKeytabOfFlinksConfiguration_signsAndVerifiesAndLeavesNothingOfIt()
      throws Exception {
    configure(hdfs.keytab());
    String model = hdfs.uri("/models/m");
    // A watch that is stopped leaves a checkpoint.
    List<String> watch =
        List.of("--watch", "1 s", "--settle", "1 s", "--state", "state", "--log-file", "log");

    ForkedProgram sign =
        run(true, watch, "sign", "key", "--private-key", "release.key", hdfs.uri("/models/*"));
    while (sign.isAlive() && sign.out().isEmpty()) {
      Thread.sleep(100);
    }
    sign.askToStop();
    int stopped = sign.await();
    String said = sign.err();
    List<String> signed = sign.out();
    ForkedProgram verify =
        run(true, List.of(), "verify", "key", "--public-key", "release.pub", model);
    int verified = verify.await();

    assertThat(stopped).as(said).isEqualTo(ExitCode.INTERRUPTED);
    assertThat(signed).as(said).singleElement().asString().startsWith("SIGNED");
    assertThat(verified).as(verify.err()).isEqualTo(ExitCode.OK);
    assertThat(verify.out()).anyMatch(line -> line.contains("VERIFIED"));
    assertThat(Files.readString(folder.resolve("log"))).contains("alice@EXAMPLE.COM");
    List<String> secrets = keys(Files.readAllBytes(hdfs.keytab()));
    assertThat(secrets).isNotEmpty();
    List<Path> left = new ArrayList<>();
    try (Stream<Path> files = Files.walk(folder)) {
      files.filter(Files::isRegularFile).forEach(left::add);
    }
    assertThat(left).anyMatch(file -> file.endsWith("_metadata"));
    for (Path file : left) {
      String content = Files.readString(file, ISO_8859_1);
      assertThat(secrets).as("%s", file).noneMatch(content::contains);
    }
  }

  @Test
  void run_withoutATicket_failsAtOnceAndNamesTheUserAndTheRemedy() throws Exception {
    ForkedProgram digest = run(false, List.of(), "digest", hdfs.uri("/models/m"));
    int code = digest.await();

    assertThat(code).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(digest.err())
        .containsOnlyOnce(
            "the store asks for Kerberos, and "
                + System.getProperty("user.name")
                + " has no ticket. Log in with kinit, or name a keytab with"
                + " security.kerberos.login.keytab and security.kerberos.login.principal")
        .doesNotContain("Tried");
  }

  @Test
  void run_withAKeytabThatIsNotThere_saysWhichSettingIsWrong() throws Exception {
    configure(folder.resolve("gone.keytab"));

    ForkedProgram digest = run(true, List.of(), "digest", hdfs.uri("/models/m"));
    int code = digest.await();

    assertThat(code).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(digest.err())
        .containsOnlyOnce("Flink's configuration in " + flink)
        .contains("gone.keytab] doesn't exist");
  }

  private void configure(Path keytab) throws IOException {
    Files.writeString(
        flink.resolve("config.yaml"),
        "security.kerberos.login.keytab: "
            + keytab
            + "\nsecurity.kerberos.login.principal: alice@EXAMPLE.COM\n");
  }

  private ForkedProgram run(boolean asFlink, List<String> options, String... command)
      throws IOException {
    Map<String, String> environment = new HashMap<>(hdfs.environment());
    if (asFlink) {
      environment.put("FLINK_CONF_DIR", flink.toString());
    }
    List<String> arguments = new ArrayList<>(List.of(command));
    arguments.addAll(options);
    return ForkedProgram.start(folder, environment, List.of(hdfs.jvmOption()), arguments);
  }

  /**
   * Returns the keys in a keytab, each as characters of Latin-1. Its format, version 2, is that of
   * MIT Kerberos: after two bytes entries of a length and a principal, a time, a version and a key.
   */
  private static List<String> keys(byte[] keytab) {
    List<String> keys = new ArrayList<>();
    ByteBuffer in = ByteBuffer.wrap(keytab, 2, keytab.length - 2);
    while (in.remaining() >= Integer.BYTES) {
      int length = in.getInt();
      int end = in.position() + length;
      int components = in.getShort();
      for (int i = 0; i <= components; i++) {
        skip(in, in.getShort());
      }
      skip(in, 4 + 4 + 1 + 2); // type of the name, time, version, type of the key
      byte[] key = new byte[in.getShort()];
      in.get(key);
      keys.add(new String(key, ISO_8859_1));
      in.position(end);
    }
    return keys;
  }

  private static void skip(ByteBuffer in, int bytes) {
    in.position(in.position() + bytes);
  }
}
