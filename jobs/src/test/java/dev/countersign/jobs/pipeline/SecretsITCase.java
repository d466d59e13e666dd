package dev.countersign.jobs.pipeline;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.countersign.hashing.KernelChoice;
import dev.countersign.http.HttpSettings;
import dev.countersign.jobs.SoftHsmTokens;
import dev.countersign.keys.KeyPairFiles;
import dev.countersign.keys.PassphraseSource;
import dev.countersign.pkcs11.Pkcs11Uri;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import dev.countersign.signing.IdentityTokenSource;
import dev.countersign.signing.KeySigningSettings;
import dev.countersign.signing.SigningLimits;
import dev.countersign.signing.SigstoreLog;
import dev.countersign.signing.SigstoreSigningSettings;
import dev.countersign.signing.TokenKeyPlace;
import dev.countersign.source.reading.ReadSettings;
import dev.countersign.source.units.WindowSettings;
import dev.countersign.trust.SigstoreFile;
import dev.countersign.trust.SigstoreInstance;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.interfaces.ECPrivateKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Searches everything that a run on a cluster shows or leaves for what opens its private key or is
 * its identity: job graph, web UI, logs, checkpoints, a savepoint, configuration, results and
 * bundles.
 */
@Timeout(600)
final class SecretsITCase {

  private static final String PASSPHRASE = "battery-81d4e0-staple";

  @TempDir Path folder;

  @Test
  void run_withAnEncryptedKey_showsAndLeavesNoSecret() throws Exception {
    TestRuns runs = new TestRuns(folder);
    KeyPair pair = KeyPairFiles.generate("P-256");
    Path secrets = Files.createDirectory(folder.resolve("secrets"));
    Path key = secrets.resolve("release.key");
    byte[] pem = KeyPairFiles.privatePem(pair.getPrivate(), Optional.of(PASSPHRASE.toCharArray()));
    Files.write(key, pem);
    Path passphrase = Files.writeString(secrets.resolve("passphrase"), PASSPHRASE + "\n");
    runs.signing =
        new KeySigningSettings(key.toString(), new PassphraseSource(passphrase.toString(), ""));

    Map<String, String> shown = shownBy(runs, "secrets", 1, Map.of());

    assertThat(shown.get("job graph")).as("what it may name").contains(key.toString());
    Map<String, String> hidden = forms(PASSPHRASE.getBytes(UTF_8), "passphrase");
    hidden.putAll(forms(scalar(pair), "private key"));
    hidden.put("encrypted key", new String(pem, UTF_8).lines().toList().get(2));
    assertHidden(hidden, shown);
  }

  /** The process that submits the job does not open the token; task managers do. */
  @Test
  void run_withAKeyInAToken_signsOnTaskManagersAndShowsNoPin() throws Exception {
    TestRuns runs = new TestRuns(folder);
    Path secrets = Files.createDirectory(folder.resolve("secrets"));
    SoftHsmTokens tokens = SoftHsmTokens.in(secrets.resolve("softhsm2.conf"));
    tokens.initialize("cluster");
    tokens.importKey(folder.resolve("test.key").toString(), "cluster", "models", "01");
    Path pin = Files.writeString(secrets.resolve("pin"), SoftHsmTokens.PIN + "\n");
    String module = "?module-path=" + SoftHsmTokens.MODULE + "&pin-source=file:" + pin;
    runs.signing =
        new KeySigningSettings(
            new TokenKeyPlace(
                Pkcs11Uri.parse("pkcs11:token=cluster;object=models" + module),
                PassphraseSource.pin("", ""),
                List.of()));

    Map<String, String> shown =
        shownBy(
            runs,
            "pins",
            2,
            Map.of(SoftHsmTokens.VARIABLE, tokens.configuration().toString()),
            "--add-opens=java.base/java.lang=ALL-UNNAMED");

    assertThat(shown.get("job graph")).as("what it may name").contains(pin.toString());
    assertHidden(forms(SoftHsmTokens.PIN.getBytes(UTF_8), "PIN"), shown);
  }

  private static void assertHidden(Map<String, String> hidden, Map<String, String> shown) {
    shown.forEach(
        (name, content) ->
            hidden.forEach(
                (what, secret) ->
                    assertThat(content.contains(secret)).as("%s in %s", what, name).isFalse()));
  }

