package dev.countersign.storage;

import java.io.IOException;
import java.io.OutputStream;

/**
 * A file that is written piece by piece and appears under its name when it is complete, in the
 * place of what is there. Until then the bytes lie where {@link Storages#temporary} says. Buffered;
 * not thread safe.
 */
public abstract class AtomicOutput extends OutputStream {

  /** Makes an output that nothing has been written to. */
  protected AtomicOutput() {}

  /**
   * Makes the file appear, durable where the store can. Nothing may be written after that.
   *
   * @throws IOException if it did not appear; what lay there before is still there
   */
  public abstract void commit() throws IOException;

  /**
   * Returns what to tell the user about a fault of {@link #write} or {@link #commit}: {@link
   * StorageException.Kind#NO_SPACE}, or {@link StorageException.Kind#NOT_WRITABLE} for anything
   * else.
   */
  public abstract StorageException explain(IOException fault);

  /** Removes what was written, unless it was committed. */
  @Override
  public abstract void close() throws IOException;
}
