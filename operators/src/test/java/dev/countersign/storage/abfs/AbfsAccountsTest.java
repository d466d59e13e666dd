package dev.countersign.storage.abfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.storage.StorageException;
import dev.countersign.storage.StorageException.Kind;
import dev.countersign.storage.objects.ObjectClient;
import dev.countersign.text.StoreUri;
import java.util.Date;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.azurebfs.extensions.CustomTokenProviderAdaptee;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which accounts get requests, and with which credentials. */
final class AbfsAccountsTest {

  private static final String LAKE = "abfs://lab@lake.dfs.core.windows.net/m";
  private static final String EVIL = "abfs://lab@evil.dfs.core.windows.net/m";

  /** Gets the requests for every account. */
  private FakeAzure server;

  @BeforeEach
  void start() throws Exception {
    server = new FakeAzure();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        EVIL,
        "abfss://lab@evil.dfs.core.windows.net/m",
        "abfs://lab@lake.evil.com/m",
        "abfs://lab@dfs.core.windows.net/m",
        "abfs://lab@core.windows.net/m",
        "abfs://lab@windows.net/m",
        "abfs://lab@lake.dfs.core.windows.net.evil.com/m",
        "abfs://lab@xlake.dfs.core.windows.net/m",
        "abfs://lake@dfs.core.windows.net/m",
        "abfs://lab@lake/m",
        "abfs://lab@endpoint/m",
        "abfs://lab@lake.dfs.core.windows.net:443/m",
        "abfs://lab@lake.dfs.core.windows.net@evil.com/m",
        "abfs://lake.dfs.core.windows.net/m",
        "abfs:///m"
      })
  void account_thatNoSettingNames_getsNoRequest(String uri) throws Exception {
    Map<String, String> settings = settings();
    settings.put("fs.azure.account.oauth2.refresh.token.endpoint", "https://login.example/");
    settings.put("fs.azure.account.auth.type.lake.dfs.core.windows.net", "SharedKey");

    StorageException e =
        catchThrowableOfType(
            StorageException.class,
            () -> {
              try (ObjectClient client = open(uri, settings)) {
                assertThat(client.head("a")).isEmpty();
              }
            });

    assertThat(e.kind()).isEqualTo(Kind.UNSUPPORTED);
    assertThat(server.asked()).isEmpty();
  }

  @Test
  void account_thatNoSettingNames_isToldHowToNameIt() {
    StorageException e = catchThrowableOfType(StorageException.class, () -> open(EVIL, settings()));

    assertThat(e)
        .hasMessage(
            EVIL
                + " cannot be used: no setting names the storage account evil.dfs.core.windows.net,"
                + " so it gets no request and no credentials. If you trust it, set"
                + " fs.azure.account.auth.type.evil.dfs.core.windows.net.");
  }

  @ParameterizedTest
  @CsvSource({
    "fs.azure.account.auth.type.lake.dfs.core.windows.net, SharedKey",
    "fs.azure.account.hns.enabled.lake.dfs.core.windows.net, true",
    "fs.defaultFS, abfs://other@lake.dfs.core.windows.net",
    "fs.defaultFS, abfss://other@lake.dfs.core.windows.net/"
  })
  void account_thatASettingNames_getsCredentialsThatNameNone(String key, String value)
      throws Exception {
    Map<String, String> settings = settings();
    settings.put(key, value);

    try (ObjectClient client = open(LAKE, settings)) {
      assertThat(client.head("a")).isEmpty();
    }

    assertThat(new AbfsStore().namesStore(StoreUri.parse(LAKE), settings)).isTrue();
    assertThat(new AbfsStore().namesStore(StoreUri.parse(EVIL), settings)).isFalse();
    assertThat(server.asked()).hasSize(1);
    assertThat(server.asked().get(0).header("authorization")).startsWith("SharedKey lake:");
  }

  @Test
  void token_forWhoeverHoldsIt_isNotSentInTheClear() throws Exception {
    Map<String, String> settings = settings();
    settings.put("fs.azure.account.auth.type.lake.dfs.core.windows.net", "Custom");
    settings.put("fs.azure.account.oauth.provider.type", Tokens.class.getName());

    StorageException e =
        catchThrowableOfType(
            StorageException.class,
            () -> {
              try (ObjectClient client = open(LAKE, settings)) {
                assertThat(client.head("a")).isEmpty();
              }
            });

    assertThat(e.transientFault()).as("TLS with a server that speaks none").isFalse();
    assertThat(server.asked()).isEmpty();
  }

  @Test
  void account_underItsOldName_isTheSame() throws Exception {
    try (ObjectClient client = open("abfs://lab@LAKE.blob.core.windows.net/m", server.settings())) {
      assertThat(client.head("a")).isEmpty();
    }

    assertThat(server.asked()).hasSize(1);
  }

  @Test
  void account_whoseKeyIsOfAnother_getsNoRequest() throws Exception {
    assertThat(new AbfsStore().namesStore(StoreUri.parse(EVIL), server.settings())).isFalse();
    StorageException e =
        catchThrowableOfType(StorageException.class, () -> open(EVIL, server.settings()));

    assertThat(e).hasMessageContaining("no setting names");
    assertThat(server.asked()).isEmpty();
  }

  @Test
  void signature_thatGrantsAccess_isInNoMessage() throws Exception {
    Map<String, String> settings = new HashMap<>(server.endpoint());
    settings.put("fs.azure.account.auth.type.lake.dfs.core.windows.net", "SAS");
    settings.put("fs.azure.sas.fixed.token.lake.dfs.core.windows.net", "?sv=2021&sig=se%2Bcret");
    server.refuse(asked -> Optional.of(FakeAzure.error(403, "AuthorizationFailure")));

    StorageException e =
        catchThrowableOfType(
            StorageException.class,
            () -> {
              try (ObjectClient client = open(LAKE, settings)) {
                assertThat(client.head("a")).isEmpty();
              }
            });

    assertThat(server.asked().get(0).query()).containsEntry("sig", "se+cret");
    assertThat(e).hasMessageContaining("the shared access signature");
    assertThat(e).hasStackTraceContaining("blobs/read is denied");
    assertThat(e.toString()).doesNotContain("cret");
  }

  @ParameterizedTest
  @CsvSource({
    "fs.azure.account.key.lake.dfs.core.windows.net, not base 64!",
    "fs.azure.account.auth.type.lake.dfs.core.windows.net, SAS",
    "fs.azure.account.auth.type.lake.dfs.core.windows.net, OAuth",
    "fs.azure.account.auth.type.lake.dfs.core.windows.net, Nonsense"
  })
  void credentials_thatCannotBeUsed_areRefusedWithoutBeingShown(String key, String value)
      throws Exception {
    Map<String, String> settings = new HashMap<>(server.endpoint());
    settings.put(key, value);

    StorageException e = catchThrowableOfType(StorageException.class, () -> open(LAKE, settings));

    assertThat(e.kind()).isEqualTo(Kind.UNSUPPORTED);
    assertThat(e)
        .hasMessageContaining("no usable credentials for the account lake")
        .hasMessageContaining("Check fs.azure.account.auth.type.lake.dfs.core.windows.net");
    assertThat(e.toString()).doesNotContain("base 64");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "fs.azure.http.connection.timeout",
        "fs.azure.http.read.timeout",
        "fs.azure.list.max.results"
      })
  void number_thatCannotBeRead_isRefusedByName(String key) {
    Map<String, String> settings = settings();
    settings.put("fs.azure.account.key.lake.dfs.core.windows.net", FakeAzure.KEY);
    settings.put(key, "abc");

    StorageException e = catchThrowableOfType(StorageException.class, () -> open(LAKE, settings));

    assertThat(e.kind()).isEqualTo(Kind.UNSUPPORTED);
    assertThat(e).hasMessageContaining(key + " is 'abc', which cannot be read. Write a whole");
  }

  /** Credentials that name no account. */
  private Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>(server.endpoint());
    settings.put("fs.azure.account.key", FakeAzure.KEY);
    settings.put("fs.azure.account.key.other.dfs.core.windows.net", FakeAzure.KEY);
    settings.put("fs.azure.sas.fixed.token", "sig=secret");
    return settings;
  }

  private static ObjectClient open(String uri, Map<String, String> settings)
      throws StorageException {
    return new AbfsStore().open(StoreUri.parse(uri), settings);
  }

  /** Gives everybody the same token. */
  public static final class Tokens implements CustomTokenProviderAdaptee {

    @Override
    public void initialize(Configuration configuration, String account) {}

    @Override
    public String getAccessToken() {
      return "a-token-for-anybody";
    }

    @Override
    @SuppressWarnings("JavaUtilDate") // Hadoop's interface has it
    public Date getExpiryTime() {
      return new Date(Long.MAX_VALUE);
    }
  }
}
