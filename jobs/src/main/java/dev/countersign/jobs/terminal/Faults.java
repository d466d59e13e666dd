package dev.countersign.jobs.terminal;

import dev.countersign.catalog.CatalogException;
import dev.countersign.keys.KeyFormatException;
import dev.countersign.listings.MalformedListingException;
import dev.countersign.options.UsageException;
import dev.countersign.signing.SigningException;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import dev.countersign.trust.ChainException;
import dev.countersign.trust.TrustException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Finds out why a run broke, from the chain of causes that comes back from a cluster. */
public final class Faults {

  /** What Flink's settings for network buffers begin with; all its messages about them name one. */
  private static final String NETWORK_MEMORY = "taskmanager.memory.network";

  private Faults() {}

  /** Returns what the user got wrong; empty if it was not that. */
  public static Optional<String> usage(Throwable failure) {
    for (Throwable cause : chain(failure)) {
      if (cause instanceof SigningException signing && signing.endsRun()) {
        // Whatever caused it, models may have been signed before.
        return Optional.empty();
      }
      if (cause instanceof CatalogException
          || cause instanceof KeyFormatException
          || cause instanceof SigningException
          || cause instanceof TrustException
          || cause instanceof ChainException
          || cause instanceof MalformedListingException
          || cause instanceof UsageException) {
        return Optional.of(String.valueOf(cause.getMessage()));
      }
    }
    return Optional.empty();
  }

  /** Returns which setting of the cluster is too small for the run; empty if it was not that. */
  public static Optional<String> shortage(Throwable failure) {
    return chain(failure).stream()
        .map(cause -> String.valueOf(cause.getMessage()))
        .filter(message -> message.contains(NETWORK_MEMORY + ".max"))
        .findFirst()
        .map(
            message ->
                Message.of(
                    "a task manager has too few network buffers for this parallelism. Raise %s.min"
                        + " and %s.max, or lower --parallelism",
                    NETWORK_MEMORY, NETWORK_MEMORY));
  }

  /** Returns the innermost cause in one line; what a signer says, in its own words. */
  public static String innermost(Throwable failure) {
    List<Throwable> chain = chain(failure);
    for (Throwable cause : chain) {
      if (cause instanceof SigningException) {
        return String.valueOf(cause.getMessage());
      }
    }
    Throwable cause = chain.get(chain.size() - 1);
    String message =
        cause.getMessage() == null ? "" : cause.getMessage().lines().findFirst().orElse("");
    String type = cause.getClass().getSimpleName();
    return message.isEmpty() ? type : type + ": " + Printable.of(message);
  }

  private static List<Throwable> chain(Throwable failure) {
    List<Throwable> chain = new ArrayList<>();
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Throwable cause = failure; cause != null && seen.add(cause); cause = cause.getCause()) {
      chain.add(cause);
    }
    return chain;
  }
}
