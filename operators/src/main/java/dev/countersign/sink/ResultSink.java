package dev.countersign.sink;

import dev.countersign.schemas.ModelResult;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.connector.file.sink.compactor.FileCompactStrategy;
import org.apache.flink.connector.file.sink.compactor.InputFormatBasedReader;
import org.apache.flink.connector.file.sink.compactor.RecordWiseFileCompactor;
import org.apache.flink.core.fs.Path;
import org.apache.flink.formats.avro.AvroInputFormat;
import org.apache.flink.formats.avro.AvroWriters;
import org.apache.flink.streaming.api.functions.sink.filesystem.OutputFileConfig;
import org.apache.flink.streaming.api.functions.sink.filesystem.bucketassigners.BasePathBucketAssigner;

/**
 * Flink's file sink, set up for results: Avro container files that appear when a checkpoint commits
 * them. A committed file's name ends with {@value #SUFFIX} and does not begin with a dot.
 */
public final class ResultSink {

  /** What the name of a file of results begins with, perhaps behind "compacted-". */
  public static final String PREFIX = "results-";

  /** What the name of a file of results ends with. */
  public static final String SUFFIX = ".avro";

  /** After so many checkpoints, or so much data, small files are merged and appear as one. */
  private static final int CHECKPOINTS_TO_COMPACT = 60;

  private static final MemorySize LARGE_ENOUGH = MemorySize.ofMebiBytes(64);

  private ResultSink() {}

  /** The sink of the run {@code runId}. */
  public static FileSink<ModelResult> of(ResultSettings settings, String runId) {
    FileSink.DefaultBulkFormatBuilder<ModelResult> sink =
        FileSink.forBulkFormat(
                new Path(settings.folder()), AvroWriters.forSpecificRecord(ModelResult.class))
            .withBucketAssigner(new BasePathBucketAssigner<>())
            .withOutputFileConfig(
                OutputFileConfig.builder()
                    .withPartPrefix(PREFIX + runId)
                    .withPartSuffix(SUFFIX)
                    .build());
    if (settings.compact()) {
      sink.enableCompact(
          FileCompactStrategy.Builder.newBuilder()
              .enableCompactionOnCheckpoint(CHECKPOINTS_TO_COMPACT)
              .setSizeThreshold(LARGE_ENOUGH.getBytes())
              .build(),
          new RecordWiseFileCompactor<>(
              new InputFormatBasedReader.Factory<>(
                  () -> new AvroInputFormat<>(new Path("."), ModelResult.class))));
    }
    return sink.build();
  }
}
