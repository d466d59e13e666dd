package dev.countersign.jobs.pipeline;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.util.Arrays;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * A folder of the local disk under a name that is the same everywhere, so that a state that was
 * recorded on one machine holds on another: {@code fixture:///x} is {@code x} below the folder that
 * a system property names. Slow files are slow, as in {@link FaultyFileSystem}.
 */
public final class FixtureFileSystem extends FaultyFileSystem {

  /** The system property that names the folder. */
  public static final String ROOT = "countersign.test.fixture-root";

  private static final String SCHEME = "fixture";

  @Override
  public String getScheme() {
    return SCHEME;
  }

  @Override
  public URI getUri() {
    return URI.create(SCHEME + ":///");
  }

  @Override
  public File pathToFile(Path path) {
    return new File(System.getProperty(ROOT), path.toUri().getPath());
  }

  @Override
  public FileStatus getFileStatus(Path path) throws IOException {
    return named(super.getFileStatus(path), path);
  }

  @Override
  public FileStatus[] listStatus(Path folder) throws IOException {
    return Arrays.stream(super.listStatus(folder))
        .map(status -> named(status, new Path(folder, status.getPath().getName())))
        .toArray(FileStatus[]::new);
  }

  /** The status under this file system's name, not that of the disk. */
  private FileStatus named(FileStatus status, Path path) {
    return new FileStatus(
        status.getLen(),
        status.isDirectory(),
        1,
        status.getBlockSize(),
        status.getModificationTime(),
        path.makeQualified(getUri(), null));
  }
}
