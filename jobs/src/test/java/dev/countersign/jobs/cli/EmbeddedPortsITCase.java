package dev.countersign.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.ForkedProgram;
import dev.countersign.jobs.FreePort;
import dev.countersign.jobs.PortAttack;
import dev.countersign.jobs.terminal.ExitCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What other users of the machine can reach of a run in its own process, from start to end. */
@Timeout(180)
@EnabledOnOs(OS.LINUX)
final class EmbeddedPortsITCase {

  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  @TempDir Path folder;

  private @Nullable ForkedProgram running;

  @BeforeEach
  void prepare() throws IOException {
    ProgramRuns program = new ProgramRuns(folder);
    program.keyPair("release");
    Files.createDirectories(folder.resolve("model"));
    // Takes longer than any attack.
    Files.write(folder.resolve("model/weights.slow"), new byte[1_200 * (64 << 10)]);
  }

  @AfterEach
  void end() throws InterruptedException {
    if (running != null) {
      running.kill();
    }
  }

  @Test
  void run_thatSigns_answersNobody() throws Exception {
    Set<InetSocketAddress> seen = seenUntilReading("sign", "key", "--private-key", "release.key");

    assertThat(seen)
        .as("nothing that another process can connect to was ever open")
        .allMatch(port -> port.getAddress().isMulticastAddress());
    assertThat(PortAttack.listening(running.pid())).isEmpty();
    PortAttack attack = new PortAttack(folder);
    assertThat(seen).allSatisfy(port -> assertThat(attack.answers(port)).isEmpty());
  }

  @Test
  void metricsPort_answersScrapesAndNothingElse() throws Exception {
    int port = FreePort.next();
    seenUntilReading(
        "sign", "key", "--private-key", "release.key", "--metrics-port", String.valueOf(port));

    Set<InetSocketAddress> listening = PortAttack.listening(running.pid());

    assertThat(listening).extracting(InetSocketAddress::getPort).containsExactly(port);
    assertThat(new PortAttack(folder).answers(listening.iterator().next()))
        .as("what the server of the metrics says to anything but GET /metrics")
        .isNotEmpty()
        .allMatch(answer -> answer.matches("[^:]*: HTTP/1.1 40[045] .*"));
  }

  @Test
  void attack_onFlinksOwnServers_succeeds() throws Exception {
    try (MiniCluster cluster = new MiniCluster(new MiniClusterConfiguration.Builder().build())) {
      cluster.start();
      PortAttack attack = new PortAttack(folder);
      int blobPort = cluster.getClusterInformation().getBlobServerPort();

      List<String> rest =
          attack.answers(new InetSocketAddress(LOOPBACK, cluster.getRestAddress().get().getPort()));
      List<String> blobs = attack.answers(new InetSocketAddress(LOOPBACK, blobPort));

      assertThat(rest)
          .contains("GET /overview: HTTP/1.1 200 OK")
          .anyMatch(answer -> answer.startsWith("POST /jobs: HTTP/1.1 400 "));
      assertThat(blobs)
          .extracting(answer -> answer.replaceFirst(":.*", ""))
          .contains("BLOB put", "BLOB get");
    }
  }

  @Test
  void run_whoseTasksAreDescribedInMegabytes_needsNoBlobServer() {
    ProgramRuns program = new ProgramRuns(folder);
    // Flink hands descriptors of more than a megabyte, compressed, to its BLOB server by default.
    Random random = new Random(1);
    program.pipe(
        Stream.generate(() -> HexFormat.of().formatHex(bytes(random)))
            .limit(5_000)
            .map(name -> "missing/" + name.substring(250) + "/" + name.substring(0, 250))
            .collect(Collectors.joining("\n")));

    ProgramRuns.Ended ended = program.run("digest", "--output", "json", "-");

    assertThat(ended.code()).as(ended.err()).isEqualTo(ExitCode.MODEL_FAILED);
    assertThat(ended.outLines()).hasSize(5_000);
  }

  /** A library that others may write to, under a umask that lets them, is code of theirs. */
  @Test
  void run_unpacksNoLibraryWhereOthersWrite() throws Exception {
    Path temporary = Files.createDirectories(folder.resolve("tmp"));
    Files.writeString(folder.resolve("small"), "1");
    List<String> made = new ArrayList<>();
    try (WatchService watch = temporary.getFileSystem().newWatchService()) {
      temporary.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
      running = ForkedProgram.start(folder, List.of(), List.of("digest", "small"));
      assertThat(running.await()).as(running.err()).isZero();
      for (WatchKey key = watch.take(); key != null; key = watch.poll(1, TimeUnit.SECONDS)) {
        key.pollEvents().forEach(event -> made.add(String.valueOf(event.context())));
        key.reset();
      }
    }

    assertThat(made).isNotEmpty().allMatch(name -> name.startsWith("countersign-"));
  }

  private static byte[] bytes(Random random) {
    byte[] bytes = new byte[250];
    random.nextBytes(bytes);
    return bytes;
  }

  /** Starts a run; returns all addresses at which it listened until it read its model. */
  private Set<InetSocketAddress> seenUntilReading(String... command) throws Exception {
    List<String> arguments = new ArrayList<>(Arrays.asList(command));
    arguments.addAll(List.of("--log-file", "log", "faulty://" + folder + "/model"));
    running = ForkedProgram.start(folder, List.of(), arguments);
    Set<InetSocketAddress> seen = new HashSet<>();
    while (!Files.exists(folder.resolve("log")) || !isReading()) {
      assertThat(running.isAlive()).as(running.err()).isTrue();
      seen.addAll(PortAttack.listening(running.pid()));
    }
    return seen;
  }

  private boolean isReading() throws IOException {
    return Files.readString(folder.resolve("log"))
        .contains("switched from INITIALIZING to RUNNING");
  }
}
