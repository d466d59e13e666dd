package dev.countersign.storage.servers;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;

class S3ProxyServerITCase {

  @Test
  void server_isReadByHadoopsFileSystemAndTheSdk() throws Exception {
    try (S3ProxyServer server = S3ProxyServer.start()) {
      URI bucket = server.newBucket();
      server.buckets().put(bucket, "model/weights", new byte[] {1, 2, 3});
      Configuration configuration = new Configuration(false);
      configuration.addResource("core-default.xml");
      server.settings().forEach(configuration::set);
      server.front().takeLog();

      try (FileSystem files = FileSystem.newInstance(bucket, configuration)) {
        assertThat(files.getFileStatus(new Path(bucket + "/model/weights")).getLen()).isEqualTo(3);
      }
      assertThat(server.buckets().keys(bucket)).containsExactly("model/weights");
      assertThat(server.buckets().get(bucket, "model/weights")).containsExactly(1, 2, 3);
      assertThat(server.front().takeLog())
          .extracting(e -> e.request().method())
          .containsExactly("HEAD", "GET", "GET");
    }
  }
}
