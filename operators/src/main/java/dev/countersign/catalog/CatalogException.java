package dev.countersign.catalog;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import dev.countersign.remedy.AdvisedException;
import dev.countersign.remedy.Remedy;
import dev.countersign.text.Message;
import org.jspecify.annotations.Nullable;

/**
 * What was asked for makes no sense as a whole, so that nothing may be started. The message names
 * what is wrong and the remedy; it is meant for the user and is already escaped for terminals.
 */
public final class CatalogException extends AdvisedException {

  /** Makes an exception without a cause. */
  public CatalogException(String message) {
    super(message, Remedy.NONE, null);
  }

  /** Makes an exception without a cause, whose message is formatted as in {@link String#format}. */
  @FormatMethod
  public static CatalogException of(@FormatString String format, Object... arguments) {
    return new CatalogException(Message.of(format, arguments));
  }

  /** Makes an exception; {@code cause} is null if there is none. */
  public CatalogException(String message, @Nullable Throwable cause) {
    super(message, Remedy.NONE, cause);
  }

  /** Makes an exception whose remedy names settings. */
  public CatalogException(String problem, Remedy remedy) {
    super(problem, remedy, null);
  }
}
