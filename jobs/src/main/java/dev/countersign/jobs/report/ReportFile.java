package dev.countersign.jobs.report;

import dev.countersign.storage.TemporaryNames;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** A local file that appears when it is complete, in the place of one that is there. */
public final class ReportFile implements Closeable {

  private static final int BUFFER = 1 << 16;

  private final Path file;
  private final Path temporary;
  private final FileChannel channel;
  private final OutputStream stream;
  private boolean committed;

  /**
   * Begins to write.
   *
   * @param file absolute
   */
  public ReportFile(Path file) throws IOException {
    this.file = file;
    this.temporary = file.resolveSibling(TemporaryNames.next());
    this.channel =
        FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    this.stream = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER);
  }

  /** Returns what the content is written to. */
  public OutputStream stream() {
    return stream;
  }

  /** Makes the file appear. */
  public void commit() throws IOException {
    stream.flush();
    channel.force(true);
    channel.close();
    Files.move(
        temporary, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    committed = true;
  }

  /** Takes away what was written, unless it was committed. */
  @Override
  public void close() throws IOException {
    channel.close();
    if (!committed) {
      Files.deleteIfExists(temporary);
    }
  }
}
