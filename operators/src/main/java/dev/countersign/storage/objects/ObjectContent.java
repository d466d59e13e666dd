package dev.countersign.storage.objects;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * What is to be stored. May be opened more than once, one after the other.
 *
 * @param length in bytes
 * @param source opens the content at its beginning
 */
public record ObjectContent(long length, Source source) {

  /** Opens the content. */
  @FunctionalInterface
  public interface Source {
    /** Returns the content from its first byte; the caller closes it. */
    InputStream open() throws IOException;
  }

  /** Returns content that is in memory; the array is not copied. */
  public static ObjectContent of(byte[] content) {
    return new ObjectContent(content.length, () -> new ByteArrayInputStream(content));
  }
}
