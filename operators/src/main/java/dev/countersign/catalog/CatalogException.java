package dev.countersign.catalog;

import org.jspecify.annotations.Nullable;

/**
 * What was asked for makes no sense as a whole, so that nothing may be started. The message names
 * what is wrong and the remedy; it is meant for the user and is already escaped for terminals.
 */
public final class CatalogException extends Exception {

  private final String message;

  /** Makes an exception without a cause. */
  public CatalogException(String message) {
    this(message, null);
  }

  /** Makes an exception; {@code cause} is null if there is none. */
  public CatalogException(String message, @Nullable Throwable cause) {
    super(message, cause);
    this.message = message;
  }

  @Override
  public String getMessage() {
    return message;
  }
}
