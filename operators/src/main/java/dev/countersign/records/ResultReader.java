package dev.countersign.records;

import dev.countersign.schemas.ModelResult;
import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Reads the results of one file, one after the other. Not thread safe; the caller closes it. */
public interface ResultReader extends Closeable {

  /**
   * Returns the next result, or null after the last one.
   *
   * @throws MalformedResultsException if the file breaks a rule of its format
   * @throws IOException if the file cannot be read
   */
  @Nullable ModelResult next() throws IOException;
}
