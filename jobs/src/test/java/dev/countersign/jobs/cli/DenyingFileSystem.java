package dev.countersign.jobs.cli;

import java.io.IOException;
import java.net.URI;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.security.AccessControlException;

/**
 * The local disk under a scheme of its own, where nobody may list a folder named {@code denied}.
 */
public final class DenyingFileSystem extends RawLocalFileSystem {

  static final String SCHEME = "denying";

  /** The option that makes it known to the program. */
  public static final String OPTION = "fs." + SCHEME + ".impl=" + DenyingFileSystem.class.getName();

  @Override
  public URI getUri() {
    return URI.create(SCHEME + ":///");
  }

  @Override
  public String getScheme() {
    return SCHEME;
  }

  @Override
  public RemoteIterator<FileStatus> listStatusIterator(Path folder) throws IOException {
    if (folder.getName().equals("denied")) {
      throw new AccessControlException("injected by a test");
    }
    return super.listStatusIterator(folder);
  }
}
