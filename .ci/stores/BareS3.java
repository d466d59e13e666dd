import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/**
 * The AWS SDK alone, to compare a rate with: parallel range GETs of one object, and listings. Also
 * stores the objects. Address and credentials come from the environment, as the SDK reads it.
 *
 * <pre>
 * BareS3 put BUCKET KEY BYTES [COUNT]       one object, or KEY/0, KEY/1, ... of as many bytes each
 * BareS3 get BUCKET KEY LANES [ALGORITHM]   reads an object, and hashes each range if told to
 * BareS3 list BUCKET PREFIX                 lists all keys
 * </pre>
 *
 * It prints the bytes that were read, or the number of keys.
 */
final class BareS3 {

  private static final int RANGE = 8 << 20;
  private static final int PART = 64 << 20;

  private final S3Client client = S3Client.builder().forcePathStyle(true).build();
  private final String bucket;
  private final String key;

  private BareS3(String bucket, String key) {
    this.bucket = bucket;
    this.key = key;
  }

  public static void main(String[] arguments) throws Exception {
    BareS3 bare = new BareS3(arguments[1], arguments[2]);
    switch (arguments[0]) {
      case "put" -> bare.put(Long.parseLong(arguments[3]), arguments.length > 4 ? arguments[4] : "");
      case "get" ->
          bare.get(Integer.parseInt(arguments[3]), arguments.length > 4 ? arguments[4] : "");
      case "list" -> bare.list();
      default -> throw new IllegalArgumentException(arguments[0]);
    }
    bare.client.close();
  }

  private void put(long bytes, String count) throws Exception {
    if (client.listBuckets().buckets().stream().noneMatch(one -> one.name().equals(bucket))) {
      client.createBucket(request -> request.bucket(bucket));
    }
    byte[] content = new byte[(int) Math.min(bytes, PART)];
    new Random(1).nextBytes(content);
    if (bytes > PART) {
      putParts(bytes, content);
      return;
    }
    List<Callable<Void>> tasks = new ArrayList<>();
    for (int i = 0; i < (count.isEmpty() ? 1 : Integer.parseInt(count)); i++) {
      String name = count.isEmpty() ? key : key + "/" + i;
      int number = i;
      tasks.add(
          () -> {
            client.putObject(
                request -> request.bucket(bucket).key(name), body(content, number, bytes));
            return null;
          });
    }
    inLanes(4, tasks);
  }

  private void putParts(long bytes, byte[] content) throws Exception {
    String upload = client.createMultipartUpload(r -> r.bucket(bucket).key(key)).uploadId();
    List<Callable<CompletedPart>> tasks = new ArrayList<>();
    for (long start = 0; start < bytes; start += PART) {
      long length = Math.min(PART, bytes - start);
      int number = tasks.size() + 1;
      tasks.add(
          () -> {
            String tag =
                client
                    .uploadPart(
                        r -> r.bucket(bucket).key(key).uploadId(upload).partNumber(number),
                        body(content, number, length))
                    .eTag();
            return CompletedPart.builder().partNumber(number).eTag(tag).build();
          });
    }
    List<CompletedPart> parts = inLanes(2, tasks);
    client.completeMultipartUpload(
        r -> r.bucket(bucket).key(key).uploadId(upload).multipartUpload(m -> m.parts(parts)));
  }

  /** No two objects or parts are alike: each begins with its number. */
  private static RequestBody body(byte[] content, int number, long length) {
    byte[] head = ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
    int own = (int) Math.min(head.length, length);
    return RequestBody.fromContentProvider(
        () ->
            new SequenceInputStream(
                new ByteArrayInputStream(head, 0, own),
                new ByteArrayInputStream(content, own, (int) length - own)),
        length,
        "application/octet-stream");
  }

  private void get(int lanes, String algorithm) throws Exception {
    long length = client.headObject(r -> r.bucket(bucket).key(key)).contentLength();
    AtomicLong next = new AtomicLong();
    List<Callable<Long>> tasks = new ArrayList<>();
    for (int lane = 0; lane < lanes; lane++) {
      tasks.add(() -> lane(next, length, algorithm));
    }
    System.out.println(inLanes(lanes, tasks).stream().mapToLong(Long::longValue).sum());
  }

  private long lane(AtomicLong next, long length, String algorithm) throws Exception {
    MessageDigest digest = algorithm.isEmpty() ? null : MessageDigest.getInstance(algorithm);
    byte[] buffer = new byte[RANGE];
    long sum = 0;
    for (long at = next.getAndAdd(RANGE); at < length; at = next.getAndAdd(RANGE)) {
      int asked = (int) Math.min(RANGE, length - at);
      String range = "bytes=" + at + "-" + (at + asked - 1);
      try (InputStream in = client.getObject(r -> r.bucket(bucket).key(key).range(range))) {
        if (in.readNBytes(buffer, 0, asked) < asked) {
          throw new EOFException(range);
        }
      }
      if (digest != null) {
        digest.update(buffer, 0, asked);
      }
      sum += asked;
    }
    return sum;
  }

  private void list() {
    System.out.println(
        client.listObjectsV2Paginator(r -> r.bucket(bucket).prefix(key)).stream()
            .mapToLong(page -> page.contents().size())
            .sum());
  }

  private static <T> List<T> inLanes(int lanes, List<Callable<T>> tasks) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(lanes);
    try {
      List<T> results = new ArrayList<>();
      for (Future<T> one : threads.invokeAll(tasks)) {
        results.add(one.get());
      }
      return results;
    } finally {
      threads.shutdown();
    }
  }
}
