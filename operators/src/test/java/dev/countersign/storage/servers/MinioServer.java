package dev.countersign.storage.servers;

import java.io.IOException;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** MinIO as a process of its own. */
public final class MinioServer extends S3Server {

  private static final Duration START = Duration.ofSeconds(60);

  private final Process process;

  private MinioServer(Process process, FaultProxy front) {
    super(front);
    this.process = process;
  }

  /** Returns MinIO's program if the caller of the tests names it; empty if not. */
  public static String program() {
    return System.getProperty("stores.minio", "");
  }

  /** Starts a server on a free port that keeps its objects in a folder. */
  public static MinioServer start(Path folder) throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    ProcessBuilder command =
        new ProcessBuilder(
                program(),
                "server",
                "--quiet",
                "--address",
                "127.0.0.1:" + port,
                folder.resolve("data").toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("minio.log").toFile());
    command
        .environment()
        .putAll(
            Map.of(
                "MINIO_ROOT_USER", KEY,
                "MINIO_ROOT_PASSWORD", SECRET,
                "MINIO_BROWSER", "off"));
    Process process = command.start();
    URI uri = URI.create("http://127.0.0.1:" + port);
    try {
      awaitReady(process, uri);
      return new MinioServer(process, FaultProxy.start(uri));
    } catch (Exception e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private static void awaitReady(Process process, URI uri) throws Exception {
    long end = System.nanoTime() + START.toNanos();
    while (!isReady(uri)) {
      if (!process.isAlive() || System.nanoTime() > end) {
        throw new IOException("MinIO did not start");
      }
      Thread.sleep(50);
    }
  }

  private static boolean isReady(URI uri) throws IOException {
    HttpURLConnection ready =
        (HttpURLConnection) uri.resolve("/minio/health/ready").toURL().openConnection();
    try {
      return ready.getResponseCode() == 200;
    } catch (ConnectException e) {
      return false;
    } finally {
      ready.disconnect();
    }
  }

  @Override
  void stop() throws Exception {
    process.destroy();
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
  }
}
