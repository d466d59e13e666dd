package dev.countersign.jobs.terminal;

import dev.countersign.text.Printable;

/**
 * What a user calls a place: its path from the working folder if it lies below it, its URI
 * otherwise; escaped for terminals, see {@link Printable#name}.
 */
public final class ShownModel {

  private final String prefix;

  /** Shows places as seen from {@code workingDirectory}, an absolute path. */
  public ShownModel(String workingDirectory) {
    this.prefix = workingDirectory.endsWith("/") ? workingDirectory : workingDirectory + "/";
  }

  /** Returns what to show for a URI. */
  public String of(String uri) {
    boolean below = uri.startsWith(prefix) && uri.length() > prefix.length();
    return Printable.name(below ? uri.substring(prefix.length()) : uri);
  }
}
