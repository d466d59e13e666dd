package dev.countersign.storage.objects;

import dev.countersign.storage.AtomicOutput;
import dev.countersign.storage.StorageException;
import dev.countersign.text.Printable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Object while it is written. Its bytes are kept in memory, or in a local temporary file if there
 * are many, and sent when all of them are there: the store shows an object when its request ends.
 */
final class ObjectOutput extends AtomicOutput {

  /** The most bytes that are kept in memory. */
  static final int MEMORY_BYTES = 8 << 20;

  /** The store refused the object. */
  private static final class RefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    final StorageException fault;

    RefusedException(StorageException fault) {
      super(fault);
      this.fault = fault;
    }
  }

  private final ObjectClient client;
  private final String uri;
  private final PutCondition condition;
  private ByteArrayOutputStream memory = new ByteArrayOutputStream();
  private OutputStream output = memory;
  private @Nullable Path file;
  private long length;

  ObjectOutput(ObjectClient client, String uri, PutCondition condition) {
    this.client = client;
    this.uri = uri;
    this.condition = condition;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] content, int offset, int count) throws IOException {
    if (file == null && length + count > MEMORY_BYTES) {
      file = Files.createTempFile("countersign-", ".upload");
      output = Files.newOutputStream(file);
      memory.writeTo(output);
      memory = new ByteArrayOutputStream(0);
    }
    output.write(content, offset, count);
    length += count;
  }

  @Override
  public void complete() throws IOException {
    output.close();
  }

  @Override
  public void commit() throws IOException {
    complete();
    Path spilled = file;
    ObjectContent content =
        spilled == null
            ? ObjectContent.of(memory.toByteArray())
            : new ObjectContent(length, () -> Files.newInputStream(spilled));
    try {
      String unused = client.put(ObjectStorage.key(uri), content, condition);
    } catch (StorageException e) {
      throw new RefusedException(e);
    }
  }

  @Override
  public StorageException explain(IOException fault) {
    return fault instanceof RefusedException refused
        ? refused.fault
        : StorageException.of(
            StorageException.Kind.NOT_WRITABLE,
            uri,
            fault,
            "%s cannot be written: its temporary file on this host could not be (%s). Name another"
                + " folder for such files with -Djava.io.tmpdir.",
            Printable.of(uri),
            Printable.of(String.valueOf(fault.getMessage())));
  }

  @Override
  public void close() throws IOException {
    memory = new ByteArrayOutputStream(0);
    output.close();
    if (file != null) {
      Files.deleteIfExists(file);
    }
  }
}
