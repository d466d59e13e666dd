package dev.countersign.jobs.terminal;

import dev.countersign.text.Printable;
import java.util.regex.Pattern;

/** A value as one types it in a shell. */
public final class ShellWord {

  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./:@%+=,-]+");

  private ShellWord() {}

  /** Returns the value, quoted if it must be; what would spoil a terminal is escaped. */
  public static String of(String value) {
    if (PLAIN.matcher(value).matches()) {
      return value;
    }
    return "'" + Printable.whole(value).replace("'", "'\\''") + "'";
  }
}
