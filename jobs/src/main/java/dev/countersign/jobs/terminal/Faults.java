package dev.countersign.jobs.terminal;

import dev.countersign.catalog.CatalogException;
import dev.countersign.keys.KeyFormatException;
import dev.countersign.listings.MalformedListingException;
import dev.countersign.options.UsageException;
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

  private Faults() {}

  /** Returns what the user got wrong; empty if it was not that. */
  public static Optional<String> usage(Throwable failure) {
    for (Throwable cause : chain(failure)) {
      if (cause instanceof CatalogException
          || cause instanceof KeyFormatException
          || cause instanceof TrustException
          || cause instanceof ChainException
          || cause instanceof MalformedListingException
          || cause instanceof UsageException) {
        return Optional.of(String.valueOf(cause.getMessage()));
      }
    }
    return Optional.empty();
  }

  /** Returns the innermost cause in one line. */
  public static String innermost(Throwable failure) {
    List<Throwable> chain = chain(failure);
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
