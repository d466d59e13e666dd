package dev.countersign.sink;

import dev.countersign.listings.ListingFiles;
import dev.countersign.schemas.FileListing;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.core.fs.Path;
import org.apache.flink.formats.avro.AvroWriters;
import org.apache.flink.streaming.api.functions.sink.filesystem.OutputFileConfig;
import org.apache.flink.streaming.api.functions.sink.filesystem.bucketassigners.BasePathBucketAssigner;

/**
 * Flink's file sink, set up for listings: Avro files in a folder of their own beside the results,
 * which appear when a checkpoint commits them. What reads results does not see them.
 */
public final class ListingSink {

  private ListingSink() {}

  /**
   * The sink of the run {@code runId}.
   *
   * @param results URI of the folder for results, on a file system that Flink can commit to
   */
  public static FileSink<FileListing> of(String results, String runId) {
    return FileSink.forBulkFormat(
            new Path(ListingFiles.folderIn(results)),
            AvroWriters.forSpecificRecord(FileListing.class))
        .withBucketAssigner(new BasePathBucketAssigner<>())
        .withOutputFileConfig(
            OutputFileConfig.builder()
                .withPartPrefix(ListingFiles.PREFIX + runId)
                .withPartSuffix(ListingFiles.SUFFIX)
                .build())
        .build();
  }
}
