package dev.countersign.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.schemas.ModelResult;
import dev.countersign.source.ModelSource;
import dev.countersign.source.pool.PlanMemory;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two jobs in one process, each with a class loader of its own, as in a session cluster. */
@Timeout(180)
final class SessionClusterITCase {

  @TempDir Path folder;

  @Test
  void jobs_ofOneCluster_shareTheMemoryForPlansUntilTheyEnd() throws Exception {
    PlanMemory unused = PlanMemory.ofThisProcess();
    Semaphore memory = memoryForPlans();
    Configuration configuration = new Configuration();
    configuration.setString("rest.port", "0");
    // As in a job's jar, Avro comes with the classes that it makes records of.
    configuration.setString("classloader.parent-first-patterns.default", "java.");
    try (MiniCluster cluster =
        new MiniCluster(
            new MiniClusterConfiguration.Builder().setConfiguration(configuration).build())) {
      cluster.start();
      int all = memory.drainPermits();

      JobID first = submit(cluster, "first");
      JobID second = submit(cluster, "second");
      until(() -> memory.getQueueLength() == 2);
      Set<ClassLoader> loaders = loadersOfPlanners();
      memory.release(all);
      until(() -> memory.availablePermits() == all - 2);
      assertThat(cluster.cancelJob(first)).succeedsWithin(Duration.ofMinutes(1));
      until(() -> memory.availablePermits() == all - 1);
      assertThat(cluster.cancelJob(second)).succeedsWithin(Duration.ofMinutes(1));
      until(() -> memory.availablePermits() == all);

      assertThat(loaders).as("class loaders of the jobs").hasSize(2);
    }
  }

  /** Submits a job that plans a model; it needs more slots than there are, so nothing is read. */
  private JobID submit(MiniCluster cluster, String name) throws Exception {
    Path model = Files.createDirectories(folder.resolve("models/" + name));
    Files.writeString(model.resolve("weights.bin"), "content");
    TestRuns runs = new TestRuns(Files.createDirectory(folder.resolve(name)));
    runs.slots = 20;
    CompletableFuture<JobID> submitted = new CompletableFuture<>();
    runs.runner = job -> submitted.complete(submit(cluster, job));
    List<ModelResult> none = runs.digest(model);
    assertThat(none).isEmpty();
    return submitted.get();
  }

  private static Semaphore memoryForPlans() {
    return System.getProperties().entrySet().stream()
        .filter(property -> property.getKey().toString().startsWith("dev.countersign.plan.memory/"))
        .map(property -> (Semaphore) property.getValue())
        .findFirst()
        .orElseThrow();
  }

  private static JobID submit(MiniCluster cluster, JobGraph job) throws Exception {
    job.setClasspaths(
        Stream.of(
                ModelSource.class,
                ModelResult.class,
                CatalogPipeline.class,
                ModelResult.class.getSuperclass(),
                Class.forName("org.apache.flink.formats.avro.typeutils.AvroTypeInfo"))
            .map(SessionClusterITCase::location)
            .toList());
    return cluster.submitJob(job).get().getJobID();
  }

  private static URL location(Class<?> loaded) {
    return loaded.getProtectionDomain().getCodeSource().getLocation();
  }

  private static Set<ClassLoader> loadersOfPlanners() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().matches("countersign-planner-\\d+"))
        .map(thread -> thread.getClass().getClassLoader())
        .filter(loader -> loader != SessionClusterITCase.class.getClassLoader())
        .collect(Collectors.toSet());
  }

  private static void until(BooleanSupplier holds) throws InterruptedException {
    while (!holds.getAsBoolean()) {
      Thread.sleep(5);
    }
  }
}
