package dev.countersign.source;

import java.io.FileNotFoundException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.RemoteIterator;

/**
 * Models that nobody has to store: {@code hostile://here/ID/files-N} is a folder of N files with
 * long names, and {@code hostile://here/ID/bundle-N} a file of N bytes of JSON without end.
 */
public final class HostileModels extends RawLocalFileSystem {

  static final String SCHEME = "hostile";

  private static final String FILES = "files-";
  private static final String BUNDLE = "bundle-";

  /** Goes into the parser as one long list. */
  private static final byte[] JSON = "{\"x\":[0".getBytes(StandardCharsets.UTF_8);

  /** The URI of a model of so many files. */
  static String model(int id, int files) {
    return SCHEME + "://here/" + id + "/" + FILES + files;
  }

  /** The URI of a bundle of so many bytes. */
  static String bundle(int id, int bytes) {
    return SCHEME + "://here/" + id + "/" + BUNDLE + bytes;
  }

  @Override
  public URI getUri() {
    return URI.create(SCHEME + "://here/");
  }

  @Override
  public String getScheme() {
    return SCHEME;
  }

  @Override
  public FileStatus getFileStatus(Path path) throws FileNotFoundException {
    String name = path.getName();
    if (name.startsWith(BUNDLE)) {
      return new FileStatus(number(name, BUNDLE), false, 1, 1 << 20, 1, path);
    }
    if (name.startsWith(FILES)) {
      return new FileStatus(0, true, 1, 0, 1, path);
    }
    throw new FileNotFoundException(name);
  }

  @Override
  public RemoteIterator<FileStatus> listStatusIterator(Path path) {
    int files = number(path.getName(), FILES);
    return new RemoteIterator<>() {
      private int next;

      @Override
      public boolean hasNext() {
        return next < files;
      }

      @Override
      public FileStatus next() {
        Path file = new Path(path, "a-name-of-many-letters-as-they-are-in-models-" + next++);
        return new FileStatus(1, false, 1, 1 << 20, next, file);
      }
    };
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) {
    return new FSDataInputStream(new EndlessList(number(path.getName(), BUNDLE)));
  }

  private static int number(String name, String prefix) {
    return Integer.parseInt(name.substring(prefix.length()));
  }

  /** An {@link InputStream} that Hadoop takes. */
  private static final class EndlessList extends FSInputStream {
    private final int length;
    private int position;

    EndlessList(int length) {
      this.length = length;
    }

    @Override
    public int read() {
      if (position >= length) {
        return -1;
      }
      int at = position++;
      return at < JSON.length ? JSON[at] : at % 2 == 0 ? '0' : ',';
    }

    @Override
    public int read(byte[] bytes, int offset, int count) {
      int end = Math.min(count, length - position);
      for (int i = 0; i < end; i++) {
        bytes[offset + i] = (byte) read();
      }
      return end == 0 && count > 0 ? -1 : end;
    }

    @Override
    public void seek(long to) {
      position = (int) to;
    }

    @Override
    public long getPos() {
      return position;
    }

    @Override
    public boolean seekToNewSource(long target) {
      return false;
    }
  }
}
