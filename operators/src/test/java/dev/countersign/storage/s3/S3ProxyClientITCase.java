package dev.countersign.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.storage.objects.ObjectClient;
import dev.countersign.storage.objects.ObjectClientContract;
import dev.countersign.storage.objects.StoredKey;
import dev.countersign.storage.servers.FaultProxy;
import dev.countersign.storage.servers.S3ProxyServer;
import dev.countersign.text.StoreUri;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The contract on s3proxy, which checks signatures. */
final class S3ProxyClientITCase extends ObjectClientContract {

  private static S3ProxyServer server;
  private static URI bucket;
  private static ObjectClient client;
  private static ObjectClient missing;

  @BeforeAll
  static void start() throws Exception {
    server = S3ProxyServer.start();
    bucket = server.newBucket();
    client = open(bucket.toString());
    missing = open("s3a://no-such-bucket");
  }

  @AfterAll
  static void stop() throws Exception {
    client.close();
    missing.close();
    server.close();
  }

  @Override
  protected ObjectClient client() {
    return client;
  }

  @Override
  protected ObjectClient clientOfMissingBucket() {
    return missing;
  }

  @Override
  protected boolean isPutAtomic() {
    return false;
  }

  /** It resolves paths. */
  @Override
  protected boolean isAnyKeyStored() {
    return false;
  }

  @Test
  void ranges_ofAnObject_sendEachByteOnceInOneRequestEach() throws Exception {
    byte[] content = new byte[1_000_000];
    new Random(7).nextBytes(content);
    server.buckets().put(bucket, "weights", content);
    StoredKey key = client.head("weights").orElseThrow();
    byte[] read = new byte[content.length];
    List<FaultProxy.Exchange> unused = server.front().takeLog();

    for (int at = 0; at < read.length; at += 300_000) {
      client.get(key, at, read, at, Math.min(300_000, read.length - at));
    }

    assertThat(read).isEqualTo(content);
    assertThat(server.front().takeLog())
        .extracting(one -> one.request().header("range") + " " + one.bytes())
        .containsExactly(
            "bytes=0-299999 300000",
            "bytes=300000-599999 300000",
            "bytes=600000-899999 300000",
            "bytes=900000-999999 100000");
  }

  private static ObjectClient open(String uri) throws Exception {
    Map<String, String> settings = new HashMap<>(server.settings());
    settings.put("fs.s3a.paging.maximum", String.valueOf(PAGE));
    return new S3Store().open(StoreUri.parse(uri), settings);
  }
}
