package dev.countersign.jobs.pipeline;

import dev.countersign.jobs.FreePort;
import dev.countersign.jobs.Main;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.apache.curator.test.TestingServer;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.client.cli.CliFrontend;
import org.apache.flink.client.deployment.StandaloneClusterId;
import org.apache.flink.client.program.rest.RestClusterClient;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.container.entrypoint.StandaloneApplicationClusterEntryPoint;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.client.JobStatusMessage;
import org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.rest.messages.EmptyRequestBody;
import org.apache.flink.runtime.rest.messages.JobAccumulatorsHeaders;
import org.apache.flink.runtime.rest.messages.JobAccumulatorsInfo;
import org.apache.flink.runtime.rest.messages.JobAccumulatorsMessageParameters;
import org.apache.flink.runtime.rest.messages.JobMessageParameters;
import org.apache.flink.runtime.rest.messages.JobVertexDetailsHeaders;
import org.apache.flink.runtime.rest.messages.JobVertexMessageParameters;
import org.apache.flink.runtime.rest.messages.MessageHeaders;
import org.apache.flink.runtime.rest.messages.MessageParameters;
import org.apache.flink.runtime.rest.messages.ResponseBody;
import org.apache.flink.runtime.rest.messages.job.JobDetailsHeaders;
import org.apache.flink.runtime.rest.messages.job.JobDetailsInfo;
import org.apache.flink.runtime.rest.messages.job.SubtaskExecutionAttemptDetailsInfo;
import org.apache.flink.runtime.rest.messages.job.metrics.IOMetricsInfo;
import org.apache.flink.runtime.taskexecutor.TaskManagerRunner;
import org.jspecify.annotations.Nullable;

/**
 * A standalone cluster on the loopback interface: one job manager and some task managers, each a
 * process of its own with the tests' class path. Logs lie in {@code target/real-cluster}.
 */
final class RealCluster implements TestRuns.JobRunner, AutoCloseable {

  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private static final String CONFIGURATION =
      """
      jobmanager.rpc.address: 127.0.0.1
      jobmanager.bind-host: 127.0.0.1
      rest.address: 127.0.0.1
      rest.bind-address: 127.0.0.1
      taskmanager.host: 127.0.0.1
      taskmanager.bind-host: 127.0.0.1
      taskmanager.numberOfTaskSlots: 2
      taskmanager.load-balance.mode: slots
      taskmanager.cpu.cores: 2.0
      taskmanager.memory.framework.heap.size: 128m
      taskmanager.memory.framework.off-heap.size: 128m
      taskmanager.memory.task.heap.size: 512m
      taskmanager.memory.task.off-heap.size: 0m
      taskmanager.memory.network.min: 32m
      taskmanager.memory.network.max: 32m
      taskmanager.memory.managed.size: 0m
      taskmanager.memory.jvm-metaspace.size: 256m
      taskmanager.memory.jvm-overhead.min: 64m
      taskmanager.memory.jvm-overhead.max: 64m
      cluster.registration.error-delay: 200ms
      heartbeat.interval: 1s
      heartbeat.timeout: 30s
      heartbeat.rpc-failure-threshold: 1
      """;

  /** One task manager. */
  record Worker(String name, Process process) {

    /** Ends it as {@code kill -9} does. */
    void kill() throws InterruptedException {
      process.destroyForcibly().waitFor();
    }

    /** Asks it to end, as an eviction does, and waits for that. */
    void terminate() throws InterruptedException {
      process.destroy();
      int unused = process.waitFor();
    }
  }

  /** Exit code of a client, and everything it printed. */
  record Ended(int code, String said) {}

  private final String name;
  private final Path folder;
  private final Path logs;
  private final Class<?> entryPoint;
  private final List<String> application;
  private Process jobManager;
  private final RestClusterClient<StandaloneClusterId> client;
  private final Queue<Worker> workers = new ConcurrentLinkedQueue<>();
  private final Queue<CompletableFuture<Void>> replacements = new ConcurrentLinkedQueue<>();
  final Map<String, String> environmentOfNext = new TreeMap<>();
  private final AtomicInteger started = new AtomicInteger();
  private final AtomicInteger jobManagersStarted = new AtomicInteger();
  private final AtomicInteger clientsStarted = new AtomicInteger();
  private boolean closed;
  private volatile @Nullable JobID job;

