package dev.countersign.storage.servers;

import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * s3proxy in this JVM. Its libraries are other versions than ours, so it has a class loader of its
 * own.
 */
public final class S3ProxyServer extends S3Server {

  /** Written by the module {@code .build/s3proxy}, and seen from the folder of a module. */
  private static final Path JARS = Path.of("../.build/s3proxy/target/classpath");

  private final URLClassLoader loader;
  private final Object server;

  private S3ProxyServer(URLClassLoader loader, Object server, FaultProxy front) {
    super(front);
    this.loader = loader;
    this.server = server;
  }

  /** Starts a server on a free port that keeps its objects in memory. */
  public static S3ProxyServer start() throws Exception {
    URLClassLoader loader =
        new URLClassLoader("s3proxy", jars(), ClassLoader.getPlatformClassLoader());
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(loader);
    try {
      Class<?> builder = loader.loadClass("org.gaul.s3proxy.junit.S3ProxyJunitCore$Builder");
      Object settings = builder.getConstructor().newInstance();
      builder
          .getMethod("withCredentials", String.class, String.class)
          .invoke(settings, KEY, SECRET);
      builder.getMethod("withBlobStoreProvider", String.class).invoke(settings, "transient-nio2");
      Object server = builder.getMethod("build").invoke(settings);
      server.getClass().getMethod("beforeEach").invoke(server);
      URI uri = (URI) server.getClass().getMethod("getUri").invoke(server);
      return new S3ProxyServer(loader, server, FaultProxy.start(uri));
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  @Override
  void stop() throws Exception {
    server.getClass().getMethod("afterEach").invoke(server);
    loader.close();
  }

  private static URL[] jars() throws IOException {
    String list;
    try {
      list = Files.readString(JARS).strip();
    } catch (NoSuchFileException e) {
      throw new IOException("No list of s3proxy's jars. Run: mvn -f .build/s3proxy package", e);
    }
    List<URL> jars = new ArrayList<>();
    jars.add(silence().toUri().toURL());
    for (String jar : list.split(":", -1)) {
      jars.add(Path.of(jar).toUri().toURL());
    }
    return jars.toArray(URL[]::new);
  }

  /** Makes a folder with the configuration by which its own logging says nothing. */
  private static Path silence() throws IOException {
    Path folder = Files.createDirectories(Path.of("target", "s3proxy"));
    Files.writeString(
        folder.resolve("logback.xml"), "<configuration><root level=\"OFF\"/></configuration>");
    return folder;
  }
}
