package dev.countersign.sink;

import dev.countersign.listings.ListingFiles;
import dev.countersign.schemas.FileListing;
import java.io.IOException;
import org.apache.avro.file.DataFileStream;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.connector.file.sink.compactor.FileCompactStrategy;
import org.apache.flink.connector.file.sink.compactor.RecordWiseFileCompactor;
import org.apache.flink.core.fs.Path;
import org.apache.flink.formats.avro.AvroWriters;
import org.apache.flink.streaming.api.functions.sink.filesystem.OutputFileConfig;
import org.apache.flink.streaming.api.functions.sink.filesystem.bucketassigners.BasePathBucketAssigner;
import org.jspecify.annotations.Nullable;

/**
 * Flink's file sink, set up for listings: Avro files in a folder of their own beside the results,
 * which appear when a checkpoint commits them. What reads results does not see them.
 */
public final class ListingSink {

  /** After so many checkpoints, or so much data, small files are merged and appear as one. */
  private static final int CHECKPOINTS_TO_COMPACT = 60;

  private static final MemorySize LARGE_ENOUGH = MemorySize.ofMebiBytes(64);

  private ListingSink() {}

  /**
   * The sink of the run {@code runId}.
   *
   * @param results URI of the folder for results, on a file system that Flink can commit to
   */
  public static FileSink<FileListing> of(String results, String runId) {
    FileSink.DefaultBulkFormatBuilder<FileListing> sink =
        FileSink.forBulkFormat(
                new Path(ListingFiles.folderIn(results)),
                AvroWriters.forSpecificRecord(FileListing.class))
            .withBucketAssigner(new BasePathBucketAssigner<>())
            .withOutputFileConfig(
                OutputFileConfig.builder()
                    .withPartPrefix(ListingFiles.PREFIX + runId)
                    .withPartSuffix(ListingFiles.SUFFIX)
                    .build());
    return sink.enableCompact(
            FileCompactStrategy.Builder.newBuilder()
                .enableCompactionOnCheckpoint(CHECKPOINTS_TO_COMPACT)
                .setSizeThreshold(LARGE_ENOUGH.getBytes())
                .build(),
            new RecordWiseFileCompactor<>(Committed::new))
        .build();
  }

  /** A small file that is merged. */
  private static final class Committed implements RecordWiseFileCompactor.Reader<FileListing> {

    private final DataFileStream<FileListing> records;

    Committed(Path file) throws IOException {
      records =
          new DataFileStream<>(
              file.getFileSystem().open(file), new SpecificDatumReader<>(FileListing.class));
    }

    @Override
    public @Nullable FileListing read() {
      return records.hasNext() ? records.next() : null;
    }

    @Override
    public void close() throws IOException {
      records.close();
    }
  }
}
