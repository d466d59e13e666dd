package dev.countersign.source;

import dev.countersign.storage.Storages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Calls to HDFS. */
final class HdfsCallsITCase extends StorageCallsContract {

  private static MiniDFSCluster cluster;

  @BeforeAll
  static void startHdfs(@TempDir Path disk) throws IOException {
    Configuration configuration = new Configuration();
    configuration.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, disk.toString());
    configuration.set("fs.hdfs.impl", StorageCalls.Hdfs.class.getName());
    cluster = new MiniDFSCluster.Builder(configuration).numDataNodes(1).build();
    cluster.waitActive();
    Storages.configure(Map.of("fs.hdfs.impl", StorageCalls.Hdfs.class.getName()));
  }

  @AfterAll
  static void stopHdfs() {
    Storages.configure(Map.of());
    cluster.shutdown();
  }

  @Override
  String table() {
    return "calls-hdfs";
  }

  @Override
  String put(Path folder) throws IOException {
    org.apache.hadoop.fs.Path model =
        new org.apache.hadoop.fs.Path(cluster.getURI() + "/" + folder.getFileName());
    FileSystem hdfs = cluster.getFileSystem();
    hdfs.copyFromLocalFile(new org.apache.hadoop.fs.Path(folder.toUri()), model);
    if (Files.exists(folder.resolve("model.sig"))) {
      long newest = System.currentTimeMillis() + 60_000;
      hdfs.setTimes(new org.apache.hadoop.fs.Path(model, "model.sig"), newest, -1);
    }
    return model.toString();
  }
}
