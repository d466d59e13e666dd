package dev.countersign.jobs.embedded;

import dev.countersign.text.Printable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A folder that only this user can read, and that goes with all that is in it when closed. */
public record TemporaryFolder(Path path) implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(TemporaryFolder.class);

  /**
   * Makes one below the JVM's temporary folder.
   *
   * @throws IOException if that cannot be written
   */
  public static TemporaryFolder create() throws IOException {
    return new TemporaryFolder(Files.createTempDirectory("countersign-"));
  }

  /** Deletes the folder; links in it are deleted, not followed. What resists is left there. */
  @Override
  public void close() {
    try {
      FolderDeletion.delete(path);
    } catch (IOException e) {
      LOG.warn("Cannot delete {}; it may be deleted by hand", Printable.of(path.toString()), e);
    }
  }
}
