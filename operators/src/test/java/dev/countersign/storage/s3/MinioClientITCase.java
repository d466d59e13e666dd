package dev.countersign.storage.s3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.storage.StorageException;
import dev.countersign.storage.StorageException.Kind;
import dev.countersign.storage.objects.ObjectClient;
import dev.countersign.storage.objects.ObjectClientContract;
import dev.countersign.storage.objects.ObjectContent;
import dev.countersign.storage.objects.PutCondition;
import dev.countersign.storage.objects.StoredKey;
import dev.countersign.storage.servers.MinioServer;
import dev.countersign.text.StoreUri;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;

/** The contract on MinIO, its versions, and what it refuses; part of {@code .ci/stores} alone. */
@EnabledIf("isMinioNamed")
final class MinioClientITCase extends ObjectClientContract {

  private static MinioServer server;
  private static ObjectClient client;
  private static ObjectClient missing;

  static boolean isMinioNamed() {
    return !MinioServer.program().isEmpty();
  }

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    server = MinioServer.start(folder);
    client = open(server.newBucket().toString(), Map.of());
    missing = open("s3a://no-such-bucket", Map.of());
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

  /** It refuses empty segments, and its listings hide what is below an object. */
  @Override
  protected boolean isAnyKeyStored() {
    return false;
  }

  @Test
  void versionedBucket_isReadAtItsCurrentVersions() throws Exception {
    URI bucket = versionedBucket();
    ObjectClient byTag = open(bucket.toString(), Map.of());
    String first = byTag.put("a", content("old!"), PutCondition.ANY);
    String second = byTag.put("a", content("new!"), PutCondition.replaces(first));
    String deleted = byTag.put("gone", content("x"), PutCondition.ANY);
    byTag.delete("gone");

    assertThat(byTag.list("", true, "").keys())
        .extracting(StoredKey::version)
        .containsExactly(second);
    assertThat(byTag.head("gone")).isEmpty();
    assertThat(deleted).isNotEmpty();
    StorageException e =
        failure(() -> byTag.get(StoredKey.planned("a", 4, first), 0, new byte[4], 0, 4));
    assertThat(e.kind()).isEqualTo(Kind.CHANGED);
    byTag.close();
  }

  @Test
  void versionIds_whereTheSiteWantsThem_holdTheOldVersion() throws Exception {
    ObjectClient byId =
        open(versionedBucket().toString(), Map.of("fs.s3a.change.detection.source", "versionid"));
    String first = byId.put("a", content("old!"), PutCondition.ABSENT);
    String second = byId.put("a", content("new!"), PutCondition.replaces(first));
    String unused = byId.put("gone", content("x"), PutCondition.ANY);
    byId.delete("gone");
    byte[] old = new byte[4];

    byId.get(StoredKey.planned("a", 4, first), 0, old, 0, 4);

    assertThat(old).isEqualTo("old!".getBytes(UTF_8));
    assertThat(byId.list("", true, "").keys())
        .extracting(StoredKey::version)
        .containsExactly(second);
    assertThat(byId.head("a").orElseThrow().version()).isEqualTo(second);
    byId.close();
  }

  @ParameterizedTest
  @CsvSource({
    "fs.s3a.secret.key, wrong, the secret key is not that of the access key"
        + " (SignatureDoesNotMatch)",
    "fs.s3a.access.key, nobody, its store does not know the access key (InvalidAccessKeyId)"
  })
  void credentials_thatAreWrong_areTold(String key, String value, String told) throws Exception {
    ObjectClient wrong = open(server.newBucket().toString(), Map.of(key, value));

    StorageException listing = failure(() -> wrong.list("m/", true, ""));
    StorageException head = failure(() -> wrong.head("m/k"));

    assertThat(listing.kind()).isEqualTo(Kind.PERMISSION_DENIED);
    assertThat(listing).hasMessageContaining(told);
    assertThat(head).hasMessageContaining(told);
    wrong.close();
  }

  private static URI versionedBucket() throws Exception {
    URI bucket = server.newBucket();
    server
        .buckets()
        .client()
        .putBucketVersioning(
            request ->
                request
                    .bucket(bucket.getHost())
                    .versioningConfiguration(
                        versioning -> versioning.status(BucketVersioningStatus.ENABLED)));
    return bucket;
  }

  private static ObjectClient open(String uri, Map<String, String> more) throws Exception {
    Map<String, String> settings = new HashMap<>(server.settings());
    settings.put("fs.s3a.paging.maximum", String.valueOf(PAGE));
    settings.putAll(more);
    return new S3Store().open(StoreUri.parse(uri), settings);
  }

  private static ObjectContent content(String text) {
    return ObjectContent.of(text.getBytes(UTF_8));
  }

  private static StorageException failure(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    return catchThrowableOfType(StorageException.class, call);
  }
}
