package dev.countersign.storage.abfs;

import dev.countersign.storage.StorageException;
import dev.countersign.storage.rest.RestFaults;
import dev.countersign.text.Printable;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.azurebfs.AbfsConfiguration;
import org.apache.hadoop.fs.azurebfs.constants.AbfsServiceType;
import org.apache.hadoop.fs.azurebfs.extensions.SASTokenProvider;
import org.apache.hadoop.fs.azurebfs.oauth2.AccessTokenProvider;
import org.apache.hadoop.fs.azurebfs.oauth2.AzureADAuthenticator;
import org.apache.hadoop.fs.azurebfs.services.AuthType;

/**
 * Credentials for one account, made by Hadoop's connector from the settings {@code
 * fs.azure.account.*} and {@code fs.azure.sas.*}. Thread safe.
 */
final class AbfsCredentials {

  /** Never asked again by the connector: who calls decides about that. */
  private static final String TOKEN_RETRIES = "fs.azure.oauth.token.fetch.retry.max.retries";

  private static final int FIRST_REFUSAL = 400;
  private static final int FIRST_FAULT = 500;
  private static final int TOO_MANY_REQUESTS = 429;

  private final AbfsAccount account;
  private final Optional<SharedKey> key;
  private final Optional<AccessTokenProvider> tokens;
  private final Optional<SASTokenProvider> signatures;
  private final String principal;

  private AbfsCredentials(
      AbfsAccount account,
      Optional<SharedKey> key,
      Optional<AccessTokenProvider> tokens,
      Optional<SASTokenProvider> signatures,
      String principal) {
    this.account = account;
    this.key = key;
    this.tokens = tokens;
    this.signatures = signatures;
    this.principal = principal;
  }

  /**
   * Makes credentials. No request is sent.
   *
   * @throws StorageException {@link StorageException.Kind#UNSUPPORTED} if the settings give none
   */
  static AbfsCredentials of(String uri, AbfsAccount account, Configuration site)
      throws StorageException {
    Configuration once = new Configuration(site);
    once.setInt(TOKEN_RETRIES, 0);
    try {
      AbfsConfiguration settings =
          new AbfsConfiguration(once, account.host(), account.container(), AbfsServiceType.BLOB);
      AuthType type = settings.getAuthType(account.host());
      return switch (type) {
        case SharedKey ->
            new AbfsCredentials(
                account,
                Optional.of(new SharedKey(account.name(), settings.getStorageAccountKey())),
                Optional.empty(),
                Optional.empty(),
                "the key of the account " + account.name());
        case OAuth, Custom ->
            new AbfsCredentials(
                account,
                Optional.empty(),
                Optional.of(settings.getTokenProvider()),
                Optional.empty(),
                bearer(settings));
        case SAS ->
            new AbfsCredentials(
                account,
                Optional.empty(),
                Optional.empty(),
                Optional.of(settings.getSASTokenProvider()),
                "the shared access signature");
        default ->
            throw unusable(
                uri, account, "fs.azure.account.auth.type " + type + " is not supported");
      };
    } catch (IOException | IllegalAccessException | RuntimeException e) {
      // Without the cause: a message about a malformed secret may show it.
      throw unusable(uri, account, e.getClass().getSimpleName());
    }
  }

  /** Tells whether whoever reads a request could send others in its name. */
  boolean isBearer() {
    return tokens.isPresent();
  }

  /** Returns who sends requests, without any secret. */
  String principal() {
    return principal;
  }

  /**
   * Adds what authorizes a request, which must be complete.
   *
   * @param headers to which one may be added
   * @param operation as {@link SASTokenProvider} names it
   * @return the URI to use, which may hold a credential
   */
  URI authorize(
      String method,
      URI uri,
      Map<String, String> headers,
      long bodyLength,
      String operation,
      String key)
      throws IOException {
    if (this.key.isPresent()) {
      headers.put("Authorization", this.key.get().authorization(method, uri, headers, bodyLength));
      return uri;
    }
    if (tokens.isPresent()) {
      headers.put("Authorization", "Bearer " + tokens.get().getToken().getAccessToken());
      return uri;
    }
    String signature =
        signatures
            .orElseThrow()
            .getSASToken(account.name(), account.container(), "/" + key, operation);
    try {
      return new URI(
          uri + (uri.getRawQuery() == null ? "?" : "&") + signature.replaceFirst("^\\?", ""));
    } catch (URISyntaxException e) {
      // Without the cause, which shows the signature.
      throw new MalformedURLException("the shared access signature is no query of a URI");
    }
  }

  /** Returns what to throw if {@link #authorize} failed. */
  StorageException unauthorized(String uri, boolean writing, IOException fault) {
    if (fault instanceof AzureADAuthenticator.HttpException answer) {
      int status = answer.getHttpErrorCode();
      boolean isTransient =
          status < FIRST_REFUSAL || status >= FIRST_FAULT || status == TOO_MANY_REQUESTS;
      return isTransient
          ? RestFaults.unanswered(uri, writing, fault)
          : RestFaults.badCredentials(
              uri, principal, "status " + status + " from Microsoft Entra ID", AbfsFaults.CHECK);
    }
    return fault instanceof MalformedURLException
        ? RestFaults.badCredentials(uri, principal, RestFaults.reason(fault), AbfsFaults.CHECK)
        : RestFaults.unanswered(uri, writing, fault);
  }

  private static String bearer(AbfsConfiguration settings) throws IOException {
    String client = settings.getPasswordString("fs.azure.account.oauth2.client.id");
    return client == null ? "the provider of tokens" : "the client " + client;
  }

  private static StorageException unusable(String uri, AbfsAccount account, String reason) {
    return StorageException.of(
        StorageException.Kind.UNSUPPORTED,
        uri,
        "%s cannot be used: the settings hold no usable credentials for the account %s (%s). Check"
            + " fs.azure.account.auth.type.%s and the settings that it needs.",
        Printable.of(uri),
        Printable.of(account.name()),
        Printable.of(reason),
        Printable.of(account.host()));
  }
}
