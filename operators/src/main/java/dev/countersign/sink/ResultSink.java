package dev.countersign.sink;

import dev.countersign.records.ResultFormat;
import dev.countersign.records.ResultReader;
import dev.countersign.schemas.ModelResult;
import java.io.IOException;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.connector.file.sink.compactor.FileCompactStrategy;
import org.apache.flink.connector.file.sink.compactor.RecordWiseFileCompactor;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.functions.sink.filesystem.OutputFileConfig;
import org.apache.flink.streaming.api.functions.sink.filesystem.bucketassigners.BasePathBucketAssigner;
import org.jspecify.annotations.Nullable;

/**
 * Flink's file sink, set up for results: files that appear when a checkpoint commits them. A
 * committed file's name ends with its format's suffix and does not begin with a dot.
 */
public final class ResultSink {

  /** What the name of a file of results begins with, perhaps behind "compacted-". */
  public static final String PREFIX = "results-";

  /** After so many checkpoints, or so much data, small files are merged and appear as one. */
  private static final int CHECKPOINTS_TO_COMPACT = 60;

  private static final MemorySize LARGE_ENOUGH = MemorySize.ofMebiBytes(64);

  private ResultSink() {}

  /** The sink of the run {@code runId}. */
  public static FileSink<ModelResult> of(ResultSettings settings, String runId) {
    ResultFormat format = settings.format();
    FileSink.DefaultBulkFormatBuilder<ModelResult> sink =
        FileSink.forBulkFormat(new Path(settings.folder()), format.writers())
            .withBucketAssigner(new BasePathBucketAssigner<>())
            .withOutputFileConfig(
                OutputFileConfig.builder()
                    .withPartPrefix(PREFIX + runId)
                    .withPartSuffix(format.suffix())
                    .build());
    if (settings.compact()) {
      sink.enableCompact(
          FileCompactStrategy.Builder.newBuilder()
              .enableCompactionOnCheckpoint(CHECKPOINTS_TO_COMPACT)
              .setSizeThreshold(LARGE_ENOUGH.getBytes())
              .build(),
          new RecordWiseFileCompactor<>(file -> new Committed(format.open(file))));
    }
    return sink.build();
  }

  /** A small file that is merged. */
  private record Committed(ResultReader results)
      implements RecordWiseFileCompactor.Reader<ModelResult> {

    @Override
    public @Nullable ModelResult read() throws IOException {
      return results.next();
    }

    @Override
    public void close() throws IOException {
      results.close();
    }
  }
}