  /** Runs on a cluster; returns all that is shown and left, by its name. */
  private Map<String, String> shownBy(
      TestRuns runs,
      String name,
      int workers,
      Map<String, String> environment,
      String... workerOptions)
      throws Exception {
    runs.configuration.setString("execution.checkpointing.interval", "500ms");
    runs.window = new WindowSettings(20, 1 << 20, 2, 1, 4_096, 1 << 20);
    runs.read = new ReadSettings(1, 1, 1 << 20, Duration.ofMinutes(1), false, KernelChoice.JDK);
    // So many that the run goes on until it is stopped.
    Path[] models = new Path[100];
    for (int i = 0; i < models.length; i++) {
      models[i] = Files.createDirectories(folder.resolve("models/m" + i));
      Files.write(
          models[i].resolve("weights" + FaultyFileSystem.SLOW),
          new byte[4 * FaultyFileSystem.PIECE]);
    }

    Map<String, String> shown = new LinkedHashMap<>();
    List<ModelResult> results;
    Map<String, String> patient = Map.of("heartbeat.timeout", "1min");
    try (RealCluster cluster = RealCluster.start(name, folder, patient)) {
      cluster.environmentOfNext.putAll(environment);
      for (int i = 0; i < workers; i++) {
        cluster.startWorker(workerOptions);
      }
      cluster.awaitWorkers(workers);
      runs.runner =
          graph -> {
            shown.put(
                "job graph", new String(InstantiationUtil.serializeObject(graph), ISO_8859_1));
            cluster.run(graph);
          };
      CompletableFuture<List<ModelResult>> run =
          CompletableFuture.supplyAsync(
              () -> sign(runs, models), task -> new Thread(task, "signer").start());
      cluster.awaitJob();
      awaitFile(folder.resolve("models"), ".sig", run);
      awaitFile(folder.resolve("checkpoints"), "_metadata", run);
      shown.putAll(webUi(cluster));
      cluster.stopWithSavepoint(folder.resolve("savepoints"));
      results = run.join();
    }

    assertThat(results).extracting(ModelResult::getOutcome).containsOnly(Outcome.SIGNED);
    shown.putAll(leftBy(name));
    assertThat(shown.keySet())
        .contains("job graph", "/jobmanager/config")
        .anyMatch(page -> page.endsWith("/checkpoints"))
        .anyMatch(page -> page.contains("/savepoints/") && page.endsWith("_metadata"))
        .anyMatch(page -> page.contains("/results-"))
        .anyMatch(page -> page.contains("jobmanager"))
        .anyMatch(page -> page.endsWith(".sig"));
    return shown;
  }

