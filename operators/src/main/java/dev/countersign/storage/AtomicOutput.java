package dev.countersign.storage;

import java.io.IOException;
import java.io.OutputStream;

/**
 * A file that is written piece by piece and appears under its name when it is complete, in the
 * place of what is there. Until then the bytes are stored in the same folder, under a name from
 * {@link TemporaryNames}. Buffered; not thread safe.
 */
public abstract class AtomicOutput extends OutputStream {

  /** Makes an output that nothing has been written to. */
  protected AtomicOutput() {}

  /**
   * Makes all that was written durable where the store can, still under the temporary name. Nothing
   * may be written after that. What takes long is done here, so that {@link #commit} takes little.
   */
  public abstract void complete() throws IOException;

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

  /** Writes the whole content, commits it, and closes the output whatever happens. */
  public void writeAll(byte[] content) throws StorageException {
    try (AtomicOutput output = this) {
      try {
        output.write(content);
        output.commit();
      } catch (IOException e) {
        throw output.explain(e);
      }
    } catch (IOException e) {
      throw explain(e); // What is left of it could not be removed.
    }
  }

  /** Removes what was written, unless it was committed. */
  @Override
  public abstract void close() throws IOException;
}
