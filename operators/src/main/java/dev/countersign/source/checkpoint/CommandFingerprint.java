package dev.countersign.source.checkpoint;

import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a command does, part by part. It is saved with a run's state, so that only the same command
 * resumes from it.
 *
 * @param parts each part under its name, in the order of names: an option's flag, or what the
 *     command line calls it
 */
public record CommandFingerprint(Map<String, String> parts) implements Serializable {

  /** The name of the part that is a digest of who signs. */
  public static final String SIGNER = "the signer";

  /** The name of the part that is a digest of who is trusted. */
  public static final String TRUST = "the keys, certificates or rules that count";

  /** Parts that are digests, which say nothing to people. */
  private static final Set<String> DIGESTS = Set.of(SIGNER, TRUST);

  /** Copies the map, and sorts it. */
  public CommandFingerprint {
    parts = new TreeMap<>(parts);
  }

  /**
   * Returns in what {@code now} differs from this, for people.
   *
   * @return empty if both do the same
   */
  public List<String> differences(CommandFingerprint now) {
    List<String> differences = new ArrayList<>();
    Set<String> names = new TreeSet<>(parts.keySet());
    names.addAll(now.parts.keySet());
    for (String name : names) {
      String then = parts.get(name);
      String given = now.parts.get(name);
      if (!String.valueOf(then).equals(String.valueOf(given))) {
        differences.add(
            Printable.of(name)
                + (DIGESTS.contains(name)
                    ? " (others now)"
                    : Message.of(" (was %s, now %s)", shown(then), shown(given))));
      }
    }
    return differences;
  }

  private static String shown(@Nullable String value) {
    return value == null ? "not given" : "'" + Printable.of(value) + "'";
  }
}
