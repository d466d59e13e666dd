package dev.countersign.storage.s3;

import dev.countersign.storage.RequestCounts;
import dev.countersign.storage.objects.ObjectPage;
import dev.countersign.storage.objects.StoredKey;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.hadoop.fs.s3a.api.RequestFactory;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.AwsRequest;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.EncodingType;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectVersionsRequest;
import software.amazon.awssdk.services.s3.model.ListObjectVersionsResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.OptionalObjectAttributes;
import software.amazon.awssdk.services.s3.model.RestoreStatus;

/**
 * Lists the keys of a bucket as they are.
 *
 * <p>Keys are asked for in URL encoding, since XML cannot hold all of them.
 *
 * @param bucket its name
 * @param isAccessPoint whether an access point stands for it, whose name is in answers
 * @param pageSize how many keys a page has at most
 * @param isByVersionId whether the version ids of a versioned bucket identify versions, so that a
 *     planned object can be read after it was replaced; a page then has all versions of its keys
 */
record S3Listing(String bucket, boolean isAccessPoint, int pageSize, boolean isByVersionId) {

  /** Storage classes whose objects must be restored before they can be read. */
  private static final Set<String> ARCHIVES = Set.of("GLACIER", "DEEP_ARCHIVE");

  /** Returns a page of a listing; asks a second time if objects in it may be archived. */
  ObjectPage page(
      S3Client client,
      RequestFactory requests,
      String prefix,
      boolean recursive,
      String continueAt,
      Consumer<AwsRequest.Builder> bound)
      throws IOException {
    String delimiter = recursive ? null : "/";
    ObjectPage page =
        isByVersionId
            ? versions(client, prefix, delimiter, continueAt, bound)
            : objects(client, requests, prefix, delimiter, continueAt, bound);
    for (StoredKey key : page.keys()) {
      if (!key.key().startsWith(prefix)) {
        throw new WrongAnswerException("keys that were not asked for");
      }
    }
    return page;
  }

  /** Returns what a HEAD request found. */
  StoredKey stored(String key, HeadObjectResponse answer) {
    String restore = answer.restore();
    boolean isRestored = restore != null && restore.contains("ongoing-request=\"false\"");
    boolean isColdTier = answer.archiveStatusAsString() != null && restore == null;
    long length = answer.contentLength() == null ? 0 : answer.contentLength();
    return new StoredKey(
        key,
        length,
        version(answer.eTag(), answer.versionId()).text(length),
        millis(answer.lastModified()),
        isColdTier
            ? answer.archiveStatusAsString()
            : archive(answer.storageClassAsString(), isRestored));
  }

  /** Returns the version that an answer tells. */
  S3Version version(@Nullable String tag, @Nullable String id) {
    return S3Version.of(tag, isByVersionId ? id : null);
  }

  private ObjectPage objects(
      S3Client client,
      RequestFactory requests,
      String prefix,
      @Nullable String delimiter,
      String continueAt,
      Consumer<AwsRequest.Builder> bound)
      throws IOException {
    ListObjectsV2Request.Builder request =
        requests
            .newListObjectsV2RequestBuilder(prefix, delimiter, pageSize)
            .encodingType(EncodingType.URL);
    if (!continueAt.isEmpty()) {
      request.continuationToken(continueAt);
    }
    bound.accept(request);
    ListObjectsV2Response answer = client.listObjectsV2(request.build());
    if (answer.contents().stream().anyMatch(found -> isArchive(found.storageClassAsString()))) {
      // What was restored is not told otherwise; some stores refuse to be asked for it.
      RequestCounts.sent(RequestCounts.Kind.LIST);
      request.optionalObjectAttributes(OptionalObjectAttributes.RESTORE_STATUS);
      answer = client.listObjectsV2(request.build());
    }
    boolean isTruncated = isTruncated(answer.name(), answer.isTruncated());
    return new ObjectPage(
        answer.contents().stream()
            .map(
                found ->
                    new StoredKey(
                        found.key(),
                        found.size(),
                        version(found.eTag(), null).text(found.size()),
                        millis(found.lastModified()),
                        archive(found.storageClassAsString(), isRestored(found.restoreStatus()))))
            .toList(),
        prefixes(answer.commonPrefixes()),
        isTruncated ? answer.nextContinuationToken() : "");
  }

  private ObjectPage versions(
      S3Client client,
      String prefix,
      @Nullable String delimiter,
      String continueAt,
      Consumer<AwsRequest.Builder> bound)
      throws IOException {
    ListObjectVersionsRequest.Builder request =
        ListObjectVersionsRequest.builder()
            .bucket(bucket)
            .prefix(prefix)
            .delimiter(delimiter)
            .maxKeys(pageSize)
            .encodingType(EncodingType.URL);
    if (!continueAt.isEmpty()) {
      int space = continueAt.indexOf(' ');
      request.keyMarker(continueAt.substring(space + 1));
      if (space > 0) {
        request.versionIdMarker(continueAt.substring(0, space));
      }
    }
    bound.accept(request);
    ListObjectVersionsResponse answer = client.listObjectVersions(request.build());
    if (answer.versions().stream().anyMatch(found -> isArchive(found.storageClassAsString()))) {
      RequestCounts.sent(RequestCounts.Kind.LIST);
      request.optionalObjectAttributes(OptionalObjectAttributes.RESTORE_STATUS);
      answer = client.listObjectVersions(request.build());
    }
    boolean isTruncated = isTruncated(answer.name(), answer.isTruncated());
    String id = answer.nextVersionIdMarker();
    return new ObjectPage(
        answer.versions().stream()
            .filter(found -> found.isLatest())
            .map(
                found ->
                    new StoredKey(
                        found.key(),
                        found.size(),
                        version(found.eTag(), found.versionId()).text(found.size()),
                        millis(found.lastModified()),
                        archive(found.storageClassAsString(), isRestored(found.restoreStatus()))))
            .toList(),
        prefixes(answer.commonPrefixes()),
        isTruncated ? (id == null ? "" : id) + " " + answer.nextKeyMarker() : "");
  }

  /** Refuses what is no listing, such as a proxy's login page, in which the SDK sees no keys. */
  private boolean isTruncated(@Nullable String name, @Nullable Boolean isTruncated)
      throws WrongAnswerException {
    if (isTruncated == null || !(isAccessPoint || bucket.equals(name))) {
      throw new WrongAnswerException("something that is no listing of the bucket");
    }
    return isTruncated;
  }

  private static List<String> prefixes(List<CommonPrefix> found) {
    return found.stream().map(CommonPrefix::prefix).toList();
  }

  private static boolean isRestored(@Nullable RestoreStatus status) {
    return status != null && status.restoreExpiryDate() != null;
  }

  private static boolean isArchive(@Nullable String storageClass) {
    return storageClass != null && ARCHIVES.contains(storageClass);
  }

  private static String archive(@Nullable String storageClass, boolean isRestored) {
    return storageClass != null && isArchive(storageClass) && !isRestored ? storageClass : "";
  }

  private static long millis(@Nullable Instant time) {
    return time == null ? 0 : time.toEpochMilli();
  }
}
