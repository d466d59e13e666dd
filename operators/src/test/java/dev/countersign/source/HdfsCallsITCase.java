package dev.countersign.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.outcome.FaultSettings;
import dev.countersign.schemas.Operation;
import dev.countersign.source.checkpoint.UnitJournal;
import dev.countersign.source.ledger.UnitLedger;
import dev.countersign.source.ledger.UnitQueue;
import dev.countersign.source.planning.ExistingBundle;
import dev.countersign.source.planning.ModelPlanner;
import dev.countersign.source.signals.RunSession;
import dev.countersign.source.units.ModelPlan;
import dev.countersign.source.units.WindowSettings;
import dev.countersign.storage.Storages;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Calls to HDFS, and what a listing says of the machines that hold files. */
final class HdfsCallsITCase extends StorageCallsContract {

  private static final int BLOCK = 1 << 20;

  private static MiniDFSCluster cluster;

  @BeforeAll
  static void startHdfs(@TempDir Path disk) throws IOException {
    Configuration configuration = new Configuration();
    configuration.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, disk.toString());
    configuration.set("fs.hdfs.impl", StorageCalls.Hdfs.class.getName());
    configuration.setLong("dfs.blocksize", BLOCK);
    cluster =
        new MiniDFSCluster.Builder(configuration)
            .numDataNodes(2)
            .hosts(new String[] {"One.lab", "two.lab"})
            .build();
    cluster.waitActive();
    Storages.configure(Map.of("fs.hdfs.impl", StorageCalls.Hdfs.class.getName()));
  }

  @AfterAll
  static void stopHdfs() {
    Storages.configure(Map.of());
    cluster.shutdown();
  }

  @Override
  String table() {
    return "calls-hdfs";
  }

  @ParameterizedTest
  @EnumSource(names = {"SIGN", "VERIFY", "RESIGN"})
  void plan_withHosts_makesTheSameCallsAndTheSameUnits(Operation operation) throws Exception {
    String model = model(operation != Operation.SIGN, "a", "s/b", "t/c");
    use(operation, ExistingBundle.REPLACE);
    ModelPlan without = plan(model);
    List<String> calls = StorageCalls.take();

    ModelPlanner planner = new ModelPlanner(fixture.settings(), fixture.window, fixture.clock);
    planner.locate(true);
    ModelPlan plan = plan(model, planner);

    assertThat(StorageCalls.take().stream().map(HdfsCallsITCase::list))
        .isEqualTo(calls.stream().map(HdfsCallsITCase::list).toList());
    assertThat(plan.fingerprint()).isEqualTo(without.fingerprint());
    assertThat(without.hosts()).containsExactly(List.of());
    assertThat(plan.hosts()).hasSize(1);
    assertThat(plan.hosts().get(0)).contains("one.lab", "two.lab");
  }

  @Test
  void take_byReadersOnDataNodes_givesEachTheUnitsOfItsOwn() throws Exception {
    String model = cluster.getURI() + "/spread";
    for (int file = 0; file < 8; file++) {
      write(model + "/" + file, 3 * BLOCK, file % 2);
    }
    fixture.operation = Operation.DIGEST;
    fixture.window = new WindowSettings(10, 1 << 20, 1, BLOCK, 10, 1 << 20);
    ModelPlanner planner = new ModelPlanner(fixture.settings(), fixture.window, fixture.clock);
    planner.locate(true);
    UnitQueue queue = UnitQueue.of(FaultSettings.defaults());
    queue.expect(2);
    boolean unused = queue.startsAt(0, List.of("one.lab"));
    unused = queue.startsAt(1, List.of("two.lab"));
    UnitLedger ledger =
        new UnitLedger(
            1,
            fixture.window,
            queue,
            null,
            0,
            false,
            UnitJournal.of("run", new RunSession("session")));

    assertThat(ledger.nextToPlan(1)).hasValue(0);
    ledger.planned(plan(model, planner));

    for (int file = 0; file < 8; file++) {
      String name = ledger.take(file % 2).orElseThrow().getRanges().get(0).getName();
      assertThat(Integer.parseInt(name) % 2).as("%s", name).isEqualTo(file % 2);
    }
    assertThat(queue.bytesLocal()).isEqualTo(24L * BLOCK).isEqualTo(queue.bytesLocated());
  }

  /** The counted calls name one with machines as they name those for one file. */
  private static String list(String call) {
    return call.equals("status") ? "list" : call;
  }

  private static void write(String uri, int bytes, int node) throws IOException {
    InetSocketAddress address = cluster.getDataNodes().get(node).getXferAddress();
    try (OutputStream out =
        cluster
            .getFileSystem()
            .createFile(new org.apache.hadoop.fs.Path(uri))
            .recursive()
            .replication((short) 1)
            .favoredNodes(new InetSocketAddress[] {address})
            .build()) {
      out.write(new byte[bytes]);
    }
  }

  @Override
  String put(Path folder) throws IOException {
    org.apache.hadoop.fs.Path model =
        new org.apache.hadoop.fs.Path(cluster.getURI() + "/" + folder.getFileName());
    DistributedFileSystem hdfs = cluster.getFileSystem();
    hdfs.delete(model, true);
    hdfs.copyFromLocalFile(new org.apache.hadoop.fs.Path(folder.toUri()), model);
    if (Files.exists(folder.resolve("model.sig"))) {
      long newest = System.currentTimeMillis() + 60_000;
      hdfs.setTimes(new org.apache.hadoop.fs.Path(model, "model.sig"), newest, -1);
    }
    return model.toString();
  }
}
