package dev.countersign.options.settings;

import dev.countersign.options.UsageException;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.hadoop.HadoopConfiguration;
import dev.countersign.text.Printable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Settings of Flink's own file system for S3, made from those of Hadoop's ({@code fs.s3a}), so that
 * users configure S3 once. Flink's has other names, the same settings for all buckets, and fewer of
 * them: those that it lacks are refused if they decide whom a request reaches, on whose behalf, or
 * how objects are stored.
 */
final class FlinkS3 {

  /** Hadoop's names that have one of Flink's, without {@code fs.s3a.} and {@code s3.}. */
  private static final Map<String, String> NAMES =
      Map.of(
          "endpoint.region", "region",
          "path.style.access", "path-style-access",
          "connection.maximum", "connection.max",
          "attempts.maximum", "retry.max-num-retries");

  /** Hadoop's names that Flink has none for, where another value than that of the list matters. */
  private static final Map<String, String> MISSING =
      Map.ofEntries(
          Map.entry("accesspoint.arn", ""),
          Map.entry("acl.default", ""),
          Map.entry("assumed.role.policy", ""),
          Map.entry("assumed.role.sts.endpoint", ""),
          Map.entry("create.storage.class", ""),
          Map.entry("custom.signers", ""),
          Map.entry("delegation.token.binding", ""),
          Map.entry("endpoint.fips", "false"),
          Map.entry("proxy.host", ""),
          Map.entry("requester.pays.enabled", "false"),
          Map.entry("s3.client.factory.impl", ""),
          Map.entry("session.token", ""),
          Map.entry("signing-algorithm", ""));

  private static final String STATIC_KEYS = "SimpleAWSCredentialsProvider";
  private static final String ROLE = "AssumedRoleCredentialProvider";

  /** Providers of credentials that Flink's own chain has, too, by their simple names. */
  private static final Set<String> OWN_CHAIN =
      Set.of(
          "ContainerCredentialsProvider",
          "DefaultCredentialsProvider",
          "EnvironmentVariableCredentialsProvider",
          "IAMInstanceCredentialsProvider",
          "InstanceProfileCredentialsProvider",
          "ProfileCredentialsProvider",
          "SystemPropertyCredentialsProvider",
          "WebIdentityTokenFileCredentialsProvider");

  private final String uri;
  private final Map<String, String> hadoop;
  private final Map<String, String> flink = new LinkedHashMap<>();

  private FlinkS3(String uri, Map<String, String> hadoop) {
    this.uri = uri;
    this.hadoop = hadoop;
  }

  /**
   * Returns Flink's settings for places on S3.
   *
   * @param uris absolute; those of other stores do not count
   * @param hadoop what the user set besides the site's files
   * @throws UsageException if a setting cannot be carried over, or two buckets have different ones
   */
  static Map<String, String> settings(List<String> uris, Map<String, String> hadoop) {
    Map<String, String> settings = null;
    String first = "";
    for (String uri : uris) {
      if (!uri.startsWith("s3://") && !uri.startsWith("s3a://")) {
        continue;
      }
      try {
        Map<String, String> own = new FlinkS3(uri, hadoop).all();
        if (settings != null && !settings.equals(own)) {
          throw UsageException.of(
              "%s and %s are in buckets with different settings, and Flink has one set for all"
                  + " buckets. Name places in one bucket.",
              Printable.of(first), Printable.of(uri));
        }
        settings = own;
        first = uri;
      } catch (StorageException e) {
        throw new UsageException(String.valueOf(e.getMessage()), e);
      }
    }
    return settings == null ? Map.of() : settings;
  }

  private Map<String, String> all() throws StorageException {
    for (Map.Entry<String, String> missing : MISSING.entrySet()) {
      Optional<String> value = find(missing.getKey());
      if (value.isPresent() && !value.get().equals(missing.getValue())) {
        throw cannot(missing.getKey());
      }
    }
    for (Map.Entry<String, String> name : NAMES.entrySet()) {
      Optional<String> value = find(name.getKey());
      if (value.isPresent()) {
        put(name.getValue(), value.get());
      }
    }
    putEndpoint();
    putCredentials();
    putEncryption();
    return flink;
  }

  private void putEndpoint() throws StorageException {
    Optional<String> endpoint = find("endpoint");
    if (endpoint.isPresent()) {
      boolean secure = !find("connection.ssl.enabled").orElse("true").equals("false");
      put(
          "endpoint",
          endpoint.get().contains("://")
              ? endpoint.get()
              : (secure ? "https://" : "http://") + endpoint.get());
    }
  }

  private void putCredentials() throws StorageException {
    String key = "aws.credentials.provider";
    boolean keys = find(key).isEmpty();
    for (String provider : find(key).orElse("").split("[,\\s]+", -1)) {
      String name = provider.substring(provider.lastIndexOf('.') + 1);
      if (name.equals(STATIC_KEYS)) {
        keys = true;
      } else if (name.equals(ROLE)) {
        putRole();
        keys = true;
      } else if (!name.isEmpty() && !OWN_CHAIN.contains(name)) {
        throw cannot(key);
      }
    }
    Optional<String> access = find("access.key");
    Optional<String> secret = find("secret.key");
    if (keys && access.isPresent() && secret.isPresent()) {
      put("access-key", access.get());
      put("secret-key", secret.get());
    }
  }

  private void putRole() throws StorageException {
    String key = "assumed.role.credentials.provider";
    for (String provider : find(key).orElse("").split("[,\\s]+", -1)) {
      String name = provider.substring(provider.lastIndexOf('.') + 1);
      if (!name.isEmpty() && !name.equals(STATIC_KEYS) && !OWN_CHAIN.contains(name)) {
        throw cannot(key);
      }
    }
    Optional<String> role = find("assumed.role.arn");
    if (role.isPresent()) {
      put("assume-role.arn", role.get());
    }
    Optional<String> session = find("assumed.role.session.name");
    if (session.isPresent()) {
      put("assume-role.session-name", session.get());
    }
    Optional<String> external = find("assumed.role.external.id");
    if (external.isPresent()) {
      put("assume-role.external-id", external.get());
    }
  }

  private void putEncryption() throws StorageException {
    String key = "encryption.algorithm";
    // Hadoop knows the older names only once S3A is loaded, which is not here.
    switch (find(key, "server-side-encryption-algorithm").orElse("")) {
      case "" -> {}
      case "AES256" -> put("sse.type", "sse-s3");
      case "SSE-KMS" -> {
        put("sse.type", "sse-kms");
        Optional<String> kms = find("encryption.key", "server-side-encryption.key");
        if (kms.isPresent()) {
          put("sse.kms.key-id", kms.get());
        }
      }
      default -> throw cannot(key);
    }
  }

  private void put(String name, String value) {
    flink.put("s3." + name, value);
  }

  private Optional<String> find(String name) throws StorageException {
    return HadoopConfiguration.ofBucket(uri, hadoop, name);
  }

  private Optional<String> find(String name, String olderName) throws StorageException {
    Optional<String> found = find(name);
    return found.isPresent() ? found : find(olderName);
  }

  private UsageException cannot(String name) {
    return UsageException.of(
        "%s cannot be used for results, checkpoints or listings: fs.s3a.%s is set, and Flink's file"
            + " system for S3 has nothing like it. Name a local folder, one on HDFS, or a bucket"
            + " that needs no such setting.",
        Printable.of(uri), name);
  }
}
