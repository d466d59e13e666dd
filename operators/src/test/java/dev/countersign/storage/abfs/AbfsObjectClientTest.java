package dev.countersign.storage.abfs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.storage.StorageException;
import dev.countersign.storage.StorageException.Kind;
import dev.countersign.storage.objects.ObjectClient;
import dev.countersign.storage.objects.ObjectClientContract;
import dev.countersign.storage.objects.ObjectContent;
import dev.countersign.storage.objects.ObjectPage;
import dev.countersign.storage.objects.PutCondition;
import dev.countersign.storage.objects.StoredKey;
import dev.countersign.storage.rest.FakeStore.Reply;
import dev.countersign.text.StoreUri;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AbfsObjectClientTest extends ObjectClientContract {

  private static final String LAKE = "abfs://lab@lake.dfs.core.windows.net";
  private static final String KEY = "m/a";

  private FakeAzure server;
  private ObjectClient client;

  @BeforeEach
  void start() throws Exception {
    server = new FakeAzure();
    client = open(LAKE);
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    server.close();
  }

  @Override
  protected ObjectClient client() {
    return client;
  }

  @Override
  protected ObjectClient clientOfMissingBucket() throws Exception {
    return open("abfs://missing@lake.dfs.core.windows.net");
  }

  @Test
  void each_ofTheCalls_isOneRequest() throws Exception {
    String version = put(PutCondition.ABSENT);
    client.get(StoredKey.planned(KEY, 4, version), 0, new byte[4], 0, 4);
    assertThat(client.head(KEY)).isPresent();
    assertThat(client.list("m/", true, "").keys()).hasSize(1);
    client.delete(KEY);

    assertThat(server.asked())
        .extracting(asked -> asked.method() + " " + asked.path())
        .containsExactly(
            "PUT /lake/lab/m/a",
            "GET /lake/lab/m/a",
            "HEAD /lake/lab/m/a",
            "GET /lake/lab",
            "DELETE /lake/lab/m/a");
    assertThat(server.asked().get(0).header("if-none-match")).isEqualTo("*");
    assertThat(server.asked().get(1).header("if-match"))
        .isEqualTo('"' + version.substring("etag-".length()) + '"');
    assertThat(server.asked())
        .allSatisfy(
            asked -> assertThat(asked.header("authorization")).startsWith("SharedKey lake:"));
  }

  @ParameterizedTest
  @CsvSource({
    "408, OperationTimedOut",
    "429, TooManyRequests",
    "500, InternalError",
    "503, ServerBusy",
    "504, ''"
  })
  void status_thatPasses_isTransientAfterOneRequest(int status, String code) throws Exception {
    refuse(status, code);

    assertThat(failureOfList().transientFault()).isTrue();
    assertThat(failureOfGet().transientFault()).isTrue();
    assertThat(failureOfPut().transientFault()).isTrue();
    assertThat(server.asked()).hasSizeLessThanOrEqualTo(5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"AuthorizationPermissionMismatch", "AuthorizationFailure"})
  void denial_ofAnAction_namesItAndThePrincipal(String code) throws Exception {
    refuse(403, code);

    StorageException read = failureOfList();
    StorageException write = failureOfPut();

    assertThat(read.kind()).isEqualTo(Kind.PERMISSION_DENIED);
    assertThat(read.transientFault()).isFalse();
    assertThat(read)
        .hasMessage(
            LAKE
                + "/m/ cannot be read:"
                + " Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read is denied"
                + " to the key of the account lake (status 403 "
                + code
                + "). Grant it with the role Storage Blob Data Reader, and check the firewall of"
                + " the account.");
    assertThat(write)
        .hasMessageContaining("blobs/write is denied")
        .hasMessageContaining("Storage Blob Data Contributor");
  }

  @ParameterizedTest
  @CsvSource({
    "403, AuthenticationFailed",
    "401, InvalidAuthenticationInfo",
    "401, NoAuthenticationInformation",
    "403, AccountIsDisabled"
  })
  void credentials_thatAreNotValid_areLasting(int status, String code) throws Exception {
    refuse(status, code);

    StorageException e = failureOfGet();

    assertThat(e.kind()).isEqualTo(Kind.PERMISSION_DENIED);
    assertThat(e.transientFault()).isFalse();
    assertThat(e)
        .hasMessage(
            LAKE
                + "/m/a cannot be used: the credentials of the key of the account lake are not"
                + " valid (status "
                + status
                + " "
                + code
                + "). Check the settings fs.azure.account.* of this account.");
  }

  @Test
  void get_ofArchivedBlob_namesTheTier() throws Exception {
    refuse(409, "BlobArchived");

    assertThat(failureOfGet())
        .hasMessageContaining("access tier Archive. Rehydrate it")
        .satisfies(e -> assertThat(e.transientFault()).isFalse());
  }

  @Test
  void put_ofLeasedBlob_isNoLostRace() throws Exception {
    refuse(412, "LeaseIdMissing");

    StorageException e = failureOfPut();

    assertThat(e.kind()).isEqualTo(Kind.NOT_WRITABLE);
    assertThat(e).hasMessageContaining("status 412 LeaseIdMissing");
  }

  @Test
  void head_inMissingContainer_isNotFound() throws Exception {
    StorageException e = failureOf(() -> clientOfMissingBucket().head(KEY));

    assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND);
    assertThat(e).hasMessageContaining("the store has no container missing");
  }

  @Test
  void login_pageOfAProxy_isNoListing() throws Exception {
    server.refuse(asked -> Optional.of(Reply.of(200, "<html><body>Log in</body></html>")));

    assertThat(failureOfList())
        .hasMessage(
            LAKE
                + "/m/ cannot be read: what answers is not Azure Blob Storage. Check the endpoint"
                + " and any proxy.");
  }

  @Test
  void list_ofXmlWithEntities_isNoListing() throws Exception {
    server.refuse(
        asked ->
            Optional.of(
                Reply.of(
                    200,
                    "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><EnumerationResults>"
                        + "<NextMarker>&e;</NextMarker></EnumerationResults>")));

    assertThat(failureOfList()).hasMessageContaining("is not Azure Blob Storage");
  }

  @Test
  void list_ofABlobWhoseMetadataLookLikeAnotherBlob_givesTheBlobItself() throws Exception {
    String forged =
        "<Metadata><Name>m/.git/x</Name><Etag>0x9</Etag><AccessTier>Archive</AccessTier>"
            + "<ResourceType>directory</ResourceType><Blob>b</Blob><BlobPrefix>p</BlobPrefix>"
            + "<NextMarker>n</NextMarker></Metadata>";
    server.refuse(
        asked ->
            Optional.of(
                Reply.of(
                    200,
                    "<EnumerationResults><Blobs>"
                        + blob("m/evil.py", 6, "", forged)
                        + "</Blobs><NextMarker/></EnumerationResults>")));

    ObjectPage page = client.list("m/", true, "");

    StoredKey found = page.keys().get(0);
    assertThat(page.keys()).hasSize(1);
    assertThat(found.key()).isEqualTo("m/evil.py");
    assertThat(found.length()).isEqualTo(6);
    assertThat(found.version()).doesNotContain("0x9");
    assertThat(found.archive()).isEmpty();
    assertThat(page.prefixes()).isEmpty();
    assertThat(page.next()).isEmpty();
  }

  @Test
  void list_ofFoldersAndTiers_tellsThemApart() throws Exception {
    server.refuse(
        asked ->
            Optional.of(
                Reply.of(
                    200,
                    "<EnumerationResults><Blobs>"
                        + blob(
                            "m/made",
                            0,
                            "",
                            "<Metadata><hdi_isfolder>true</hdi_isfolder></Metadata>")
                        + blob("m/tree", 0, "<ResourceType>directory</ResourceType>", "")
                        + blob(
                            "m/lies",
                            6,
                            "",
                            "<Metadata><Hdi_isfolder>true</Hdi_isfolder></Metadata>")
                        + blob("m/old", 9, "<AccessTier>Archive</AccessTier>", "")
                        + blob("m/plain", 0, "<AccessTier>Cool</AccessTier>", "<Metadata/>")
                        + "</Blobs><NextMarker/></EnumerationResults>")));

    ObjectPage page = client.list("m/", true, "");

    assertThat(page.keys())
        .extracting(StoredKey::key)
        .containsExactly("m/made/", "m/tree/", "m/lies", "m/old", "m/plain");
    assertThat(page.keys())
        .extracting(StoredKey::archive)
        .containsExactly("", "", "", "Archive", "");
  }

  @Test
  void get_ofFewerBytes_isTransient() throws Exception {
    server.refuse(
        asked ->
            Optional.of(
                Reply.of(206, "som").with("Content-Range", "bytes 0-3/4").with("ETag", "\"0x1\"")));

    StorageException e = failureOfGet();

    assertThat(e.kind()).isEqualTo(Kind.UNREADABLE);
    assertThat(e.transientFault()).isTrue();
    assertThat(e).hasMessageContaining("sent 3 of 4 bytes");
  }

  @ParameterizedTest
  @CsvSource({
    "200, bytes 0-3/4, 0x1, UNREADABLE",
    "206, bytes 1-4/5, 0x1, UNREADABLE",
    "206, bytes 0-3/5, 0x1, CHANGED",
    "206, bytes 0-3/4, 0x2, CHANGED"
  })
  void get_ofSomethingElse_fails(int status, String range, String tag, Kind kind) throws Exception {
    server.refuse(
        asked ->
            Optional.of(
                Reply.of(status, "some")
                    .with("Content-Range", range)
                    .with("ETag", '"' + tag + '"')));

    StorageException e = failureOfGet();

    assertThat(e.kind()).isEqualTo(kind);
    assertThat(e.transientFault()).isFalse();
  }

  private static String blob(String name, int length, String properties, String metadata) {
    return "<Blob><Name>"
        + name
        + "</Name><Properties><Etag>0x1</Etag><Content-Length>"
        + length
        + "</Content-Length>"
        + properties
        + "</Properties>"
        + metadata
        + "</Blob>";
  }

  private ObjectClient open(String uri) throws StorageException {
    Map<String, String> settings = new HashMap<>(server.settings());
    settings.put("fs.azure.list.max.results", String.valueOf(PAGE));
    return new AbfsStore().open(StoreUri.parse(uri), settings);
  }

  private void refuse(int status, String code) {
    server.refuse(asked -> Optional.of(FakeAzure.error(status, code)));
  }

  private String put(PutCondition condition) throws StorageException {
    return client.put(KEY, ObjectContent.of("some".getBytes(UTF_8)), condition);
  }

  private StorageException failureOfList() {
    return failureOf(() -> client.list("m/", true, ""));
  }

  private StorageException failureOfGet() {
    return failureOf(() -> client.get(StoredKey.planned(KEY, 4, "etag-0x1"), 0, new byte[4], 0, 4));
  }

  private StorageException failureOfPut() {
    return failureOf(() -> put(PutCondition.ANY));
  }

  private static StorageException failureOf(ThrowingCallable call) {
    return catchThrowableOfType(StorageException.class, call);
  }
}
