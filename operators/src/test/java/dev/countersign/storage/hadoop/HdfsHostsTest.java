package dev.countersign.storage.hadoop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.storage.BlockHosts;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.StorageType;
import org.apache.hadoop.hdfs.protocol.DatanodeInfo;
import org.apache.hadoop.hdfs.protocol.ExtendedBlock;
import org.apache.hadoop.hdfs.protocol.HdfsFileStatus;
import org.apache.hadoop.hdfs.protocol.LocatedBlock;
import org.apache.hadoop.hdfs.protocol.LocatedBlocks;
import org.apache.hadoop.hdfs.protocol.SystemErasureCodingPolicies;
import org.junit.jupiter.api.Test;

final class HdfsHostsTest {

  private static final long BLOCK = 128L << 20;

  private final List<Integer> kept = new ArrayList<>();
  private final HdfsHosts hosts = new HdfsHosts(kept::add);

  @Test
  void of_manyFilesOnTheSameMachines_keepsOneObject() {
    BlockHosts first = hosts.of(file(block(0, 1, 2)));
    List<Integer> afterOne = List.copyOf(kept);
    for (int file = 0; file < 10_000; file++) {
      assertThat(hosts.of(file(block(0, 2, 1)))).isSameAs(first);
    }

    assertThat(first.hosts().get(0))
        .containsExactly("10.0.0.1", "10.0.0.2", "node1.lab", "node2.lab");
    assertThat(kept).isEqualTo(afterOne).hasSize(4 + 1);
  }

  @Test
  void of_aFileOfSeveralBlocks_countsEachOfThem() {
    assertThat(hosts.of(file(block(0, 1)))).isNotEqualTo(BlockHosts.NONE);
    kept.clear();

    BlockHosts of = hosts.of(file(block(0, 1), block(BLOCK, 1), block(2 * BLOCK, 1)));

    assertThat(of.starts()).containsExactly(0L, BLOCK, 2 * BLOCK);
    assertThat(of.hosts()).hasSize(3).allMatch(of.hosts().get(0)::equals);
    assertThat(kept).containsExactly(160 + 3 * 40);
  }

  @Test
  void of_aBlockWithManyReplicas_namesTheFirst() {
    BlockHosts of = hosts.of(file(block(0, IntStream.range(0, 200).toArray())));

    assertThat(of.hosts().get(0)).hasSize(2 * 8);
  }

  @Test
  void of_whatNoMachineHolds_isNone() {
    assertThat(hosts.of(file())).isEqualTo(BlockHosts.NONE);
    assertThat(hosts.of(new FileStatus())).isEqualTo(BlockHosts.NONE);
    HdfsFileStatus.Builder striped =
        builder(block(0, 1)).ecPolicy(SystemErasureCodingPolicies.getPolicies().get(0));
    assertThat(hosts.of(located(striped))).isEqualTo(BlockHosts.NONE);
  }

  private static FileStatus file(LocatedBlock... blocks) {
    return located(builder(blocks));
  }

  private static HdfsFileStatus.Builder builder(LocatedBlock... blocks) {
    return new HdfsFileStatus.Builder()
        .path("f".getBytes(StandardCharsets.UTF_8))
        .locations(new LocatedBlocks(1, false, List.of(blocks), null, true, null, null));
  }

  private static FileStatus located(HdfsFileStatus.Builder file) {
    return file.build().makeQualified(java.net.URI.create("hdfs://nn"), new Path("/"));
  }

  private static LocatedBlock block(long start, int... machines) {
    DatanodeInfo[] nodes =
        IntStream.of(machines)
            .mapToObj(
                machine ->
                    new DatanodeInfo.DatanodeInfoBuilder()
                        .setHostName(String.format(Locale.ROOT, "Node%d.lab", machine))
                        .setIpAddr("10.0.0." + machine)
                        .build())
            .toArray(DatanodeInfo[]::new);
    return new LocatedBlock(
        new ExtendedBlock("pool", start + 1),
        nodes,
        new String[nodes.length],
        new StorageType[nodes.length],
        start,
        false,
        new DatanodeInfo[0]);
  }
}
