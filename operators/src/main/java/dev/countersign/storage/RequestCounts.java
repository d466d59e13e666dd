package dev.countersign.storage;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * How many requests were sent to object stores. What a thread does is counted where {@link #scope}
 * says; outside of any, it is not counted. Thread safe.
 */
public final class RequestCounts {

  /** What was asked for. */
  public enum Kind {
    /** A page of a listing. */
    LIST,
    /** What is stored under a key. */
    HEAD,
    /** Bytes of an object. */
    GET,
    /** A store's own description of an object before its bytes can be read. */
    METADATA,
    /** An object, or a part of one, to be stored. */
    PUT,
    /** That an object be deleted. */
    DELETE
  }

  /** What is counted until it is closed, by the thread that opened it. */
  public interface Scope extends AutoCloseable {
    @Override
    void close();
  }

  private static final ThreadLocal<@Nullable RequestCounts> CURRENT = new ThreadLocal<>();

  private final Map<Kind, LongAdder> requests = new EnumMap<>(Kind.class);

  /** Makes counts of nothing. */
  public RequestCounts() {
    for (Kind kind : Kind.values()) {
      requests.put(kind, new LongAdder());
    }
  }

  /** Counts what this thread requests here, until the scope is closed; in place of any other. */
  public Scope scope() {
    RequestCounts before = CURRENT.get();
    CURRENT.set(this);
    return () -> {
      if (before == null) {
        CURRENT.remove();
      } else {
        CURRENT.set(before);
      }
    };
  }

  /**
   * Returns where this thread's requests are counted, for other threads that send some for it;
   * empty outside of any scope.
   */
  public static Optional<RequestCounts> current() {
    return Optional.ofNullable(CURRENT.get());
  }

  /** Counts a request of this thread. */
  public static void sent(Kind kind) {
    RequestCounts current = CURRENT.get();
    if (current != null) {
      current.counter(kind).increment();
    }
  }

  /** Returns the counts that are not 0, by the name of the kind. */
  public Map<String, Long> byKind() {
    Map<String, Long> sent = new TreeMap<>();
    requests.forEach(
        (kind, count) -> {
          if (count.sum() > 0) {
            sent.put(kind.name(), count.sum());
          }
        });
    return sent;
  }

  /** Returns the sums of two such counts. */
  public static Map<String, Long> plus(Map<String, Long> some, Map<String, Long> others) {
    Map<String, Long> sums = new TreeMap<>(some);
    others.forEach((kind, count) -> sums.merge(kind, count, Long::sum));
    return sums;
  }

  /** Returns how many requests of a kind there were so far. */
  public long of(Kind kind) {
    return counter(kind).sum();
  }

  private LongAdder counter(Kind kind) {
    return Objects.requireNonNull(requests.get(kind));
  }
}
