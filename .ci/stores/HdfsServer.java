import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;

/**
 * An HDFS of a name node and a data node with files of given lengths, {@code /0}, {@code /1} and so
 * on. Writes its URI into a file when they are there, and serves until it is killed.
 *
 * <pre>HdfsServer FOLDER URI_FILE BYTES...</pre>
 */
final class HdfsServer {

  private HdfsServer() {}

  public static void main(String[] arguments) throws Exception {
    Configuration configuration = new Configuration();
    configuration.set("hdfs.minidfs.basedir", arguments[0]);
    MiniDFSCluster hdfs = new MiniDFSCluster.Builder(configuration).numDataNodes(1).build();
    byte[] content = new byte[1 << 20];
    new Random(1).nextBytes(content);
    for (int file = 2; file < arguments.length; file++) {
      try (OutputStream out =
          hdfs.getFileSystem().create(new org.apache.hadoop.fs.Path("/" + (file - 2)))) {
        long left = Long.parseLong(arguments[file]);
        for (; left > 0; left -= content.length) {
          out.write(content, 0, (int) Math.min(content.length, left));
        }
      }
    }
    Path written = Path.of(arguments[1] + ".new");
    Files.writeString(written, hdfs.getURI().toString());
    Files.move(written, Path.of(arguments[1]));
    Thread.currentThread().join();
  }
}
