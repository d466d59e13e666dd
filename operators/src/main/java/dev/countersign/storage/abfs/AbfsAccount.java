package dev.countersign.storage.abfs;

import dev.countersign.storage.StorageException;
import dev.countersign.text.Printable;
import dev.countersign.text.StoreUri;
import java.io.IOException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;

/**
 * A storage account and one of its containers, as a URI names them.
 *
 * @param host as settings spell it, such as {@code lake.dfs.core.windows.net}; in lower case
 */
record AbfsAccount(String container, String host) {

  /** No port: it would be part of the names of settings. */
  private static final Pattern AUTHORITY =
      Pattern.compile("([a-z0-9$][a-z0-9-]{0,62})@([a-z0-9-]{1,63}(?:\\.[a-z0-9-]{1,63})+)");

  /**
   * Settings of an account, each with a dot and the host after it. Hosts are compared as a whole,
   * and settings of one container do not count: the name of another account's setting may end in a
   * host, or in a container and a host, that an attacker chose.
   */
  private static final List<String> SETTINGS =
      List.of(
          "fs.azure.account.auth.type",
          "fs.azure.account.key",
          "fs.azure.account.keyprovider",
          "fs.azure.account.oauth.provider.type",
          "fs.azure.account.oauth2.client.id",
          "fs.azure.account.oauth2.client.endpoint",
          "fs.azure.account.oauth2.msi.tenant",
          "fs.azure.account.oauth2.user.name",
          "fs.azure.account.hns.enabled",
          "fs.azure.sas.fixed.token",
          "fs.azure.sas.token.provider.type");

  /** Those of them that a credential provider may hold. */
  private static final List<String> SECRETS =
      List.of(
          "fs.azure.account.key", "fs.azure.sas.fixed.token", "fs.azure.account.oauth2.client.id");

  /**
   * Reads the authority of a URI.
   *
   * @throws StorageException {@link StorageException.Kind#UNSUPPORTED} if it is not one of a
   *     container
   */
  static AbfsAccount of(StoreUri uri) throws StorageException {
    Matcher parts = AUTHORITY.matcher(uri.plainAuthority());
    if (!parts.matches()) {
      throw StorageException.of(
          StorageException.Kind.UNSUPPORTED,
          uri.toString(),
          "%s cannot be used: '%s' does not name a container of a storage account. Write"
              + " %s://CONTAINER@ACCOUNT.dfs.core.windows.net/PATH.",
          Printable.of(uri.toString()),
          Printable.of(uri.authority()),
          uri.scheme());
    }
    return new AbfsAccount(parts.group(1), parts.group(2).replaceFirst("\\.blob\\.", ".dfs."));
  }

  /** Returns the name of the account. */
  String name() {
    return host.substring(0, host.indexOf('.'));
  }

  /** Tells whether a setting is about this account, be it in files, options or a provider. */
  boolean isNamedIn(Configuration site) throws StorageException {
    return SETTINGS.stream().anyMatch(key -> site.get(key + "." + host) != null)
        || isDefault(site)
        || hasSecret(site);
  }

  private boolean isDefault(Configuration site) {
    String text = site.getTrimmed("fs.defaultFS", "");
    if (!text.matches("abfss?://.*")) {
      return false;
    }
    Matcher parts = AUTHORITY.matcher(StoreUri.parse(text + "/").plainAuthority());
    return parts.matches() && parts.group(2).replaceFirst("\\.blob\\.", ".dfs.").equals(host);
  }

  private boolean hasSecret(Configuration site) throws StorageException {
    try {
      for (String key : SECRETS) {
        if (site.getPassword(key + "." + host) != null) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      throw StorageException.of(
          StorageException.Kind.UNREADABLE,
          "abfs://" + container + "@" + host,
          e,
          "The settings of the storage account %s cannot be read from the site's credential"
              + " provider (%s). Check hadoop.security.credential.provider.path.",
          Printable.of(host),
          e.getClass().getSimpleName());
    }
  }
}
