package dev.countersign.storage.gcs;

import com.google.cloud.hadoop.repackaged.gcs.com.google.auth.Retryable;
import com.google.cloud.hadoop.repackaged.gcs.com.google.auth.oauth2.GoogleCredentials;
import com.google.cloud.hadoop.repackaged.gcs.com.google.auth.oauth2.ImpersonatedCredentials;
import com.google.cloud.hadoop.repackaged.gcs.com.google.auth.oauth2.ServiceAccountCredentials;
import com.google.cloud.hadoop.repackaged.gcs.com.google.cloud.hadoop.util.HadoopCredentialsConfiguration;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.hadoop.conf.Configuration;

/**
 * Credentials that the settings {@code fs.gs.auth.*} name, as Google's connector reads them. Read
 * when the first request needs them. Thread safe.
 */
final class GcsCredentials {

  private static final String PREFIX = "fs.gs";

  private final Configuration site;
  private final AtomicReference<Optional<GoogleCredentials>> known = new AtomicReference<>();

  private GcsCredentials(Configuration site) {
    this.site = site;
  }

  /**
   * Returns credentials that are not read yet.
   *
   * @throws LinkageError if the connector is missing
   */
  static GcsCredentials of(Configuration site) {
    Object unused = Objects.requireNonNull(HadoopCredentialsConfiguration.class);
    return new GcsCredentials(site);
  }

  /**
   * Returns the headers that authorize a request; none if requests are anonymous. May ask Google
   * for a new token.
   */
  Map<String, List<String>> headers(URI uri) throws IOException {
    Optional<GoogleCredentials> credentials = credentials();
    return credentials.isPresent() ? credentials.get().getRequestMetadata(uri) : Map.of();
  }

  /** Tells whether a fault of {@link #headers} may pass. */
  static boolean isTransient(IOException fault) {
    return fault instanceof Retryable token && token.isRetryable();
  }

  /** Returns who sends requests, as far as that is known without asking. */
  String principal() {
    Optional<GoogleCredentials> credentials =
        Optional.ofNullable(known.get()).flatMap(found -> found);
    if (credentials.isPresent() && credentials.get() instanceof ServiceAccountCredentials account) {
      return account.getClientEmail();
    }
    if (credentials.isPresent() && credentials.get() instanceof ImpersonatedCredentials account) {
      return account.getAccount();
    }
    return "fs.gs.auth.type=" + site.getTrimmed("fs.gs.auth.type", "COMPUTE_ENGINE");
  }

  private Optional<GoogleCredentials> credentials() throws IOException {
    Optional<GoogleCredentials> found = known.get();
    if (found == null) {
      GoogleCredentials own = HadoopCredentialsConfiguration.getCredentials(site, PREFIX);
      GoogleCredentials other =
          own == null
              ? null
              : HadoopCredentialsConfiguration.getImpersonatedCredentials(site, own, PREFIX);
      found = Optional.ofNullable(other == null ? own : other);
      known.compareAndSet(null, found);
    }
    return found;
  }
}
