package dev.countersign.source.planning;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.keys.KeyHint;
import dev.countersign.keys.KeyPairFiles;
import dev.countersign.keys.PublicKeyFile;
import dev.countersign.oms.Envelope;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Verdict;
import dev.countersign.source.PlanFixture;
import dev.countersign.verification.KeyVerificationSettings;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.KeyPair;
import java.security.Signature;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What bundles cost that are refused for their size or depth: each in a JVM of its own. */
final class HostileBundleCostITCase {

  private static final long MAX_CPU_MILLIS = 1_000;

  /**
   * A busy machine shares caches and clock, which counts too: the best of these is what it takes.
   */
  private static final int TRIES = 8;

  private static final String HEAP = "256m";
  private static final KeyPair SIGNER = KeyPairFiles.generate("P-256");
  private static final int MILLION = 1_000_000;

  @TempDir Path folder;

  /** Writes a bundle. */
  @FunctionalInterface
  private interface Content {
    void writeTo(Path bundle) throws IOException;
  }

  static Stream<Arguments> unsignedGiants() {
    return Stream.of(
        giant(
            "512 MiB and a byte", bundle -> sparse(bundle, (512L << 20) + 1), "which is the limit"),
        giant("512 MiB", bundle -> sparse(bundle, 512L << 20), "Give it a larger heap"),
        giant(
            "deep arrays",
            bundle -> repeat(bundle, "{\"x\":", "[", 50 * MILLION, ""),
            "nests objects and arrays deeper than 32"),
        giant(
            "deep objects",
            bundle -> repeat(bundle, "", "{\"x\":", 12 * MILLION, ""),
            "nests objects and arrays deeper than 32"),
        giant(
            "a long list",
            bundle -> repeat(bundle, "{\"x\":[0", ",0", 20 * MILLION, "]}"),
            "a list of more than 2000000 elements"),
        giant(
            "a number of many digits",
            bundle -> repeat(bundle, "{\"x\":1", "1", 50 * MILLION, "}"),
            "goes beyond a limit"),
        giant(
            "a long field name",
            bundle -> repeat(bundle, "{\"", "x", 50 * MILLION, "\":1}"),
            "goes beyond a limit"),
        giant(
            "a long media type",
            bundle -> repeat(bundle, "{\"mediaType\":\"", "x", 50 * MILLION, "\"}"),
            "has more than 256 bytes"),
        giant(
            "many field names",
            HostileBundleCostITCase::manyFields,
            "fields of more than 1000 different names"));
  }