  private RealCluster(
      String name,
      Path folder,
      Map<String, String> settings,
      Class<?> entryPoint,
      List<String> application)
      throws Exception {
    this.name = name;
    this.entryPoint = entryPoint;
    this.application = application;
    this.folder = Files.createDirectories(folder.resolve("cluster"));
    this.logs = Files.createDirectories(Path.of("target", "real-cluster"));
    int restPort = FreePort.next();
    writeConfiguration(restPort, settings);
    jobManager = newJobManager();
    Configuration configuration = new Configuration();
    // A client must outlive the time in which a job manager starts again.
    configuration.setString("rest.retry.delay", "500ms");
    configuration.setString("rest.retry.max-attempts", "240");
    configuration.setString("rest.address", "127.0.0.1");
    configuration.setString("rest.port", Integer.toString(restPort));
    client = new RestClusterClient<>(configuration, StandaloneClusterId.getInstance());
  }

  /**
   * Starts a job manager; its log and state are named {@code name} and lie below {@code folder}.
   */
  static RealCluster start(String name, Path folder) throws Exception {
    return start(name, folder, Map.of());
  }

  /** As {@link #start(String, Path)}, with settings of Flink's beside the usual ones. */
  static RealCluster start(String name, Path folder, Map<String, String> settings)
      throws Exception {
    return new RealCluster(
        name, folder, settings, StandaloneSessionClusterEntrypoint.class, List.of());
  }

  /** Settings under which a job manager that is started again resumes its jobs. */
  static Map<String, String> highAvailability(TestingServer zooKeeper, Path folder) {
    return Map.of(
        "high-availability.type", "zookeeper",
        "high-availability.zookeeper.quorum", zooKeeper.getConnectString(),
        "high-availability.storageDir", folder.resolve("ha").toUri().toString(),
        "high-availability.zookeeper.client.session-timeout", "5s",
        "high-availability.zookeeper.client.connection-timeout", "5s");
  }

  /**
   * Starts a job manager for one run of the program, with which it ends.
   *
   * @param settings Flink's, in addition to the usual ones or in place of them
   * @param arguments the program's
   */
  static RealCluster startApplication(
      String name, Path folder, Map<String, String> settings, List<String> arguments)
      throws Exception {
    List<String> application = new ArrayList<>(List.of("--job-classname", Main.class.getName()));
    application.addAll(arguments);
    return new RealCluster(
        name, folder, settings, StandaloneApplicationClusterEntryPoint.class, application);
  }

  private Process newJobManager() throws IOException {
    List<String> arguments = new ArrayList<>(List.of("--configDir", folder.toString()));
    arguments.addAll(application);
    return start(
        "jobmanager-" + jobManagersStarted.incrementAndGet(),
        List.of(),
        entryPoint,
        List.of("-Xmx400m"),
        arguments);
  }

  /** Ends the job manager as {@code kill -9} does. */
  void killJobManager() throws InterruptedException {
    int unused = jobManager.destroyForcibly().waitFor();
  }

  /** Starts the job manager again, with the same ports. */
  void startJobManager() throws IOException {
    jobManager = newJobManager();
  }

  /** The task managers that run. */
  List<Worker> workers() {
    return workers.stream().filter(worker -> worker.process().isAlive()).toList();
  }

  /** Waits until the job manager has ended, as an application's does; returns its exit code. */
  int awaitApplication() throws InterruptedException {
    if (!jobManager.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError("the application does not end; see " + logs.toAbsolutePath());
    }
    return jobManager.exitValue();
  }

  /**
   * Runs the program by Flink's own command line, {@code flink run OPTIONS JAR ARGUMENTS}, in a
   * process of its own.
   */
  Ended flinkRun(List<String> options, List<String> arguments) throws Exception {
    Path jar = folder.resolve("countersign.jar");
    writeJar(jar);
    List<String> all = new ArrayList<>(List.of("run"));
    all.addAll(options);
    all.add(jar.toString());
    all.addAll(arguments);
    String id = "client-" + clientsStarted.incrementAndGet();
    Process client = start(id, List.of(), CliFrontend.class, List.of("-Xmx400m"), all);
    try {
      if (!client.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("flink run does not end; see " + logs.toAbsolutePath());
      }
    } finally {
      client.destroyForcibly();
    }
    return new Ended(client.exitValue(), Files.readString(log(id)));
  }

