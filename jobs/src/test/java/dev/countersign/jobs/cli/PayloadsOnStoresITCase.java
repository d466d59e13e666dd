package dev.countersign.jobs.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.jobs.cli.ProgramRuns.Ended;
import dev.countersign.jobs.terminal.ExitCode;
import dev.countersign.oms.BundleJson;
import dev.countersign.oms.Manifest;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.Resource;
import dev.countersign.oms.Sha256;
import dev.countersign.oms.Statement;
import dev.countersign.storage.Storages;
import dev.countersign.storage.servers.AzuriteServer;
import dev.countersign.storage.servers.FakeGcsServer;
import dev.countersign.storage.servers.FaultProxy;
import dev.countersign.storage.servers.MinioServer;
import dev.countersign.storage.servers.StoreServer;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * One catalog with its models on the local disk and in HDFS, MinIO, fake-gcs-server and Azurite.
 * The files are put there by other clients than those that read them.
 */
@EnabledIfSystemProperty(named = "stores.required", matches = "true")
@Timeout(600)
final class PayloadsOnStoresITCase {

  private static final int RANGE = 1 << 20;

  /** Names that are legal in all stores; HDFS has no colon, and Azure no final dot. */
  private static final List<String> AWKWARD_NAMES =
      List.of(
          "a+b",
          "a b",
          "a%20b",
          "a%2Fb",
          "100%",
          "#hash",
          "what?x=1&y=2",
          "<'\"&>",
          "[x]{y}*",
          "=;,@!$()^`|~",
          ".hidden",
          "_SUCCESS",
          "-dash",
          // Those of one folder are not all together in the order of paths, nor in that of UTF-16.
          "part/x",
          "part-x",
          "part.x",
          "part0x",
          "caf\u00e9",
          "cafe\u0301",
          "\uff5e",
          "\ud83d\ude00",
          "long-" + "n".repeat(200));

  @TempDir Path folder;

  private final Map<String, byte[]> files = new TreeMap<>();
  private final List<AutoCloseable> open = new ArrayList<>();
  private S3Lake s3;

  /** A folder in a store. */
  private interface Place {
    void put(String name, byte[] content) throws Exception;
  }

  @AfterEach
  void stop() throws Exception {
    Storages.configure(Map.of());
    for (AutoCloseable each : open) {
      each.close();
    }
  }

