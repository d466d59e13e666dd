package dev.countersign.sink;

import dev.countersign.records.ResultFormat;
import java.io.Serializable;

/**
 * Where results go.
 *
 * @param folder URI of a folder on a file system that Flink can commit to
 * @param format what the files are made of
 * @param compact whether the small files of many checkpoints are merged into few
 */
public record ResultSettings(String folder, ResultFormat format, boolean compact)
    implements Serializable {}
