package dev.countersign.records;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A file of results breaks a rule of its format. The message says where and which. */
public final class MalformedResultsException extends IOException {

  private static final long serialVersionUID = 1L;

  MalformedResultsException(String message) {
    super(message);
  }

  MalformedResultsException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