  /** A jar that names the program; its classes are on every process's class path. */
  private static void writeJar(Path jar) throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, Main.class.getName());
    try (OutputStream out = Files.newOutputStream(jar)) {
      new JarOutputStream(out, manifest).finish();
    }
  }

  /**
   * Starts a task manager, of two slots unless the settings say otherwise; {@link #awaitWorkers}
   * waits for it.
   */
  Worker startWorker(String... jvmOptions) throws IOException {
    return startWorker(List.of(), Map.of(), jvmOptions);
  }

  /** Starts a task manager with settings of its own, by a launcher that executes its arguments. */
  Worker startWorker(List<String> launcher, Map<String, String> settings, String... jvmOptions)
      throws IOException {
    String id = "worker-" + started.incrementAndGet();
    List<String> options = new ArrayList<>(List.of("-Xmx640m", "-XX:MaxDirectMemorySize=192m"));
    options.addAll(List.of(jvmOptions));
    List<String> arguments =
        new ArrayList<>(
            List.of("--configDir", folder.toString(), "-D", "taskmanager.resource-id=" + id));
    settings.forEach((key, value) -> arguments.addAll(List.of("-D", key + "=" + value)));
    Worker worker =
        new Worker(id, start(id, launcher, TaskManagerRunner.class, options, arguments));
    workers.add(worker);
    return worker;
  }

  /** Starts a task manager, and another one whenever it ends, as a supervisor would. */
  synchronized void startSupervisedWorker() throws IOException {
    if (!closed) {
      replacements.add(startWorker().process().onExit().thenRun(this::replaceWorker));
    }
  }

  private void replaceWorker() {
    try {
      startSupervisedWorker();
    } catch (IOException e) {
      throw new UncheckedIOException("a task manager does not start again", e);
    }
  }

  /** How many task managers were started. */
  int workersStarted() {
    return started.get();
  }

  /** Waits until exactly {@code count} task managers are registered. */
  void awaitWorkers(int count) throws Exception {
    await(
        "cluster of " + count + " workers",
        () -> client.getClusterOverview().get().getNumTaskManagersConnected() == count);
  }

  private interface Condition {
    boolean holds() throws ExecutionException, InterruptedException;
  }

  private void await(String what, Condition condition) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!holds(condition)) {
      if (System.nanoTime() > deadline || !jobManager.isAlive()) {
        throw new AssertionError("no " + what + "; see " + logs.toAbsolutePath());
      }
      Thread.sleep(100);
    }
  }

  private static boolean holds(Condition condition) throws InterruptedException {
    try {
      return condition.holds();
    } catch (ExecutionException e) {
      // Not up yet.
      return false;
    }
  }

  @Override
  public void run(JobGraph graph) throws Exception {
    job = client.submitJob(graph).get();
    client
        .requestJobResult(graph.getJobID())
        .get()
        .toJobExecutionResult(RealCluster.class.getClassLoader());
  }

  /** Waits for a job that was not submitted from here; from then on it is the last one. */
  void awaitJob() throws Exception {
    await("job that runs", () -> firstRunning().isPresent());
    job = firstRunning().orElseThrow();
  }

  /** Waits until the job's stage runs with {@code count} subtasks. */
  void awaitSubtasks(String stage, int count) throws Exception {
    await(count + " subtasks of " + stage, () -> runningSubtasks(stage) == count);
  }

  /** Ends the job with a savepoint below {@code folder}; returns where it is. */
  Path stopWithSavepoint(Path folder) throws Exception {
    String savepoint =
        client
            .stopWithSavepoint(job, false, folder.toUri().toString(), SavepointFormatType.CANONICAL)
            .get();
    return Path.of(URI.create(savepoint));
  }

  String webUi() {
    return client.getWebInterfaceURL();
  }

  /** How many records the subtasks of a finished job's stage emitted, by their worker's name. */
  Map<String, Long> recordsByWorker(String stage) throws Exception {
    Map<String, Long> records = new TreeMap<>();
    for (JobDetailsInfo.JobVertexDetailsInfo vertex : details().getJobVertexInfos()) {
      if (vertex.getName().contains(stage)) {
        JobVertexMessageParameters of = new JobVertexMessageParameters();
        of.jobPathParameter.resolve(job);
        of.jobVertexIdPathParameter.resolve(vertex.getJobVertexID());
        for (SubtaskExecutionAttemptDetailsInfo subtask :
            request(JobVertexDetailsHeaders.getInstance(), of).getSubtasks()) {
          records.merge(
              subtask.getTaskmanagerId(),
              subtask.getIoMetricsInfo().getRecordsWritten(),
              Long::sum);
        }
      }
    }
    return records;
  }

  /** What a finished job's stage has read, as the web UI shows it. */
  IOMetricsInfo inputOf(String stage) throws Exception {
    return details().getJobVertexInfos().stream()
        .filter(vertex -> vertex.getName().contains(stage))
        .findFirst()
        .orElseThrow()
        .getJobVertexMetrics();
  }

  /** The accumulators of a job, by name. */
  Map<String, String> accumulators() throws Exception {
    JobAccumulatorsMessageParameters of = new JobAccumulatorsMessageParameters();
    of.jobPathParameter.resolve(job);
    Map<String, String> values = new TreeMap<>();
    for (JobAccumulatorsInfo.UserTaskAccumulator accumulator :
        request(JobAccumulatorsHeaders.getInstance(), of).getUserAccumulators()) {
      values.put(accumulator.getName(), accumulator.getValue());
    }
    return values;
  }

  @Override
  public void close() throws Exception {
    synchronized (this) {
      closed = true;
    }
    client.close();
    for (Worker worker : workers) {
      worker.kill();
    }
    CompletableFuture.allOf(replacements.toArray(CompletableFuture<?>[]::new)).join();
    jobManager.destroyForcibly().waitFor();
  }

  private <U extends MessageParameters, P extends ResponseBody> P request(
      MessageHeaders<EmptyRequestBody, P, U> what, U parameters)
      throws ExecutionException, InterruptedException {
    return client.sendRequest(what, parameters, EmptyRequestBody.getInstance()).get();
  }

  private Optional<JobID> firstRunning() throws ExecutionException, InterruptedException {
    return client.listJobs().get().stream()
        .filter(listed -> listed.getJobState() == JobStatus.RUNNING)
        .map(JobStatusMessage::getJobId)
        .findFirst();
  }

  /** Number of subtasks of a stage while it runs; 0 when it does not. */
  private int runningSubtasks(String stage) throws ExecutionException, InterruptedException {
    return details().getJobVertexInfos().stream()
        .filter(vertex -> vertex.getName().contains(stage))
        .filter(vertex -> vertex.getTasksPerState().get(ExecutionState.RUNNING) > 0)
        .mapToInt(JobDetailsInfo.JobVertexDetailsInfo::getParallelism)
        .sum();
  }

  private JobDetailsInfo details() throws ExecutionException, InterruptedException {
    JobMessageParameters parameters = new JobMessageParameters();
    parameters.jobPathParameter.resolve(job);
    return request(JobDetailsHeaders.getInstance(), parameters);
  }

  private Path log(String process) {
    return logs.resolve(name + "-" + process + ".log");
  }

  private Process start(
      String process,
      List<String> launcher,
      Class<?> main,
      List<String> jvmOptions,
      List<String> arguments)
      throws IOException {
    Path temporary = Files.createDirectories(folder.resolve("tmp"));
    List<String> command = new ArrayList<>(launcher);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmOptions);
    command.add("-Djava.io.tmpdir=" + temporary);
    command.add("-Dlog4j2.configurationFile=" + folder.resolve("log4j2.properties"));
    // As Flink's own scripts give it: what starts a program needs it.
    command.add("--add-opens=java.base/java.util=ALL-UNNAMED");
    // Quick to start on few cores; nothing here lives long enough to be compiled well.
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.add("-XX:+ExitOnOutOfMemoryError");
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log(process).toFile());
    builder.environment().putAll(environmentOfNext);
    builder.environment().put("FLINK_CONF_DIR", folder.toString());
    return builder.start();
  }

  private void writeConfiguration(int restPort, Map<String, String> settings) throws IOException {
    List<String> lines = new ArrayList<>();
    CONFIGURATION
        .lines()
        .filter(line -> !settings.containsKey(line.substring(0, line.indexOf(':'))))
        .forEach(lines::add);
    lines.add("jobmanager.rpc.port: " + FreePort.next());
    lines.add("rest.port: " + restPort);
    settings.forEach((key, value) -> lines.add(key + ": " + value));
    Files.write(folder.resolve("config.yaml"), lines);
    Files.writeString(
        folder.resolve("log4j2.properties"),
        """
        rootLogger.level = INFO
        rootLogger.appenderRef.console.ref = console
        appender.console.name = console
        appender.console.type = Console
        appender.console.layout.type = PatternLayout
        appender.console.layout.pattern = %d{ABSOLUTE} %-5p %-40.40c{1.} - %m%n
        """);
  }
}
