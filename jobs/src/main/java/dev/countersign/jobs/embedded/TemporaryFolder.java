package dev.countersign.jobs.embedded;

import dev.countersign.text.Printable;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;
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
      delete(path);
    } catch (IOException e) {
      LOG.warn("Cannot delete {}; it may be deleted by hand", Printable.of(path.toString()), e);
    }
  }

  /**
   * Deletes a folder; links in it are deleted, not followed. Passes over what somebody else, such
   * as a thread that ends late, deleted before.
   *
   * @throws IOException if something resists
   */
  public static void delete(Path folder) throws IOException {
    Path unused = Files.walkFileTree(folder, new Visitor());
  }

  private static final class Visitor extends SimpleFileVisitor<Path> {

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.deleteIfExists(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
      if (failure instanceof NoSuchFileException) {
        return FileVisitResult.CONTINUE;
      }
      throw failure;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
        throws IOException {
      Files.deleteIfExists(folder);
      return FileVisitResult.CONTINUE;
    }
  }
}