  static Stream<Arguments> signedGiants() {
    // As short as one can be that is read at all.
    String resource = "{\"name\":\"a\",\"digest\":\"00\",\"algorithm\":\"x\"}";
    return Stream.of(
        Arguments.of(
            "two million and one resources",
            "\"resources\":[" + "%s]",
            resource,
            2 * MILLION + 1,
            "512m",
            "a list of more than 2000000 elements"),
        Arguments.of(
            "two million and one resources, in little memory",
            "\"resources\":[" + "%s]",
            resource,
            2 * MILLION + 1,
            HEAP,
            "Give it a larger heap"),
        Arguments.of(
            "two million and one ignored paths",
            "\"serialization\":{\"ignore_paths\":[%s]}",
            "\"a\"",
            2 * MILLION + 1,
            HEAP,
            "a list of more than 2000000 elements"),
        Arguments.of(
            "a name of megabytes",
            "\"resources\":[{\"name\":\"%s\"}]",
            "a",
            20 * MILLION,
            HEAP,
            "has more than 4136 bytes"),
        Arguments.of(
            "a digest of megabytes",
            "\"resources\":[{\"digest\":\"%s\"}]",
            "0",
            20 * MILLION,
            HEAP,
            "has more than 128 bytes"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("unsignedGiants")
  void plan_ofAnUnsignedGiant_refusesItForLittle(String label, Content content, String message)
      throws Exception {
    Path model = model();
    content.writeTo(model.resolve("model.sig"));

    assertRefused(model, HEAP, message);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("signedGiants")
  void plan_ofASignedGiant_refusesItForLittle(
      String label, String around, String element, int count, String heap, String message)
      throws Exception {
    Path model = model();
    String separator = element.length() == 1 ? "" : ",";
    String[] parts = around.split("%s", -1);
    byte[] head = ("{\"predicate\":{" + parts[0]).getBytes(UTF_8);
    byte[] each = (element + separator).getBytes(UTF_8);
    byte[] tail = (parts[1] + "}}").getBytes(UTF_8);
    int middle = count * each.length - separator.length();
    ByteBuffer payload = ByteBuffer.allocate(head.length + middle + tail.length);
    payload.put(head);
    for (int i = 1; i < count; i++) {
      payload.put(each);
    }
    payload.put(each, 0, each.length - separator.length()).put(tail);
    writeSigned(model.resolve("model.sig"), payload.array());

    assertRefused(model, heap, message);
  }

  private void assertRefused(Path model, String heap, String message) throws Exception {
    long millis = Long.MAX_VALUE;
    for (int i = 0; i < TRIES && millis >= MAX_CPU_MILLIS; i++) {
      millis = Math.min(millis, cpuOfRefusing(model, heap, message));
    }
    assertThat(millis).as("milliseconds of CPU").isLessThan(MAX_CPU_MILLIS);
  }

  private long cpuOfRefusing(Path model, String heap, String message) throws Exception {
    Path log = folder.resolve("log");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                "-XX:+ExitOnOutOfMemoryError",
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName(),
                PublicKeyFile.pem(SIGNER.getPublic()),
                folder.toString(),
                model.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    boolean ended = process.waitFor(5, TimeUnit.MINUTES);
    process.destroyForcibly();

    String output = Files.readString(log);
    assertThat(ended).as("ended: %s", output).isTrue();
    assertThat(process.exitValue()).as("exit code: %s", output).isZero();
    String[] answer = output.strip().lines().reduce((first, last) -> last).orElse("").split("\t");
    assertThat(answer).as("reason, message and CPU time: %s", output).hasSize(3);
    assertThat(answer[0]).as(output).isEqualTo("LIMIT_EXCEEDED");
    assertThat(answer[1]).contains(message);
    return Long.parseLong(answer[2]);
  }

  /** Plans to verify a model, and says how that ended and what it cost. */
  static final class Child {
    public static void main(String[] arguments) throws Exception {
      PlanFixture fixture = new PlanFixture(Path.of(arguments[1]));
      fixture.operation = Operation.VERIFY;
      fixture.trusted = new KeyVerificationSettings(List.of(arguments[0]));
      long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
      Verdict verdict = fixture.verdict(Path.of(arguments[2]));
      long taken = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before;
      System.out.println(
          verdict.getReason()
              + "\t"
              + verdict.getMessage()
              + "\t"
              + TimeUnit.NANOSECONDS.toMillis(taken));
    }
  }

  private Path model() throws IOException {
    Path model = Files.createDirectory(folder.resolve("model"));
    Files.writeString(model.resolve("a"), "content");
    return model;
  }

  private static Arguments giant(String label, Content content, String message) {
    return Arguments.of(label, content, message);
  }

  /** A file of zeros that takes no room on the disk. */
  private static void sparse(Path bundle, long length) throws IOException {
    try (SeekableByteChannel channel =
        Files.newByteChannel(bundle, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.position(length - 1).write(ByteBuffer.allocate(1));
    }
  }

  private static void repeat(Path bundle, String head, String each, int count, String tail)
      throws IOException {
    try (OutputStream out = open(bundle)) {
      out.write(head.getBytes(UTF_8));
      byte[] block = each.repeat(1 << 12).getBytes(UTF_8);
      int blocks = count >> 12;
      for (int i = 0; i < blocks; i++) {
        out.write(block);
      }
      out.write(each.repeat(count - (blocks << 12)).getBytes(UTF_8));
      out.write(tail.getBytes(UTF_8));
    }
  }

  private static void manyFields(Path bundle) throws IOException {
    try (OutputStream out = open(bundle)) {
      out.write('{');
      for (int i = 0; i < 4 * MILLION; i++) {
        out.write(("\"f" + i + "\":0,").getBytes(UTF_8));
      }
      out.write("\"f\":0}".getBytes(UTF_8));
    }
  }

  private static OutputStream open(Path bundle) throws IOException {
    return new BufferedOutputStream(Files.newOutputStream(bundle), 1 << 16);
  }

  private static void writeSigned(Path bundle, byte[] payload) throws Exception {
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(SIGNER.getPrivate());
    signature.update(
        ("DSSEv1 28 " + Envelope.PAYLOAD_TYPE + " " + payload.length + " ").getBytes(UTF_8));
    signature.update(payload);
    try (OutputStream out = open(bundle)) {
      out.write(
          ("{\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\","
                  + "\"verificationMaterial\":{\"publicKey\":{\"hint\":\""
                  + KeyHint.of(SIGNER.getPublic())
                  + "\"}},\"dsseEnvelope\":{\"payload\":\"")
              .getBytes(UTF_8));
      int chunk = 3 << 18;
      for (int start = 0; start < payload.length; start += chunk) {
        out.write(
            Base64.getEncoder()
                .encode(
                    Arrays.copyOfRange(payload, start, Math.min(payload.length, start + chunk))));
      }
      out.write(
          ("\",\"payloadType\":\""
                  + Envelope.PAYLOAD_TYPE
                  + "\",\"signatures\":[{\"sig\":\""
                  + Base64.getEncoder().encodeToString(signature.sign())
                  + "\"}]}}")
              .getBytes(UTF_8));
    }
  }
}
