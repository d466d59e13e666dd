package dev.countersign.storage.servers;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.azurebfs.services.KeyProvider;

/**
 * Azurite's service for blobs as a process of Node.js. It has accounts without a hierarchy only.
 */
public final class AzuriteServer implements StoreServer {

  /** System property with the path of its script; tests that need it are skipped without. */
  public static final String SCRIPT = "stores.azurite";

  private static final String ACCOUNT = "devstoreaccount1.dfs.core.windows.net";

  /** Everybody's, as Azurite's manual gives it. */
  private static final String KEY =
      "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

  private final ServerProcess process;
  private final FaultProxy front;

  private AzuriteServer(ServerProcess process, FaultProxy front) {
    this.process = process;
    this.front = front;
  }

  /** Starts the script that the system property names. */
  public static AzuriteServer start() throws Exception {
    Path folder =
        Files.createTempDirectory(Files.createDirectories(Path.of("target", "servers")), "azurite");
    ServerProcess process =
        ServerProcess.start(
            "azurite",
            port ->
                List.of(
                    "node",
                    System.getProperty(SCRIPT),
                    "--blobHost",
                    "127.0.0.1",
                    "--blobPort",
                    String.valueOf(port),
                    "--location",
                    folder.toString(),
                    "--skipApiVersionCheck",
                    "--loose",
                    "--silent",
                    "--disableTelemetry"));
    return new AzuriteServer(process, FaultProxy.start(process.uri()));
  }

  /** Makes a container, as Hadoop's connector does. */
  @Override
  public URI newBucket() throws Exception {
    URI container = URI.create("abfs://lab-" + UUID.randomUUID() + "@" + ACCOUNT);
    try (FileSystem made = hadoop(container)) {
      return container;
    }
  }

  /** Returns Hadoop's own file system of a container, which is made if it is missing. */
  public FileSystem hadoop(URI container) throws Exception {
    Configuration configuration = new Configuration();
    settings().forEach(configuration::set);
    configuration.set("fs.azure.fns.account.service.type", "BLOB");
    configuration.set("fs.azure.account.hns.enabled", "false");
    configuration.set("fs.azure.networking.library", "JDK_HTTP_URL_CONNECTION");
    configuration.set("fs.azure.createRemoteFileSystemDuringInitialization", "true");
    return FileSystem.newInstance(container, configuration);
  }

  @Override
  public Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>();
    settings.put("fs.azure.abfs.endpoint", front.uri().getAuthority());
    settings.put("fs.azure.always.use.https", "false");
    settings.put("fs.azure.account.auth.type." + ACCOUNT, "SharedKey");
    settings.put("fs.azure.account.keyprovider", Key.class.getName());
    return settings;
  }

  /** Gives the key to whoever names this class, so that it is in no setting. */
  public static final class Key implements KeyProvider {

    @Override
    public String getStorageAccountKey(String account, Configuration configuration) {
      return KEY;
    }
  }

  @Override
  public FaultProxy front() {
    return front;
  }

  @Override
  public void close() throws Exception {
    front.close();
    process.close();
  }
}
