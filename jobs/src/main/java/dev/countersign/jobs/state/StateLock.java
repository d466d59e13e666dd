package dev.countersign.jobs.state;

import dev.countersign.text.Printable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a state folder to one process. The system lets the lock go when the process ends, however
 * it does; the file stays, with the number of the process that had it last.
 */
final class StateLock implements AutoCloseable {

  /** What the file is called. */
  static final String NAME = "lock";

  private static final Logger LOG = LoggerFactory.getLogger(StateLock.class);

  private static final int MAX_PID_BYTES = 20;

  private final FileChannel channel;

  private StateLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the lock of a folder.
   *
   * @throws StateException if another process has it, or the folder cannot be written
   */
  static StateLock take(Path folder) throws StateException {
    FileChannel channel = null;
    try {
      channel =
          FileChannel.open(
              folder.resolve(NAME),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      FileLock lock = tryLock(channel);
      if (lock == null) {
        throw new StateException(
            String.format(
                Locale.ROOT,
                "The state folder %s is in use by %s. Wait until it has ended, or name another"
                    + " folder with --state.",
                Printable.of(folder.toString()),
                owner(channel)));
      }
      write(channel);
      return new StateLock(channel);
    } catch (StateException e) {
      close(channel);
      throw e;
    } catch (IOException e) {
      close(channel);
      throw new StateException(
          String.format(
              Locale.ROOT,
              "The state folder %s cannot be locked (%s). Name a local folder with --state that"
                  + " this user may write to.",
              Printable.of(folder.toString()),
              e.getClass().getSimpleName()),
          e);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // This very process has it.
      return null;
    }
  }

  private static String owner(FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(MAX_PID_BYTES);
    int unused = channel.read(bytes, 0);
    String pid = new String(bytes.array(), 0, bytes.position(), StandardCharsets.US_ASCII).strip();
    return pid.matches("[0-9]+") ? "process " + pid : "another process";
  }

  private static void write(FileChannel channel) throws IOException {
    byte[] pid = (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII);
    FileChannel unused = channel.truncate(0);
    int written = channel.write(ByteBuffer.wrap(pid), 0);
    if (written != pid.length) {
      throw new IOException("the lock is cut off");
    }
  }

  @Override
  public void close() {
    close(channel);
  }

  private static void close(@Nullable FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      LOG.warn("Cannot let a lock go; it goes with the process", e);
    }
  }
}
