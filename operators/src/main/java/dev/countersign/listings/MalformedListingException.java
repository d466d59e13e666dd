package dev.countersign.listings;

import java.io.IOException;

/** A file of listings breaks a rule of its format. The message names it and says what to do. */
public final class MalformedListingException extends IOException {

  private static final long serialVersionUID = 1L;

  MalformedListingException(String message) {
    super(message);
  }
}
