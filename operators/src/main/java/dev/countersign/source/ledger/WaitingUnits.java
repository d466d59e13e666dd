package dev.countersign.source.ledger;

import dev.countersign.source.units.UnitId;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Units that wait for any reader, the largest first. One that a reader's machine holds is kept for
 * the readers of such machines for {@value #LOCALITY_WAIT_MILLIS} ms, and open to all after that.
 *
 * <p>A reader gets the largest unit that its machine holds, however long that has waited: where
 * more units wait than readers take, all of them are open. But after {@value #MOST_PASSED_OVER}
 * larger open ones were passed over for such units, the largest comes next, so that it does not
 * become the last of the run. Not thread safe.
 */
final class WaitingUnits {

  /** How long a unit is kept for readers on the machines that hold it. */
  static final long LOCALITY_WAIT_MILLIS = 300;

  /** How often in a row a reader gets a smaller unit because its machine holds that one. */
  static final int MOST_PASSED_OVER = 8;

  private record Waiting(long bytes, UnitId id, List<String> hosts, long opens) {}

  private static final Comparator<Waiting> LARGEST_FIRST =
      Comparator.comparingLong(Waiting::bytes)
          .reversed()
          .thenComparingLong(waiting -> waiting.id().entryId())
          .thenComparingInt(waiting -> waiting.id().unit())
          .thenComparingInt(waiting -> waiting.id().attempt());

  private final NavigableSet<Waiting> open = new TreeSet<>(LARGEST_FIRST);
  private final NavigableSet<Waiting> kept =
      new TreeSet<>(Comparator.comparingLong(Waiting::opens).thenComparing(LARGEST_FIRST));

  /** Open and kept units by each machine that holds them. */
  private final Map<String, NavigableSet<Waiting>> byHost = new HashMap<>();

  private final Map<Integer, List<String>> machines = new HashMap<>();
  private final Set<String> present = new HashSet<>();
  private int readers;
  private int passedOver;
  private boolean starving;
  private long bytesLocated;
  private long bytesLocal;

  /** Notes how many readers there are, known or not. */
  void expect(int readers) {
    this.readers = readers;
  }

  /**
   * Notes the names of a reader's machine.
   *
   * @return whether readers are on several machines, or may be
   */
  boolean startsAt(int reader, List<String> machine) {
    List<String> before = machines.put(reader, machine);
    if (!machine.equals(before)) {
      present.clear();
      machines.values().forEach(present::addAll);
    }
    return machines.size() < readers || machines.values().stream().distinct().count() > 1;
  }

  /** The names of a reader's machine; none if they are not known. */
  List<String> machineOf(int reader) {
    return machines.getOrDefault(reader, List.of());
  }

  /**
   * Adds a unit.
   *
   * @param hosts names of the machines that hold it
   * @param now in milliseconds
   */
  void add(UnitId id, long bytes, List<String> hosts, long now) {
    Waiting unit = new Waiting(bytes, id, hosts, now + LOCALITY_WAIT_MILLIS);
    boolean isNear =
        !hosts.isEmpty()
            && (machines.size() < readers || hosts.stream().anyMatch(present::contains));
    boolean unused = (isNear ? kept : open).add(unit);
    for (String host : hosts) {
      unused = byHost.computeIfAbsent(host, first -> new TreeSet<>(LARGEST_FIRST)).add(unit);
    }
  }

  /** Removes and returns the unit that a reader gets now, or null. */
  @Nullable UnitId poll(int reader, long now) {
    openThoseDue(now);
    Waiting near = nearest(machineOf(reader));
    Waiting next = choose(near, open.isEmpty() ? null : open.first());
    if (next == null) {
      starving |= !kept.isEmpty();
      return null;
    }
    if (!next.hosts().isEmpty()) {
      bytesLocated += next.bytes();
      bytesLocal += machineOf(reader).stream().anyMatch(next.hosts()::contains) ? next.bytes() : 0;
    }
    remove(next);
    return next.id();
  }

  private void openThoseDue(long now) {
    while (!kept.isEmpty() && kept.first().opens() <= now) {
      boolean unused = open.add(kept.pollFirst());
      starving = false;
    }
  }

  private @Nullable Waiting nearest(List<String> machine) {
    Waiting nearest = null;
    for (String host : machine) {
      NavigableSet<Waiting> held = byHost.get(host);
      if (held != null && (nearest == null || LARGEST_FIRST.compare(held.first(), nearest) < 0)) {
        nearest = held.first();
      }
    }
    return nearest;
  }

  private @Nullable Waiting choose(@Nullable Waiting near, @Nullable Waiting any) {
    if (near == null || any == null) {
      return near == null ? any : near;
    }
    if (LARGEST_FIRST.compare(near, any) <= 0) {
      return near;
    }
    passedOver = passedOver < MOST_PASSED_OVER ? passedOver + 1 : 0;
    return passedOver == 0 ? any : near;
  }

  private void remove(Waiting unit) {
    boolean unused = open.remove(unit) || kept.remove(unit);
    for (String host : unit.hosts()) {
      byHost.computeIfPresent(
          host, (name, held) -> held.remove(unit) && held.isEmpty() ? null : held);
    }
  }

  /** Whether there are units that only readers on some machines get now. */
  boolean isKeeping() {
    return !kept.isEmpty();
  }

  /** When the next unit opens to all, if a reader has got none meanwhile. */
  OptionalLong nextOpen() {
    return starving && !kept.isEmpty()
        ? OptionalLong.of(kept.first().opens())
        : OptionalLong.empty();
  }

  int size() {
    return open.size() + kept.size();
  }

  /** How many bytes were handed out for which it was known which machines hold them. */
  long bytesLocated() {
    return bytesLocated;
  }

  /** How many of those went to a reader on such a machine. */
  long bytesLocal() {
    return bytesLocal;
  }
}