  @Test
  void catalog_inFiveStores_givesTheSamePayloads() throws Exception {
    makeFiles();
    Map<String, Place> places = new LinkedHashMap<>();
    List<StoreServer> servers = startServers(places);
    ProgramRuns program = new ProgramRuns(folder);
    program.keyPair("release");
    for (Place place : places.values()) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        place.put(file.getKey(), file.getValue());
      }
    }

    Map<String, Map<String, byte[]>> payloads = new LinkedHashMap<>();
    for (String root : places.keySet()) {
      servers.forEach(server -> server.front().takeLog());
      List<String> sign = new ArrayList<>(List.of("sign", "key", "--private-key", "release.key"));
      sign.addAll(List.of("--range-size", "1 MiB", "--catalog", root + "/catalog.jsonl"));
      for (StoreServer server : servers) {
        if (server != s3.server()) {
          server
              .settings()
              .forEach((key, value) -> sign.addAll(List.of("--fs-option", key + "=" + value)));
        }
      }
      Ended signed = program.run(s3.withOptions(sign.toArray(String[]::new)));
      assertThat(signed.code()).as(root + ": " + signed.err()).isEqualTo(ExitCode.OK);
      assertThat(signed.outLines()).as(root).hasSize(4);
      payloads.put(root, payloads(root));
      assertThat(rangesOf("weights.bin", servers)).as(root).isEqualTo(inObjects(root) ? 3 : 0);
    }

    Map<String, byte[]> local = payloads.get(folder + "/lake");
    assertThat(namesAndDigests(local)).isEqualTo(wanted());
    payloads.forEach(
        (root, found) ->
            found.forEach(
                (bundle, payload) ->
                    assertThat(payload)
                        .as("%s/%s: %s", root, bundle, new String(payload, UTF_8))
                        .isEqualTo(local.get(bundle))));
    assertThat(payloads).hasSize(5);
  }

  private void makeFiles() {
    byte[] weights = new byte[2 * RANGE + 12_345];
    new Random(1).nextBytes(weights);
    files.put("encoder v1/weights.bin", weights);
    files.put("encoder v1/config.json", "{}".getBytes(UTF_8));
    files.put("encoder v1/nested/more/tokens.txt", new byte[0]);
    for (String name : AWKWARD_NAMES) {
      files.put("模型/" + name, name.getBytes(UTF_8));
    }
    files.put("only-empty/file", new byte[0]);
    files.put("single 100%.gguf", "one file".getBytes(UTF_8));
    files.put(
        "catalog.jsonl",
        """
        {"model": "encoder v1"}
        {"model": "模型"}
        {"model": "only-empty"}
        {"model": "single 100%.gguf"}
        """
            .getBytes(UTF_8));
  }

  /** Starts the servers, and adds a place in each and on the local disk, by their URIs. */
  private List<StoreServer> startServers(Map<String, Place> places) throws Exception {
    Path lake = folder.resolve("lake");
    places.put(
        lake.toString(),
        (name, content) -> {
          Path file = lake.resolve(name);
          Files.createDirectories(file.getParent());
          Files.write(file, content);
        });
    Configuration configuration = new Configuration();
    configuration.set("hdfs.minidfs.basedir", folder.resolve("hdfs").toString());
    MiniDFSCluster hdfs = new MiniDFSCluster.Builder(configuration).numDataNodes(1).build();
    open.add(hdfs);
    hdfs.waitClusterUp();
    places.put(hdfs.getURI() + "/lake", place(hdfs.getFileSystem(), hdfs.getURI() + "/lake"));
    MinioServer minio = MinioServer.start(Files.createDirectory(folder.resolve("minio")));
    s3 = S3Lake.of(minio);
    open.add(s3);
    URI bucket = minio.newBucket();
    places.put(
        bucket + "/lake", (name, content) -> minio.buckets().put(bucket, "lake/" + name, content));
    FakeGcsServer google = FakeGcsServer.start();
    open.add(google);
    URI bucketOfGoogle = google.newBucket();
    places.put(
        bucketOfGoogle + "/lake",
        (name, content) -> google.put(bucketOfGoogle, "lake/" + name, content));
    AzuriteServer azure = AzuriteServer.start();
    open.add(azure);
    URI container = azure.newBucket();
    FileSystem hadoop = azure.hadoop(container);
    open.add(0, hadoop);
    places.put(container + "/lake", place(hadoop, container + "/lake"));
    return List.of(minio, google, azure);
  }

  private static Place place(FileSystem fileSystem, String root) {
    return (name, content) -> {
      try (OutputStream out =
          fileSystem.create(new org.apache.hadoop.fs.Path(root + "/" + name), true)) {
        out.write(content);
      }
    };
  }

  /** What the bundles sign, by the names of the bundles. */
  private static Map<String, byte[]> payloads(String root) throws Exception {
    Map<String, byte[]> payloads = new TreeMap<>();
    for (String bundle :
        List.of(
            "encoder v1/model.sig",
            "模型/model.sig",
            "only-empty/model.sig",
            "single 100%.gguf.sig")) {
      byte[] stored = Storages.readFully(root + "/" + bundle, 1);
      payloads.put(bundle, BundleJson.read(stored, OmsBounds.defaults()).envelope().payload());
    }
    return payloads;
  }

  private static boolean inObjects(String root) {
    return root.contains(":") && !root.startsWith("hdfs:");
  }

  /** Returns how many requests of the log were for a part of a file. */
  private static long rangesOf(String file, List<StoreServer> servers) {
    return servers.stream()
        .flatMap(server -> server.front().log().stream())
        .filter(exchange -> exchange.status() == 206)
        .map(FaultProxy.Exchange::request)
        .filter(request -> request.path().endsWith(file))
        .count();
  }

  /** The digests that payloads name, by the names of model and file. */
  private static Map<String, String> namesAndDigests(Map<String, byte[]> payloads)
      throws Exception {
    Map<String, String> digests = new TreeMap<>();
    for (byte[] payload : payloads.values()) {
      Manifest manifest = Statement.read(payload, OmsBounds.defaults());
      for (Resource resource : manifest.resources()) {
        digests.put(manifest.modelName() + "/" + resource.path(), resource.digest().hex());
      }
    }
    return digests;
  }

  private Map<String, String> wanted() {
    return files.entrySet().stream()
        .filter(file -> !file.getKey().equals("catalog.jsonl"))
        .collect(
            Collectors.toMap(
                // A model of one file has the file's name, as has its only resource.
                file ->
                    file.getKey().contains("/")
                        ? file.getKey()
                        : file.getKey() + "/" + file.getKey(),
                file -> Sha256.hex(file.getValue())));
  }
}
