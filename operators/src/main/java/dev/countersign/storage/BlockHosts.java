package dev.countersign.storage;

import dev.countersign.text.Message;
import java.io.Serializable;
import java.util.List;
import java.util.Map;

/**
 * Machines that hold the blocks of a file, as far as its store says.
 *
 * @param starts where each block starts, ascending
 * @param hosts for each block the host names and addresses of the machines that hold it, in lower
 *     case
 */
public record BlockHosts(List<Long> starts, List<List<String>> hosts) implements Serializable {

  /** What a store says that does not know. */
  public static final BlockHosts NONE = new BlockHosts(List.of(), List.of());

  /** Refuses lists of unlike length. */
  public BlockHosts {
    starts = List.copyOf(starts);
    hosts = List.copyOf(hosts);
    if (starts.size() != hosts.size()) {
      throw new IllegalArgumentException(
          Message.of("%d blocks, and hosts of %d", starts.size(), hosts.size()));
    }
  }

  /** Adds to {@code held}, by host, how many of the bytes of a range it holds; not past its end. */
  public void count(long start, long end, Map<String, Long> held) {
    for (int block = 0; block < starts.size(); block++) {
      long to = block + 1 < starts.size() ? Math.min(end, starts.get(block + 1)) : end;
      long bytes = to - Math.max(start, starts.get(block));
      if (bytes > 0) {
        hosts.get(block).forEach(host -> held.merge(host, bytes, Long::sum));
      }
    }
  }
}
