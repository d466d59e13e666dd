package dev.countersign.storage;

import java.util.List;
import java.util.function.Predicate;

/** Rules for models that may be anywhere, of which no regular file is left out by its kind. */
public final class ListingRulesFixture {

  private ListingRulesFixture() {}

  public static ListingRules of(
      Predicate<String> ignored,
      boolean allowSymlinks,
      List<String> symlinkRoots,
      int maxDepth,
      long maxFiles,
      long maxFileBytes) {
    return new ListingRules(
        ignored,
        allowSymlinks,
        symlinkRoots,
        maxDepth,
        maxFiles,
        maxFileBytes,
        GlobScope.ANYWHERE,
        name -> false,
        bytes -> {},
        name -> false);
  }
}
