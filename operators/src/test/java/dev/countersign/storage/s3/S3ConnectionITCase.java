package dev.countersign.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.storage.objects.ObjectClient;
import dev.countersign.storage.objects.ObjectPage;
import dev.countersign.text.StoreUri;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When clients are made and closed, and what they leave in a process that outlives their job. */
final class S3ConnectionITCase {

  /** The class loader of a job: its classes, with libraries from the cluster's {@code lib/}. */
  private static final class JobLoader extends URLClassLoader {
    JobLoader() throws IOException {
      super(
          new URL[] {Path.of("target/classes").toUri().toURL()}, JobLoader.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.startsWith("dev.countersign.")) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        Class<?> loaded = findLoadedClass(name);
        return loaded == null ? findClass(name) : loaded;
      }
    }
  }

  private FakeS3 server;

  @BeforeEach
  void start() throws IOException {
    server = new FakeS3();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void client_thatIsIdle_isClosedAndOpensAgain() throws Exception {
    Configuration configuration = S3Settings.of("s3a://lab", "lab", server.settings());

    try (S3Connection connection = new S3Connection("lab", configuration, Duration.ofSeconds(4))) {
      assertThat(connection.isOpen()).isFalse();
      assertThat(list(connection)).isZero();
      assertThat(connection.isOpen()).isTrue();
      await(() -> !connection.isOpen(), Duration.ofMinutes(1));
      assertThat(list(connection)).isZero();
    }

    assertThat(server.log()).hasSize(2);
  }

  @Test
  void client_thatIsOpened_sendsNoRequest() throws Exception {
    try (ObjectClient client =
        new S3Store().open(StoreUri.parse("s3a://my-old.bucket"), server.settings())) {
      assertThat(server.log()).isEmpty();
      ObjectPage unused = client.list("", true, "");
      assertThat(server.log()).hasSize(1);
      assertThat(server.log().get(0).bucket()).isEqualTo("my-old.bucket");
    }
  }

  @Test
  void classLoader_ofJobThatEnded_isFree() throws Exception {
    // Not a class of this test's may be in a frame below when the loader must be free.
    WeakReference<ClassLoader> job = runJob(server.settings());

    await(
        () -> {
          System.gc();
          return job.get() == null;
        },
        Duration.ofMinutes(1));
  }

  private static WeakReference<ClassLoader> runJob(Map<String, String> settings) throws Exception {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    JobLoader loader = new JobLoader();
    thread.setContextClassLoader(loader);
    try {
      Class<?> uris = loader.loadClass("dev.countersign.text.StoreUri");
      Class<?> stores = loader.loadClass("dev.countersign.storage.objects.ObjectStore");
      Class<?> clients = loader.loadClass("dev.countersign.storage.objects.ObjectClient");
      Object store =
          loader.loadClass("dev.countersign.storage.s3.S3Store").getConstructor().newInstance();
      Method open = stores.getMethod("open", uris, Map.class);
      Method list = clients.getMethod("list", String.class, boolean.class, String.class);
      Object uri = uris.getMethod("parse", String.class).invoke(null, "s3a://lab");

      Object client = open.invoke(store, uri, settings);
      assertThat(list.invoke(client, "", true, "")).isNotNull();
      clients.getMethod("close").invoke(client);

      assertThat(store.getClass().getClassLoader()).isSameAs(loader);
      return new WeakReference<>(loader);
    } finally {
      thread.setContextClassLoader(before);
      loader.close();
    }
  }

  private static int list(S3Connection connection) throws IOException {
    return connection.send(
        (client, requests) ->
            client
                .listObjectsV2(requests.newListObjectsV2RequestBuilder("", null, 10).build())
                .contents()
                .size());
  }

  private static void await(BooleanSupplier condition, Duration most) throws InterruptedException {
    long end = System.nanoTime() + most.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(end);
      Thread.sleep(50);
    }
  }
}
