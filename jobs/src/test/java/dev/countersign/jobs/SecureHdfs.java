package dev.countersign.jobs;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.minikdc.MiniKdc;

/**
 * An HDFS that asks for Kerberos, and a KDC, in a process of their own, since a login to Hadoop is
 * that of a whole process. {@code /models/m} belongs to {@code alice}, whose keytab is {@code
 * alice.keytab}; the configuration for clients is in {@code conf}.
 */
public final class SecureHdfs implements AutoCloseable {

  private static final long PATIENCE_SECONDS = 120;

  private static final String PASSWORD = "changeit";

  private final Path folder;
  private final Process process;

  private SecureHdfs(Path folder, Process process) {
    this.folder = folder;
    this.process = process;
  }

  /** Starts both; they keep their files in {@code folder}, which exists. */
  public static SecureHdfs start(Path folder) throws IOException, InterruptedException {
    Path java = Path.of(System.getProperty("java.home"), "bin");
    Path log = folder.resolve("log");
    Process keys =
        new ProcessBuilder(
                java.resolve("keytool").toString(),
                "-genkeypair",
                "-alias",
                "hdfs",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-keystore",
                folder.resolve("tls.p12").toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    if (keys.waitFor() != 0) {
      throw new AssertionError(Files.readString(log));
    }
    Configuration tls = new Configuration(false);
    for (String store : List.of("keystore", "truststore")) {
      tls.set("ssl.server." + store + ".location", folder.resolve("tls.p12").toString());
      tls.set("ssl.server." + store + ".password", PASSWORD);
      tls.set("ssl.server." + store + ".type", "PKCS12");
    }
    tls.set("ssl.server.keystore.keypassword", PASSWORD);
    write(tls, Files.createDirectory(folder.resolve("tls")).resolve("ssl-server.xml"));
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    Process process =
        new ProcessBuilder(
                java.resolve("java").toString(),
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                folder.resolve("tls") + ":" + classPath,
                SecureHdfs.class.getName(),
                folder.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    SecureHdfs hdfs = new SecureHdfs(folder, process);
    hdfs.awaitReady(log);
    return hdfs;
  }

  private void awaitReady(Path log) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!Files.exists(folder.resolve("ready"))) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        close();
        throw new AssertionError("no secure HDFS: " + Files.readString(log));
      }
      Thread.sleep(100);
    }
  }

  /** Returns the URI of a path in it. */
  public String uri(String path) throws IOException {
    return Files.readString(folder.resolve("ready")) + path;
  }

  /** Returns the keytab of {@code alice@EXAMPLE.COM}. */
  public Path keytab() {
    return folder.resolve("alice.keytab");
  }

  /** Returns what a client has in its environment, without a ticket. */
  public Map<String, String> environment() {
    return Map.of(
        "HADOOP_CONF_DIR",
        folder.resolve("conf").toString(),
        "KRB5CCNAME",
        folder.resolve("no-ticket").toString());
  }

  /** Returns what a client's JVM is started with. */
  public String jvmOption() {
    return "-Djava.security.krb5.conf=" + folder.resolve("conf/krb5.conf");
  }

  @Override
  public void close() throws InterruptedException {
    int unused = process.destroyForcibly().waitFor();
  }

  /** Runs the servers until the process is ended. */
  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]);
    MiniKdc kdc =
        new MiniKdc(MiniKdc.createConf(), Files.createDirectory(folder.resolve("kdc")).toFile());
    kdc.start();
    String keytab = folder.resolve("hdfs.keytab").toString();
    kdc.createPrincipal(Path.of(keytab).toFile(), "hdfs/localhost", "HTTP/localhost");
    kdc.createPrincipal(folder.resolve("alice.keytab").toFile(), "alice");
    String realm = "@" + kdc.getRealm();
    Configuration client = new Configuration();
    client.set("hadoop.security.authentication", "kerberos");
    client.set("dfs.namenode.kerberos.principal", "hdfs/localhost" + realm);
    client.set("dfs.data.transfer.protection", "authentication");
    Configuration server = new Configuration(client);
    server.set("dfs.namenode.keytab.file", keytab);
    server.set("dfs.datanode.keytab.file", keytab);
    server.set("dfs.datanode.kerberos.principal", "hdfs/localhost" + realm);
    server.set("dfs.web.authentication.kerberos.principal", "HTTP/localhost" + realm);
    server.set("dfs.web.authentication.kerberos.keytab", keytab);
    server.set("dfs.block.access.token.enable", "true");
    server.set("dfs.http.policy", "HTTPS_ONLY");
    server.set("dfs.namenode.https-address", "localhost:0");
    server.set("dfs.datanode.https.address", "localhost:0");
    server.set("ignore.secure.ports.for.testing", "true");
    server.set("hdfs.minidfs.basedir", folder.resolve("hdfs").toString());
    MiniDFSCluster cluster = new MiniDFSCluster.Builder(server).numDataNodes(1).build();
    cluster.waitActive();
    FileSystem hdfs = cluster.getFileSystem();
    org.apache.hadoop.fs.Path model = new org.apache.hadoop.fs.Path("/models/m");
    try (OutputStream out = hdfs.create(new org.apache.hadoop.fs.Path(model, "weights"))) {
      out.write(new byte[100_000]);
    }
    hdfs.setOwner(model, "alice", "users");
    hdfs.setOwner(new org.apache.hadoop.fs.Path(model, "weights"), "alice", "users");
    Path conf = Files.createDirectory(folder.resolve("conf"));
    var unused = Files.copy(kdc.getKrb5conf().toPath(), conf.resolve("krb5.conf"));
    client.set("fs.defaultFS", cluster.getURI().toString());
    write(only(client, "hadoop.security.authentication", "fs.defaultFS"), conf, "core-site.xml");
    write(
        only(client, "dfs.namenode.kerberos.principal", "dfs.data.transfer.protection"),
        conf,
        "hdfs-site.xml");
    Files.writeString(folder.resolve("ready.part"), cluster.getURI().toString());
    unused = Files.move(folder.resolve("ready.part"), folder.resolve("ready"));
    Thread.currentThread().join();
  }

  private static Configuration only(Configuration of, String... keys) {
    Configuration some = new Configuration(false);
    for (String key : keys) {
      some.set(key, of.get(key));
    }
    return some;
  }

  private static void write(Configuration settings, Path folder, String name) throws IOException {
    write(settings, folder.resolve(name));
  }

  private static void write(Configuration settings, Path file) throws IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      settings.writeXml(out);
    }
  }
}
