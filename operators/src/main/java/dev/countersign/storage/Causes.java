package dev.countersign.storage;

import java.util.ArrayList;
import java.util.List;

/** Chains of the causes of exceptions. */
public final class Causes {

  /** A chain may be longer, or lead back to itself. */
  private static final int MAX_CAUSES = 10;

  private Causes() {}

  /** Returns an exception and its causes, from the outermost; at most the first ten. */
  public static List<Throwable> of(Throwable fault) {
    List<Throwable> chain = new ArrayList<>();
    for (Throwable at = fault; at != null && chain.size() < MAX_CAUSES; at = at.getCause()) {
      chain.add(at);
    }
    return chain;
  }
}
