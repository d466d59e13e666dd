package dev.countersign.text;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Makes texts for people, which are the same in every locale. */
public final class Message {

  private Message() {}

  /** Returns a text that is formatted as in {@link String#format}. */
  @FormatMethod
  public static String of(@FormatString String format, @Nullable Object... arguments) {
    return String.format(Locale.ROOT, format, arguments);
  }
}
