package dev.countersign.storage.gcs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.storage.RequestCounts;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.objects.ObjectClient;
import dev.countersign.storage.objects.ObjectContent;
import dev.countersign.storage.objects.PutCondition;
import dev.countersign.storage.objects.ServerClientContract;
import dev.countersign.storage.objects.StoredKey;
import dev.countersign.storage.servers.FakeGcsServer;
import dev.countersign.storage.servers.StoreServer;
import dev.countersign.text.StoreUri;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

@EnabledIfSystemProperty(named = FakeGcsServer.PROGRAM, matches = ".+")
final class GcsServerITCase extends ServerClientContract {

  private static FakeGcsServer server;
  private static ObjectClient client;

  @BeforeAll
  static void start() throws Exception {
    server = FakeGcsServer.start();
    client = open(server.newBucket().toString());
  }

  @AfterAll
  static void stop() throws Exception {
    client.close();
    server.close();
  }

  @Override
  protected StoreServer server() {
    return server;
  }

  @Override
  protected ObjectClient client() {
    return client;
  }

  @Override
  protected ObjectClient clientOfMissingBucket() throws Exception {
    return open("gs://lab-missing");
  }

  @Test
  void object_inRanges_isReadByOneRequestEachAndEachByteOnce() throws Exception {
    byte[] content = new byte[1 << 20];
    String version = client.put("once", ObjectContent.of(content), PutCondition.ANY);
    server.front().takeLog();
    RequestCounts counts = new RequestCounts();

    try (RequestCounts.Scope scope = counts.scope()) {
      for (int part = 0; part < 4; part++) {
        client.get(
            StoredKey.planned("once", content.length, version),
            (long) part << 18,
            content,
            part << 18,
            1 << 18);
      }
    }

    assertThat(server.front().log()).hasSize(4);
    assertThat(server.front().log())
        .allSatisfy(
            exchange -> {
              assertThat(exchange.status()).isEqualTo(206);
              assertThat(exchange.bytes()).isEqualTo(1 << 18);
            });
    assertThat(counts.of(RequestCounts.Kind.GET)).isEqualTo(4);
    assertThat(counts.of(RequestCounts.Kind.METADATA)).isZero();
  }

  private static ObjectClient open(String uri) throws StorageException {
    Map<String, String> settings = new HashMap<>(server.settings());
    settings.put("fs.gs.list.max.items.per.call", String.valueOf(PAGE));
    return new GcsStore().open(StoreUri.parse(uri), settings);
  }
}
