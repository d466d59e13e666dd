package dev.countersign.source;

import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Local disk of a JVM that has this class as system property {@link #PROPERTY}. Counts the calls
 * below one prefix of paths in {@link StorageCalls}, but not reads, writes and syncs of open files.
 */
public final class CountedDisk extends FileSystemProvider {

  /** System property: the class of the default file system. */
  static final String PROPERTY = "java.nio.file.spi.DefaultFileSystemProvider";

  /** System property: what the paths begin with whose calls count. */
  static final String PREFIX = "countersign.counted.prefix";

  private final FileSystemProvider disk;
  private final FileSystem fileSystem;

  /** Called by the JDK. */
  public CountedDisk(FileSystemProvider disk) {
    this.disk = disk;
    this.fileSystem = new Root(disk.getFileSystem(URI.create("file:///")));
  }

  /** A path, or what comes from it, such as an open folder or a view of attributes. */
  private final class Counter implements InvocationHandler {
    private final Object target;
    private final String place;

    Counter(Object target, String place) {
      this.target = target;
      this.place = place;
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
      switch (method.getName()) {
        case "getFileSystem" -> {
          return fileSystem;
        }
        case "toRealPath" -> count("resolve", place);
        case "readAttributes", "getOwner" -> count("status", place);
        case "newDirectoryStream" -> count("folder", place);
        case "newByteChannel" -> count(opening((Set<?>) arguments[1]), place);
        case "move" -> count("rename", place);
        case "deleteFile" -> count("delete", place);
        default -> {}
      }
      Object[] raw =
          arguments == null
              ? new Object[0]
              : Arrays.stream(arguments).map(CountedDisk::raw).toArray();
      Object result;
      try {
        result = method.invoke(target, raw);
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
      if (result instanceof FileAttributeView view) {
        return counted(view, place, viewType(raw));
      }
      return Stream.of(Path.class, Iterator.class, SecureDirectoryStream.class)
          .filter(type -> type.isInstance(result))
          .findFirst()
          .<Object>map(type -> counted(result, result instanceof Path ? "" + result : place, type))
          .orElse(result);
    }
  }

  private static Class<?> viewType(Object... arguments) {
    return (Class<?>)
        Arrays.stream(arguments).filter(Class.class::isInstance).findFirst().orElseThrow();
  }

  private static void count(String call, Object place) {
    String prefix = System.getProperty(PREFIX);
    if (prefix != null && place.toString().startsWith(prefix)) {
      StorageCalls.add(call);
    }
  }

  private static String opening(Set<?> options) {
    return options.contains(StandardOpenOption.CREATE_NEW) ? "create" : "open";
  }

  private <T> T counted(Object target, String place, Class<T> type) {
    return type.cast(
        Proxy.newProxyInstance(
            CountedDisk.class.getClassLoader(), new Class<?>[] {type}, new Counter(target, place)));
  }

  private Path counted(Path path) {
    return counted(path, path.toString(), Path.class);
  }

  private static Object raw(Object argument) {
    return argument != null
            && Proxy.isProxyClass(argument.getClass())
            && Proxy.getInvocationHandler(argument) instanceof Counter counter
        ? counter.target
        : argument;
  }

  private static Path raw(Path path) {
    return (Path) raw((Object) path);
  }

  @Override
  public String getScheme() {
    return disk.getScheme();
  }

  @Override
  public FileSystem newFileSystem(URI uri, Map<String, ?> settings) throws IOException {
    return disk.newFileSystem(uri, settings);
  }

  @Override
  public FileSystem getFileSystem(URI uri) {
    return fileSystem;
  }

  @Override
  public Path getPath(URI uri) {
    return counted(disk.getPath(uri));
  }

  @Override
  public SeekableByteChannel newByteChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    count(opening(options), path);
    return disk.newByteChannel(raw(path), options, attributes);
  }

  @Override
  public FileChannel newFileChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    count(opening(options), path);
    return disk.newFileChannel(raw(path), options, attributes);
  }

  @Override
  @SuppressWarnings("unchecked") // What a stream of the disk's gives is wrapped one by one.
  public DirectoryStream<Path> newDirectoryStream(
      Path folder, DirectoryStream.Filter<? super Path> filter) throws IOException {
    count("folder", folder);
    DirectoryStream<Path> stream = disk.newDirectoryStream(raw(folder), filter);
    return counted(stream, folder.toString(), SecureDirectoryStream.class);
  }

  @Override
  public void createDirectory(Path folder, FileAttribute<?>... attributes) throws IOException {
    count("create folder", folder);
    disk.createDirectory(raw(folder), attributes);
  }

  @Override
  public void delete(Path path) throws IOException {
    count("delete", path);
    disk.delete(raw(path));
  }

  @Override
  public void copy(Path from, Path to, CopyOption... options) throws IOException {
    count("copy", from);
    disk.copy(raw(from), raw(to), options);
  }

  @Override
  public void move(Path from, Path to, CopyOption... options) throws IOException {
    count("rename", from);
    disk.move(raw(from), raw(to), options);
  }

  @Override
  public Path readSymbolicLink(Path link) throws IOException {
    count("resolve", link);
    return counted(disk.readSymbolicLink(raw(link)));
  }

  @Override
  public boolean isSameFile(Path path, Path other) throws IOException {
    count("status", path);
    return disk.isSameFile(raw(path), raw(other));
  }

  @Override
  public boolean isHidden(Path path) throws IOException {
    return disk.isHidden(raw(path));
  }

  @Override
  public FileStore getFileStore(Path path) throws IOException {
    count("status", path);
    return disk.getFileStore(raw(path));
  }

  @Override
  public void checkAccess(Path path, AccessMode... modes) throws IOException {
    count("status", path);
    disk.checkAccess(raw(path), modes);
  }

  @Override
  public <V extends FileAttributeView> V getFileAttributeView(
      Path path, Class<V> type, LinkOption... options) {
    return counted(disk.getFileAttributeView(raw(path), type, options), path.toString(), type);
  }

  @Override
  public <A extends BasicFileAttributes> A readAttributes(
      Path path, Class<A> type, LinkOption... options) throws IOException {
    count("status", path);
    return disk.readAttributes(raw(path), type, options);
  }

  @Override
  public Map<String, Object> readAttributes(Path path, String names, LinkOption... options)
      throws IOException {
    count("status", path);
    return disk.readAttributes(raw(path), names, options);
  }

  @Override
  public void setAttribute(Path path, String name, Object value, LinkOption... options)
      throws IOException {
    disk.setAttribute(raw(path), name, value, options);
  }

  /** The file system whose paths count. */
  private final class Root extends FileSystem {
    private final FileSystem root;

    Root(FileSystem root) {
      this.root = root;
    }

    @Override
    public FileSystemProvider provider() {
      return CountedDisk.this;
    }

    @Override
    public void close() throws IOException {
      root.close();
    }

    @Override
    public boolean isOpen() {
      return root.isOpen();
    }

    @Override
    public boolean isReadOnly() {
      return root.isReadOnly();
    }

    @Override
    public String getSeparator() {
      return root.getSeparator();
    }

    @Override
    public Iterable<Path> getRootDirectories() {
      return root.getRootDirectories();
    }

    @Override
    public Iterable<FileStore> getFileStores() {
      return root.getFileStores();
    }

    @Override
    public Set<String> supportedFileAttributeViews() {
      return root.supportedFileAttributeViews();
    }

    @Override
    public Path getPath(String first, String... more) {
      return counted(root.getPath(first, more));
    }

    @Override
    public PathMatcher getPathMatcher(String pattern) {
      PathMatcher matcher = root.getPathMatcher(pattern);
      return path -> matcher.matches(raw(path));
    }

    @Override
    public UserPrincipalLookupService getUserPrincipalLookupService() {
      return root.getUserPrincipalLookupService();
    }

    @Override
    public WatchService newWatchService() throws IOException {
      return root.newWatchService();
    }
  }
}
