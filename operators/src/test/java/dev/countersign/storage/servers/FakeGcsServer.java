package dev.countersign.storage.servers;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** fake-gcs-server as a process. It holds its objects in memory. */
public final class FakeGcsServer implements StoreServer {

  /** System property with the path of the program; tests that need it are skipped without. */
  public static final String PROGRAM = "stores.gcs";

  private final ServerProcess process;
  private final FaultProxy front;

  private FakeGcsServer(ServerProcess process, FaultProxy front) {
    this.process = process;
    this.front = front;
  }

  /** Starts the program that the system property names. */
  public static FakeGcsServer start() throws Exception {
    ServerProcess process =
        ServerProcess.start(
            "fake-gcs-server",
            port ->
                List.of(
                    System.getProperty(PROGRAM),
                    "-scheme=http",
                    "-host=127.0.0.1",
                    "-port=" + port,
                    "-public-host=127.0.0.1:" + port,
                    "-external-url=http://127.0.0.1:" + port,
                    "-backend=memory"));
    return new FakeGcsServer(process, FaultProxy.start(process.uri()));
  }

  @Override
  public URI newBucket() throws Exception {
    String name = "lab-" + UUID.randomUUID();
    post("/storage/v1/b?project=p", ("{\"name\":\"" + name + "\"}").getBytes(UTF_8));
    return URI.create("gs://" + name);
  }

  /** Stores an object. */
  public void put(URI bucket, String name, byte[] content) throws Exception {
    post(
        "/upload/storage/v1/b/"
            + bucket.getHost()
            + "/o?uploadType=media&name="
            + URLEncoder.encode(name, UTF_8),
        content);
  }

  private void post(String target, byte[] body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(process.uri() + target))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
    HttpResponse<String> answer =
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IOException(target + ": " + answer.statusCode() + " " + answer.body());
    }
  }

  @Override
  public Map<String, String> settings() {
    return Map.of(
        "fs.gs.storage.root.url",
        front.uri() + "/",
        "fs.gs.auth.type",
        "UNAUTHENTICATED",
        "fs.gs.project.id",
        "p");
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
