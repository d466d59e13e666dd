package dev.countersign.jobs.cli;

import dev.countersign.storage.servers.S3ProxyServer;
import dev.countersign.storage.servers.S3Server;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A server that speaks S3, for commands whose credentials are system properties. */
final class S3Lake implements AutoCloseable {

  private static final String PROVIDER =
      "software.amazon.awssdk.auth.credentials.SystemPropertyCredentialsProvider";

  private final S3Server server;
  private final Map<String, String> credentials;

  private S3Lake(S3Server server) {
    this.server = server;
    this.credentials =
        Map.of(
            "aws.accessKeyId", server.settings().get("fs.s3a.access.key"),
            "aws.secretAccessKey", server.settings().get("fs.s3a.secret.key"));
  }

  /** Starts a server, and sets this process's credentials. */
  static S3Lake start() throws Exception {
    return of(S3ProxyServer.start());
  }

  /** Takes a server, which it closes, and sets this process's credentials. */
  static S3Lake of(S3Server server) {
    S3Lake lake = new S3Lake(server);
    lake.credentials.forEach(System::setProperty);
    return lake;
  }

  S3Server server() {
    return server;
  }

  /** Returns the system properties that hold the credentials, for another process. */
  Map<String, String> credentials() {
    return credentials;
  }

  /** Returns a command line with the options that the server needs. */
  String[] withOptions(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    server
        .settings()
        .forEach(
            (name, value) -> {
              if (!name.endsWith(".key")) {
                all.addAll(List.of("--fs-option", name + "=" + value));
              }
            });
    all.addAll(List.of("--fs-option", "fs.s3a.aws.credentials.provider=" + PROVIDER));
    return all.toArray(String[]::new);
  }

  @Override
  public void close() throws Exception {
    credentials.keySet().forEach(System::clearProperty);
    server.close();
  }
}
