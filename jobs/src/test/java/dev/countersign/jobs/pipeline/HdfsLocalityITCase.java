package dev.countersign.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.pipeline.Stage;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import dev.countersign.source.units.WindowSettings;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Task managers and data nodes that share machines, which are addresses of the loopback interface:
 * how much of what is read is read where it is stored.
 */
@EnabledIfSystemProperty(named = "stores.required", matches = "true")
@Timeout(180)
final class HdfsLocalityITCase {

  private static final String[] MACHINES = {"127.0.0.2", "127.0.0.3"};

  private static final Pattern SHARE = Pattern.compile("(\\d+) of (\\d+) bytes went to readers on");

  private static final int BLOCK = 1 << 20;

  @TempDir java.nio.file.Path folder;

  @Test
  void run_onMachinesThatHoldTheBlocks_readsMostOfThemThere() throws Exception {
    Configuration configuration = new Configuration();
    configuration.set("hdfs.minidfs.basedir", folder.resolve("hdfs").toString());
    configuration.setLong("dfs.blocksize", BLOCK);
    TestRuns runs = new TestRuns(folder);
    runs.configuration.setString("execution.checkpointing.interval", "1s");
    runs.window = new WindowSettings(50, 64 << 20, 2, BLOCK, 4_096, 1 << 20);
    List<ModelResult> digested;
    Map<String, Long> units;
    try (MiniDFSCluster hdfs =
            new MiniDFSCluster.Builder(configuration).numDataNodes(2).hosts(MACHINES).build();
        RealCluster cluster = RealCluster.start("locality", folder)) {
      for (String machine : MACHINES) {
        RealCluster.Worker unused =
            cluster.startWorker(
                List.of(), Map.of("taskmanager.host", machine, "taskmanager.bind-host", machine));
      }
      List<CatalogEntry> entries = new ArrayList<>();
      for (int model = 0; model < 20; model++) {
        String uri = hdfs.getURI() + "/m" + model;
        for (int file = 0; file < 10; file++) {
          write(hdfs, uri + "/" + file, model * 7 + file * 3);
        }
        entries.add(
            CatalogEntry.builder(model, uri).name("m" + model).bundle(uri + "/model.sig").build());
      }
      cluster.awaitWorkers(2);
      runs.runner = cluster;
      digested = runs.run(Operation.DIGEST, entries);
      units = cluster.recordsByWorker(Stage.MODELS.title());
    }

    MatchResult share =
        SHARE
            .matcher(
                Files.readString(
                    java.nio.file.Path.of("target/real-cluster/locality-jobmanager-1.log")))
            .results()
            .findFirst()
            .orElseThrow();
    long local = Long.parseLong(share.group(1));
    long located = Long.parseLong(share.group(2));
    System.out.println(
        "Locality: "
            + local
            + " of "
            + located
            + " bytes were read where they are; units "
            + units);
    assertThat(digested).extracting(ModelResult::getOutcome).containsOnly(Outcome.DIGESTED);
    assertThat(located).isEqualTo(200L * 2 * BLOCK);
    assertThat(units).hasSize(2);
    assertThat(local).as("of %s bytes", located).isGreaterThan(located / 10 * 8);
  }

  private static void write(MiniDFSCluster hdfs, String uri, int number) throws IOException {
    InetSocketAddress node = hdfs.getDataNodes().get(number % 2).getXferAddress();
    try (OutputStream out =
        hdfs.getFileSystem()
            .createFile(new Path(uri))
            .recursive()
            .replication((short) 1)
            .favoredNodes(new InetSocketAddress[] {node})
            .build()) {
      out.write(new byte[2 * BLOCK]);
    }
  }
}
