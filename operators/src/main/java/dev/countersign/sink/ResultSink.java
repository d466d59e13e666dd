package dev.countersign.sink;

import dev.countersign.listings.ListingFiles;
import dev.countersign.records.ResultFormat;
import dev.countersign.schemas.FileListing;
import dev.countersign.schemas.ModelResult;
import java.util.regex.Pattern;
import org.apache.flink.api.common.serialization.BulkWriter;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.core.fs.Path;
import org.apache.flink.formats.avro.AvroWriters;
import org.apache.flink.streaming.api.functions.sink.filesystem.OutputFileConfig;
import org.apache.flink.streaming.api.functions.sink.filesystem.bucketassigners.BasePathBucketAssigner;

/**
 * Flink's file sink, set up for results and for listings: files that appear when a checkpoint
 * commits them. A committed file's name ends with its format's suffix and does not begin with a
 * dot.
 *
 * <p>Each checkpoint commits a file of its own if there were results. Flink can merge small files,
 * but then none is visible before it is merged.
 */
public final class ResultSink {

  /** What the name of a file of results begins with. */
  public static final String PREFIX = "results-";

  /** What Flink puts between the prefix and the suffix: which writer it was, and its file. */
  private static final Pattern PART =
      Pattern.compile("-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-[0-9]+\\.[a-z]+");

  private ResultSink() {}

  /** Returns whether a file's name is that of a file of results of the run {@code runId}. */
  public static boolean isOfRun(String name, String runId) {
    String prefix = PREFIX + runId;
    return name.startsWith(prefix) && PART.matcher(name.substring(prefix.length())).matches();
  }

  /** The sink of the run {@code runId}. */
  public static FileSink<ModelResult> of(ResultSettings settings, String runId) {
    ResultFormat format = settings.format();
    return sink(settings.folder(), format.writers(), PREFIX + runId, format.suffix());
  }

  /**
   * The sink for listings of the run {@code runId}: Avro files in a folder of their own beside the
   * results. What reads results does not see them.
   *
   * @param results URI of the folder for results, on a file system that Flink can commit to
   */
  public static FileSink<FileListing> ofListings(String results, String runId) {
    return sink(
        ListingFiles.folderIn(results),
        AvroWriters.forSpecificRecord(FileListing.class),
        ListingFiles.PREFIX + runId,
        ListingFiles.SUFFIX);
  }

  private static <T> FileSink<T> sink(
      String folder, BulkWriter.Factory<T> writers, String prefix, String suffix) {
    return FileSink.forBulkFormat(new Path(folder), writers)
        .withBucketAssigner(new BasePathBucketAssigner<>())
        .withOutputFileConfig(
            OutputFileConfig.builder().withPartPrefix(prefix).withPartSuffix(suffix).build())
        .build();
  }
}
