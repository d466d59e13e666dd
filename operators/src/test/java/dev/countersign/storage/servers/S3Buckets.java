package dev.countersign.storage.servers;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Object;

/** Buckets of a server of S3, seen through the SDK: what tests put there and find there. */
public final class S3Buckets implements AutoCloseable {

  private static final String REGION = "us-east-1";
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final URI endpoint;
  private final String key;
  private final String secret;
  private final S3Client client;

  /** Takes the address of a server, and the credentials that it accepts. */
  public S3Buckets(URI endpoint, String key, String secret) {
    this.endpoint = endpoint;
    this.key = key;
    this.secret = secret;
    this.client =
        S3Client.builder()
            .endpointOverride(endpoint)
            .region(Region.of(REGION))
            .forcePathStyle(true)
            .credentialsProvider(
                StaticCredentialsProvider.create(AwsBasicCredentials.create(key, secret)))
            .build();
  }

  /** Makes an empty bucket and returns its URI. */
  public URI make() throws IOException {
    String bucket = "bucket-" + NUMBER.incrementAndGet();
    client.createBucket(request -> request.bucket(bucket));
    return URI.create("s3a://" + bucket);
  }

  /** Stores an object. */
  public void put(URI bucket, String name, byte[] content) {
    client.putObject(
        request -> request.bucket(bucket.getHost()).key(name), RequestBody.fromBytes(content));
  }

  /** Returns what an object holds. */
  public byte[] get(URI bucket, String name) {
    ResponseBytes<GetObjectResponse> content =
        client.getObjectAsBytes(request -> request.bucket(bucket.getHost()).key(name));
    return content.asByteArray();
  }

  /** Returns the keys of all objects, in their order. */
  public List<String> keys(URI bucket) {
    return client
        .listObjectsV2Paginator(request -> request.bucket(bucket.getHost()))
        .contents()
        .stream()
        .map(S3Object::key)
        .toList();
  }

  /** Returns the client, for all else. */
  public S3Client client() {
    return client;
  }

  /** Returns the options with which Hadoop's file system finds the server. */
  public Map<String, String> settings() {
    return Map.of(
        "fs.s3a.endpoint",
        endpoint.toString(),
        "fs.s3a.endpoint.region",
        REGION,
        "fs.s3a.path.style.access",
        "true",
        "fs.s3a.connection.ssl.enabled",
        "false",
        "fs.s3a.access.key",
        key,
        "fs.s3a.secret.key",
        secret);
  }

  @Override
  public void close() {
    client.close();
  }
}
