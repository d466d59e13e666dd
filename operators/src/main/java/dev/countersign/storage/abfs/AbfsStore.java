package dev.countersign.storage.abfs;

import dev.countersign.storage.StorageException;
import dev.countersign.storage.hadoop.HadoopConfiguration;
import dev.countersign.storage.objects.ObjectClient;
import dev.countersign.storage.objects.ObjectStore;
import dev.countersign.text.Printable;
import dev.countersign.text.StoreUri;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;

/**
 * Containers of Azure storage accounts: {@code abfs://CONTAINER@ACCOUNT.dfs.core.windows.net/...}.
 *
 * <p>The account is part of the URI, so whoever writes a URI chooses who gets requests. No request
 * is sent to an account that no setting names, since credentials that name no account would go to
 * any.
 */
public final class AbfsStore implements ObjectStore {

  @Override
  public Set<String> schemes() {
    return Set.of("abfs", "abfss");
  }

  @Override
  public String connector() {
    return "azure";
  }

  @Override
  public ObjectClient open(StoreUri store, Map<String, String> settings) throws StorageException {
    String uri = store.toString();
    Configuration site = HadoopConfiguration.with(uri, settings);
    AbfsAccount account = AbfsAccount.of(store);
    if (!account.isNamedIn(site)) {
      throw StorageException.of(
          StorageException.Kind.UNSUPPORTED,
          uri,
          "%s cannot be used: no setting names the storage account %s, so it gets no request and"
              + " no credentials. If you trust it, set fs.azure.account.auth.type.%s.",
          Printable.of(uri),
          Printable.of(account.host()),
          Printable.of(account.host()));
    }
    return new AbfsObjectClient(AbfsContainer.of(store, account, site));
  }

  @Override
  public boolean namesStore(StoreUri uri, Map<String, String> settings) throws StorageException {
    return AbfsAccount.of(uri).isNamedIn(HadoopConfiguration.with(uri.toString(), settings));
  }
}
