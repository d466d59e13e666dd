package dev.countersign.sink;

import java.net.URI;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystemFactory;
import org.apache.flink.core.fs.local.LocalFileSystem;

/** The local disk under a scheme that only Flink knows, as that of a plugin would be. */
public final class FlinkOnlyFileSystem implements FileSystemFactory {

  /** Its scheme. */
  static final String SCHEME = "flink-only";

  @Override
  public String getScheme() {
    return SCHEME;
  }

  @Override
  public FileSystem create(URI uri) {
    return LocalFileSystem.getSharedInstance();
  }
}
