package dev.countersign.options.declarations;

import dev.countersign.options.Command;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.Spelling;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** All options. Within a group, help shows them in this order. */
public final class DeclaredOptions {

  private static final List<DeclaredOption<?>> ALL =
      Stream.of(
              CatalogOptions.ALL,
              KeyOptions.ALL,
              CertificateOptions.ALL,
              SigstoreOptions.ALL,
              KeylessOptions.ALL,
              PolicyOptions.ALL,
              ModelOptions.ALL,
              DiscoveryOptions.ALL,
              OutputOptions.ALL,
              RunOptions.ALL,
              LimitOptions.ALL)
          .<DeclaredOption<?>>flatMap(List::stream)
          .toList();

  private DeclaredOptions() {}

  /** Returns all options. */
  public static List<DeclaredOption<?>> all() {
    return ALL;
  }

  /** Returns the options that a command accepts. */
  public static List<DeclaredOption<?>> of(Command command) {
    return ALL.stream().filter(option -> option.commands().contains(command)).toList();
  }

  /** Returns the option of that key; empty if there is none. */
  public static Optional<DeclaredOption<?>> named(String key) {
    return ALL.stream().filter(option -> option.key().equals(key)).findFirst();
  }

  /** Returns the key most similar to {@code key}; empty if none is similar. */
  public static Optional<String> nearest(String key) {
    return Spelling.nearest(key, ALL.stream().map(DeclaredOption::key).toList());
  }
}
