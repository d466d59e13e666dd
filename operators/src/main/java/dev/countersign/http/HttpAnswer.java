package dev.countersign.http;

import dev.countersign.text.Printable;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * Answer of a service, which may be a refusal.
 *
 * @param status HTTP status
 * @param contentType what the body is said to be, in lower case; empty if it is not said
 * @param location value of the header {@code Location}; empty without it
 * @param body at most as long as was allowed; not copied
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record HttpAnswer(int status, String contentType, Optional<String> location, byte[] body) {

  /** Limit on the text of an error that is shown, in bytes. */
  private static final int MAX_SHOWN_BYTES = 200;

  /** Returns whether the status is one of success. */
  public boolean isSuccess() {
    return status >= 200 && status < 300;
  }

  /** Returns a description of a refusal, as the rest of a sentence that begins with "it". */
  public String refusal() {
    return "it answered with HTTP status " + status + ": " + shownBody();
  }

  /** Returns the beginning of the body as text for display. */
  public String shownBody() {
    byte[] start = Arrays.copyOf(body, Math.min(body.length, MAX_SHOWN_BYTES));
    return start.length == 0
        ? "(nothing more)"
        : Printable.of(new String(start, StandardCharsets.UTF_8).strip());
  }
}
