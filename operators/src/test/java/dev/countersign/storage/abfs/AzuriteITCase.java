package dev.countersign.storage.abfs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.storage.StorageException;
import dev.countersign.storage.objects.ObjectClient;
import dev.countersign.storage.objects.ObjectContent;
import dev.countersign.storage.objects.PutCondition;
import dev.countersign.storage.objects.ServerClientContract;
import dev.countersign.storage.objects.StoredKey;
import dev.countersign.storage.servers.AzuriteServer;
import dev.countersign.storage.servers.StoreServer;
import dev.countersign.text.StoreUri;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@EnabledIfSystemProperty(named = AzuriteServer.SCRIPT, matches = ".+")
final class AzuriteITCase extends ServerClientContract {

  private static AzuriteServer server;
  private static URI container;
  private static ObjectClient client;

  @BeforeAll
  static void start() throws Exception {
    server = AzuriteServer.start();
    container = server.newBucket();
    client = open(container.toString());
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
    return open("abfs://lab-missing@" + container.getHost());
  }

  /** Its listings fail while there is a key that XML cannot hold. */
  @Override
  protected boolean isAnyKeyStored() {
    return false;
  }

  @ParameterizedTest
  @ValueSource(strings = {"a//b", "../n", "q/..", "./p", "x_$folder$", "d/", "nl\nx"})
  void key_thatIsNoPlainPath_isListedAndRead(String name) throws Exception {
    String key = "odd/" + name;
    byte[] content = name.getBytes(UTF_8);
    String version = client.put(key, ObjectContent.of(content), PutCondition.ANY);

    StoredKey listed = client.list(key, true, "").keys().get(0);
    client.get(listed, 0, content, 0, content.length);

    assertThat(listed.key()).isEqualTo(key);
    assertThat(listed.version()).isEqualTo(version);
    assertThat(content).isEqualTo(name.getBytes(UTF_8));
    client.delete(key);
  }

  @Test
  void hadoop_andThisClient_seeTheSame() throws Exception {
    String unused =
        client.put("both/ours", ObjectContent.of("ours".getBytes(UTF_8)), PutCondition.ABSENT);
    try (FileSystem hadoop = server.hadoop(container)) {
      hadoop.mkdirs(new Path("/both/folder"));
      try (FSDataOutputStream out = hadoop.create(new Path("/both/theirs"))) {
        out.write("theirs".getBytes(UTF_8));
      }
      try (FSDataInputStream in = hadoop.open(new Path("/both/ours"))) {
        assertThat(in.readAllBytes()).asString(UTF_8).isEqualTo("ours");
      }
    }

    assertThat(client.list("both/", true, "").keys())
        .extracting(StoredKey::key)
        .containsExactly("both/folder/", "both/ours", "both/theirs");
    assertThat(client.head("both/folder")).isEmpty();
  }

  private static ObjectClient open(String uri) throws StorageException {
    Map<String, String> settings = new HashMap<>(server.settings());
    settings.put("fs.azure.list.max.results", String.valueOf(PAGE));
    return new AbfsStore().open(StoreUri.parse(uri), settings);
  }
}
