package dev.countersign.storage.rest;

import dev.countersign.storage.StorageException;
import dev.countersign.storage.objects.StoredKey;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;

/** What a store answered. */
public final class RestAnswer {

  /** Of an answer that holds a range. */
  static final int PARTIAL = 206;

  private static final int OK = 200;
  private static final int MULTIPLE_CHOICES = 300;
  private static final int NOT_FOUND = 404;
  private static final int PRECONDITION_FAILED = 412;
  private static final int RANGE_NOT_SATISFIABLE = 416;

  private final int status;
  private final HttpHeaders headers;
  private final byte[] body;
  private final int received;

  RestAnswer(int status, HttpHeaders headers, byte[] body, int received) {
    this.status = status;
    this.headers = headers;
    this.body = body;
    this.received = received;
  }

  /** Returns its status code. */
  public int status() {
    return status;
  }

  /** Returns all of its body, not copied; empty if it was written to the caller's buffer. */
  public byte[] body() {
    return body;
  }

  /** Returns how many bytes were written to the caller's buffer. */
  int received() {
    return received;
  }

  /** Returns a header that holds a number; -1 if it is missing or holds none. */
  public long number(String name) {
    String value = header(name);
    return value.matches("\\d{1,18}") ? Long.parseLong(value) : -1;
  }

  /** Returns the first value of a header; empty if it is missing. */
  public String header(String name) {
    return headers.firstValue(name).orElse("");
  }

  /** Tells whether the store did what was requested. */
  public boolean isDone() {
    return status >= OK && status < MULTIPLE_CHOICES;
  }

  /** Returns the body as text. */
  public String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  /**
   * Does nothing unless the version of an object that a range was requested of is gone.
   *
   * @param uri of the object
   * @throws StorageException {@link StorageException.Kind#CHANGED} if it is
   */
  public void requireStillThere(String uri) throws StorageException {
    if (status == NOT_FOUND || status == PRECONDITION_FAILED || status == RANGE_NOT_SATISFIABLE) {
      throw RestFaults.replaced(uri);
    }
  }

  /**
   * Does nothing if this is all of a range of the planned object.
   *
   * @param uri of the object
   * @param version of the object that the store answered with
   * @throws StorageException {@link StorageException.Kind#CHANGED} if it is another object; {@link
   *     StorageException.Kind#UNREADABLE} and transient if bytes are missing
   */
  public void requireRange(String uri, StoredKey planned, String version, long start, int length)
      throws StorageException {
    if (isDone() && !version.equals(planned.version())) {
      throw StorageException.changed(uri, "was replaced since the model was listed");
    }
    String range = Message.of("bytes %d-%d/", start, start + length - 1);
    String given = header("Content-Range");
    if (status != PARTIAL || !given.startsWith(range)) {
      throw StorageException.of(
          StorageException.Kind.UNREADABLE,
          uri,
          "%s cannot be read: the store was asked for %d bytes from byte %d and answered with"
              + " status %d and the range '%s'. Check that the endpoint is one of an object store.",
          Printable.of(uri),
          length,
          start,
          status,
          Printable.of(given));
    }
    if (!given.equals(range + planned.length())) {
      throw StorageException.changed(
          uri, "does not have the %d bytes that were listed", planned.length());
    }
    if (received != length) {
      throw new StorageException(
          StorageException.Kind.UNREADABLE,
          uri,
          Message.of(
              "%s cannot be read: the store sent %d of %d bytes. Check the network.",
              Printable.of(uri), received, length),
          true,
          null);
    }
  }
}