  /** A certificate that is refused: the failure of the whole job is shown and logged everywhere. */
  @Test
  void run_withAnIdentityToken_showsAndLeavesNoSecret() throws Exception {
    TestRuns runs = new TestRuns(folder);
    Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
    String signature = base64.encodeToString("horse-6c02af-correct".getBytes(UTF_8));
    String claims = "{\"iss\":\"https://issuer.example\",\"sub\":\"signer@example.org\"}";
    String token = "e30." + base64.encodeToString(claims.getBytes(UTF_8)) + "." + signature;
    Path secrets = Files.createDirectory(folder.resolve("secrets"));
    Path file = Files.writeString(secrets.resolve("token"), token + "\n");
    Path model = Files.createDirectories(folder.resolve("models/m"));
    Files.writeString(model.resolve("weights"), "weights");
    List<String> asked = new CopyOnWriteArrayList<>();
    HttpServer fulcio =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    fulcio.createContext(
        "/",
        exchange -> {
          asked.add(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
          exchange.sendResponseHeaders(400, -1);
          exchange.close();
        });
    fulcio.start();
    runs.signing = sigstore(file, "http://127.0.0.1:" + fulcio.getAddress().getPort());

    Map<String, String> shown = new LinkedHashMap<>();
    try (RealCluster cluster = RealCluster.start("identity-token", folder, Map.of())) {
      cluster.startWorker();
      cluster.awaitWorkers(1);
      runs.runner =
          graph -> {
            shown.put(
                "job graph", new String(InstantiationUtil.serializeObject(graph), ISO_8859_1));
            cluster.run(graph);
          };
      assertThatThrownBy(() -> sign(runs, model)).hasStackTraceContaining("HTTP status 400");
      shown.putAll(webUi(cluster));
    } finally {
      fulcio.stop(0);
    }

    assertThat(asked).isNotEmpty().allMatch(request -> request.contains(token));
    shown.putAll(leftBy("identity-token"));
    assertThat(shown.keySet())
        .anyMatch(name -> name.endsWith("/exceptions"))
        .anyMatch(name -> name.contains("identity-token-"));
    assertThat(String.join("", shown.values())).contains("HTTP status 400");
    assertThat(shown.get("job graph")).as("what it may name").contains(file.toString());
    Map<String, String> hidden = forms(token.getBytes(UTF_8), "token");
    hidden.put("signature of the token", signature);
    assertHidden(hidden, shown);
  }

  private static SigstoreSigningSettings sigstore(Path token, String address) throws IOException {
    String service =
        "[{\"url\":\""
            + address
            + "\",\"majorApiVersion\":1,\"validFor\":{\"start\":\"2024-01-01T00:00:00Z\"},"
            + "\"operator\":\"here\"}]";
    String config =
        "{\"mediaType\":\"application/vnd.dev.sigstore.signingconfig.v0.2+json\",\"caUrls\":"
            + service
            + ",\"rekorTlogUrls\":"
            + service
            + ",\"rekorTlogConfig\":{\"selector\":\"ANY\"},\"tsaConfig\":{\"selector\":\"ANY\"}}";
    Path root = Path.of("../operators/src/test/resources/sigstore/public/trusted_root.json");
    return new SigstoreSigningSettings(
        new IdentityTokenSource(token.toString(), ""),
        SigstoreSigningSettings.ExpectedIdentity.ANY,
        new SigstoreInstance(
            new SigstoreFile("root", Files.readAllBytes(root)),
            new SigstoreFile("config", config.getBytes(UTF_8))),
        SigstoreLog.REKOR_V1,
        new HttpSettings(Duration.ofSeconds(20)),
        SigningLimits.DEFAULT);
  }

  /** Returns the files and logs that a run on a cluster of that name left, by their paths. */
  private Map<String, String> leftBy(String cluster) throws IOException {
    Map<String, String> left = new LinkedHashMap<>();
    for (Path file : files(folder)) {
      if (!file.startsWith(folder.resolve("secrets"))) {
        left.put(file.toString(), Files.readString(file, ISO_8859_1));
      }
    }
    for (Path log : files(Path.of("target", "real-cluster"))) {
      if (log.getFileName().toString().startsWith(cluster + "-")) {
        left.put(log.toString(), Files.readString(log, ISO_8859_1));
      }
    }
    return left;
  }

  private static List<ModelResult> sign(TestRuns runs, Path... models) {
    try {
      return runs.run(Operation.SIGN, runs.faultyEntries(models));
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** The pages of the web UI, by their path. */
  private static Map<String, String> webUi(RealCluster cluster) throws Exception {
    String job = "/jobs/" + ids(page(cluster, "/jobs"), "\"id\":\"(\\w{32})\"").get(0);
    List<String> paths =
        new ArrayList<>(
            List.of(
                "/config",
                "/overview",
                "/jobs/overview",
                "/jobmanager/config",
                "/jobmanager/environment",
                "/jobmanager/thread-dump",
                "/taskmanagers",
                job,
                job + "/config",
                job + "/plan",
                job + "/jobmanager/config",
                job + "/accumulators?includeSerializedValue=true",
                job + "/checkpoints",
                job + "/checkpoints/config",
                job + "/exceptions"));
    ids(page(cluster, job), "\"id\":\"(\\w{32})\"")
        .forEach(vertex -> paths.add(job + "/vertices/" + vertex));
    ids(page(cluster, "/taskmanagers"), "\"id\":\"(worker-\\d+)\"")
        .forEach(
            worker -> {
              paths.add("/taskmanagers/" + worker);
              paths.add("/taskmanagers/" + worker + "/thread-dump");
            });
    Map<String, String> pages = new LinkedHashMap<>();
    for (String path : paths) {
      String page = page(cluster, path);
      assertThat(page).as(path).doesNotContain("\"errors\":");
      pages.put(path, page);
    }
    return pages;
  }

  private static String page(RealCluster cluster, String path) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(cluster.webUi() + path)).build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
  }

  private static List<String> ids(String page, String pattern) {
    List<String> ids =
        Pattern.compile(pattern).matcher(page).results().map(SecretsITCase::group).toList();
    assertThat(ids).as(page).isNotEmpty();
    return ids;
  }

  private static String group(MatchResult match) {
    return match.group(1);
  }

  /** A secret as it is, in hexadecimal and in base64. */
  private static Map<String, String> forms(byte[] secret, String name) {
    Map<String, String> forms = new LinkedHashMap<>();
    forms.put(name, new String(secret, ISO_8859_1));
    forms.put(name + " in hexadecimal", HexFormat.of().formatHex(secret));
    // The last characters depend on what follows.
    forms.put(
        name + " in base64",
        Base64.getEncoder().encodeToString(secret).substring(0, secret.length * 4 / 3 - 2));
    return forms;
  }

  private static byte[] scalar(KeyPair pair) {
    byte[] scalar = ((ECPrivateKey) pair.getPrivate()).getS().toByteArray();
    return scalar[0] == 0 ? Arrays.copyOfRange(scalar, 1, scalar.length) : scalar;
  }

  private static List<Path> files(Path below) throws IOException {
    try (Stream<Path> files = Files.walk(below)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  private static void awaitFile(Path below, String suffix, CompletableFuture<?> run)
      throws Exception {
    while (true) {
      assertThat(run).as("the run that writes " + suffix).isNotDone();
      try (Stream<Path> files = Files.walk(below)) {
        if (files.anyMatch(file -> file.toString().endsWith(suffix))) {
          return;
        }
      } catch (IOException | UncheckedIOException e) {
        // Changes meanwhile, or is not there yet.
      }
      Thread.sleep(50);
    }
  }
}
