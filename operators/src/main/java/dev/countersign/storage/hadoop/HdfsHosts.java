package dev.countersign.storage.hadoop;

import dev.countersign.storage.BlockHosts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntConsumer;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.hdfs.protocol.DatanodeInfo;
import org.apache.hadoop.hdfs.protocol.HdfsLocatedFileStatus;
import org.apache.hadoop.hdfs.protocol.LocatedBlock;

/**
 * Machines that hold the files of one listing, each name and each set of machines once: files of
 * one block that the same machines hold share all of it. Not thread safe.
 */
final class HdfsHosts {

  /** Of a block with more replicas, the first ones count. */
  private static final int MOST_REPLICAS = 8;

  /** About what a list of names takes in memory, apart from the names, in bytes. */
  private static final int LIST_BYTES = 160;

  /** About what a name takes, apart from its characters. */
  private static final int NAME_BYTES = 120;

  /** What a block takes in a file of several. */
  private static final int BLOCK_BYTES = 40;

  private final IntConsumer kept;
  private final Map<String, String> names = new HashMap<>();
  private final Map<List<String>, BlockHosts> ofOneBlock = new HashMap<>();

  /**
   * Starts without any.
   *
   * @param kept gets how many bytes in memory are about to be kept
   */
  HdfsHosts(IntConsumer kept) {
    this.kept = kept;
  }

  /**
   * Returns the machines that hold a file. No machine holds a block of a file under erasure coding.
   */
  BlockHosts of(FileStatus status) {
    if (!(status instanceof HdfsLocatedFileStatus file)
        || file.getErasureCodingPolicy() != null
        || file.getLocatedBlocks() == null) {
      return BlockHosts.NONE;
    }
    List<LocatedBlock> blocks = file.getLocatedBlocks().getLocatedBlocks();
    if (blocks.isEmpty()) {
      return BlockHosts.NONE;
    }
    if (blocks.size() == 1) {
      return ofOneBlock(blocks.get(0));
    }
    kept.accept(LIST_BYTES + BLOCK_BYTES * blocks.size());
    List<Long> starts = new ArrayList<>(blocks.size());
    List<List<String>> hosts = new ArrayList<>(blocks.size());
    for (LocatedBlock block : blocks) {
      starts.add(block.getStartOffset());
      hosts.add(ofOneBlock(block).hosts().get(0));
    }
    return new BlockHosts(starts, hosts);
  }

  private BlockHosts ofOneBlock(LocatedBlock block) {
    Set<String> found = new TreeSet<>();
    for (DatanodeInfo node : block.getLocations()) {
      if (found.size() < 2 * MOST_REPLICAS) {
        found.add(named(node.getHostName()));
        found.add(named(node.getIpAddr()));
      }
    }
    List<String> hosts = List.copyOf(found);
    BlockHosts known = ofOneBlock.get(hosts);
    if (known == null) {
      kept.accept(LIST_BYTES + Long.BYTES * hosts.size());
      known = new BlockHosts(List.of(0L), List.of(hosts));
      ofOneBlock.put(hosts, known);
    }
    return known;
  }

  private String named(String host) {
    String name = host.toLowerCase(Locale.ROOT);
    String known = names.putIfAbsent(name, name);
    if (known == null) {
      kept.accept(NAME_BYTES + 2 * name.length());
    }
    return known == null ? name : known;
  }
}
