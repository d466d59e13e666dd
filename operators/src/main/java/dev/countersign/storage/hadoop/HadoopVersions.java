package dev.countersign.storage.hadoop;

import java.util.Locale;
import org.apache.hadoop.fs.EtagSource;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.hdfs.protocol.HdfsFileStatus;

/**
 * What identifies a version of a file in each store.
 *
 * <p>Object stores: the entity tag and the length, never the time, of which S3 tells other
 * fractions in a listing than for an object. HDFS: the file id, which a replaced file does not
 * keep, with length and time. Others: length and time.
 */
final class HadoopVersions {

  private HadoopVersions() {}

  static String of(FileStatus status) {
    if (status instanceof EtagSource tagged && tagged.getEtag() != null) {
      return String.format(Locale.ROOT, "etag-%s-%x", tagged.getEtag(), status.getLen());
    }
    if (status instanceof HdfsFileStatus file) {
      return String.format(
          Locale.ROOT,
          "hdfs-%x-%x-%x",
          file.getFileId(),
          status.getLen(),
          status.getModificationTime());
    }
    return String.format(Locale.ROOT, "time-%x-%x", status.getLen(), status.getModificationTime());
  }

  /**
   * Returns what identifies a folder, whatever its path; empty if its store keeps no such thing.
   */
  static String identity(FileStatus folder) {
    return folder.isDirectory() && folder instanceof HdfsFileStatus directory
        ? String.format(Locale.ROOT, "hdfs-%x", directory.getFileId())
        : "";
  }
}
