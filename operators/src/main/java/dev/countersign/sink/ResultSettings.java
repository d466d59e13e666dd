package dev.countersign.sink;

import dev.countersign.records.ResultFormat;
import java.io.Serializable;

/**
 * Where results go.
 *
 * @param folder URI of a folder on a file system that Flink can commit to
 * @param format what the files are made of
 */
public record ResultSettings(String folder, ResultFormat format) implements Serializable {}
