package dev.countersign.source.reading;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.EnumeratorState;
import dev.countersign.schemas.UnitRecord;
import dev.countersign.source.SimulatedEnumerator;
import dev.countersign.source.checkpoint.UnreadableState;
import dev.countersign.source.planning.PlanSettings;
import dev.countersign.source.reading.SimulatedProcesses.Worker;
import dev.countersign.source.signals.EnumeratorEvent;
import dev.countersign.source.signals.ReaderEvent;
import dev.countersign.source.units.ModelSplit;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.connector.testutils.source.reader.TestingReaderOutput;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.util.FlinkRuntimeException;
import org.jspecify.annotations.Nullable;

/**
 * A run in one thread: the enumerator, the readers and the stage behind them are real; planners,
 * lanes, messages, checkpoints and faults come in an order that a seed draws.
 *
 * <p>What it has in common with Flink: messages of one reader, or to one, keep their order; those
 * that are on their way when a task fails are lost; a failure restarts every task from the last
 * completed checkpoint, and either leaves the enumerator as it is and gives back what it assigned
 * since, or restores it as well; nothing may be sent to a reader between the enumerator's part of a
 * checkpoint and the reader's.
 */
final class RunSimulation implements AutoCloseable {

  /** How many steps a run may take once there are no more random faults. */
  private static final int STEPS_TO_END = 100_000;

  /** Random kills of processes, few enough that no sound unit is taken for what kills. */
  private static final int KILLS = 2;

  private static final int LANES = 2;

  private record Barrier(long checkpoint) {}

  private record Registration(List<ModelSplit> reported) {}

  private final Random random;
  private final boolean harsh;
  private final String runId;
  private final SimulatedModels models;
  private final SimulatedEnumerator enumerator;
  private final UnreadableState.Serializer states = new UnreadableState.Serializer();
  private final ModelSplit.Serializer splits = new ModelSplit.Serializer();
  private final SimulatedProcesses processes;
  private final List<Task> tasks = new ArrayList<>();
  private final List<AssembledModel> results = new ArrayList<>();
  private final AssignedSplits assigned = new AssignedSplits();
  private final List<String> trace = new ArrayList<>();
  private final SimulatedStage stage = new SimulatedStage();
  private @Nullable SimulatedCheckpoint pending;
  private @Nullable SimulatedCheckpoint completed;
  private long lastCheckpoint;
  private int kills = KILLS;
  private boolean ended;

  /**
   * A run that has not begun.
   *
   * @param harsh whether most bad models kill their process, each failure restores the enumerator,
   *     and a checkpoint seldom completes in between
   */
  RunSimulation(long seed, boolean harsh, PlanSettings settings, Path folder) throws Exception {
    random = new Random(seed);
    this.harsh = harsh;
    runId = "simulation-" + seed + harsh;
    models = new SimulatedModels(random, harsh, seed % 2 == 0 ? new Random(seed) : null);
    int readers = 1 + random.nextInt(4);
    int count = 1 + random.nextInt(readers);
    processes = new SimulatedProcesses(runId, count, harsh && count == 1);
    enumerator =
        new SimulatedEnumerator(
            settings,
            harsh ? folder.resolve(runId).toString() : "",
            !processes.embedded,
            models.size(),
            readers,
            models::plan,
            this::send,
            random);
    enumerator.begin(processes.manager(), processes.session(), null, false);
    for (int reader = 0; reader < readers; reader++) {
      tasks.add(new Task(reader, processes.of(reader), List.of()));
    }
  }

  /** Runs to the end; throws if it does not come to one, or to a wrong one. */
  void run() throws Exception {
    try {
      runToItsEnd();
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(models + "\n" + String.join("\n", trace), e);
    }
  }

  private void runToItsEnd() throws Exception {
    int faulty = 50 + random.nextInt(500);
    for (int step = 0; step < faulty && !ended; step++) {
      step(true);
    }
    for (int step = 0; !ended; step++) {
      assertThat(step).as("steps without an end").isLessThan(STEPS_TO_END);
      step(false);
    }
    judge();
  }

  private void judge() throws Exception {
    models.judge(results);
    assertThat(enumerator.isIdle()).as("nothing is planned, waits or is out").isTrue();
    for (Task task : tasks) {
      assertThat(task.reader.snapshotState(lastCheckpoint + 1)).isEmpty();
      assertThat(task.pool.jobs).isEmpty();
    }
    assertThat(stage.isEmpty()).as("the stage holds nothing of models that are done").isTrue();
  }

  private void step(boolean faults) throws Exception {
    switch (random.nextInt(20)) {
      case 0 -> {
        if (faults && random.nextInt(4) == 0) {
          fault();
        }
      }
      case 1 -> {
        if (pending == null) {
          if (random.nextInt(harsh ? 60 : 3) == 0) {
            triggerCheckpoint();
          }
        } else if (faults && random.nextInt(10) == 0) {
          abortCheckpoint();
        }
      }
      case 2 -> enumerator.timePasses(random.nextInt(40));
      case 3, 4 -> {
        if (enumerator.planOne(id -> models.killsPlanner(id, processes.embedded ? 3 : 4 + KILLS))) {
          endManager();
        }
      }
      case 5, 6, 7, 8 -> any().deliverToEnumerator();
      case 9, 10, 11 -> any().deliverToReader();
      case 12, 13 -> any().work();
      case 14, 15, 16 -> any().poll();
      case 17 -> any().passBarrier();
      default -> assemble();
    }
    enumerator.runActions();
    completeCheckpoint();
  }

  private Task any() {
    return tasks.get(random.nextInt(tasks.size()));
  }

  private void note(String format, Object... arguments) {
    trace.add(String.format(Locale.ROOT, format, arguments));
  }

  private void send(int reader, Object message) {
    Task task = tasks.get(reader);
    assertThat(task.isBeforeBarrier)
        .as("%s is sent to reader %s before its barrier", message, reader)
        .isFalse();
    if (message instanceof ModelSplit split) {
      models.sent(split.id());
      task.toReader.add(assigned.add(reader, split));
    } else {
      task.toReader.add(message);
    }
    note("enumerator -> %d: %s", reader, message);
  }

  private void triggerCheckpoint() throws Exception {
    if (tasks.stream().anyMatch(task -> !task.finished && !task.started)) {
      return;
    }
    long id = ++lastCheckpoint;
    note("checkpoint %d", id);
    EnumeratorState state = enumerator.snapshot(id);
    pending = new SimulatedCheckpoint(id, states.serialize(state));
    assigned.checkpointBegun(id);
    for (Task task : tasks) {
      if (task.finished) {
        pending.finished.add(task.subtask);
      } else {
        task.isBeforeBarrier = true;
        task.endsWith = task.dataFinished ? id : 0;
      }
    }
  }

  private void abortCheckpoint() {
    if (pending == null) {
      return;
    }
    note("checkpoint %d is aborted", pending.id);
    long id = pending.id;
    pending = null;
    for (Task task : tasks) {
      task.isBeforeBarrier = false;
      task.channel.removeIf(new Barrier(id)::equals);
    }
    enumerator.checkpointAborted(id);
  }

  private void completeCheckpoint() throws Exception {
    if (pending == null || !pending.isComplete(tasks.size())) {
      return;
    }
    completed = pending;
    pending = null;
    long id = completed.id;
    note("checkpoint %d is complete", id);
    assigned.checkpointCompleted(id);
    enumerator.checkpointCompleted(id);
    tasks.forEach(task -> task.finished |= task.endsWith == id);
    ended = tasks.stream().allMatch(task -> task.finished);
  }

  private void assemble() throws Exception {
    boolean aligned = pending != null && pending.stage == null;
    List<Task> readable = new ArrayList<>();
    for (Task task : tasks) {
      boolean atBarrier = task.channel.peek() instanceof Barrier;
      aligned &= task.finished || atBarrier;
      if (!task.channel.isEmpty() && !atBarrier) {
        readable.add(task);
      }
    }
    if (pending != null && aligned) {
      tasks.forEach(task -> task.channel.poll());
      pending.stage = stage.snapshot();
      pending.results = results.size();
      note("the stage has checkpoint %d", pending.id);
    } else if (!readable.isEmpty()) {
      Task from = readable.get(random.nextInt(readable.size()));
      for (AssembledModel model : stage.process((UnitRecord) from.channel.remove())) {
        note("result of %d", model.getHeader().getEntryId());
        results.add(model);
      }
    }
  }

  private void fault() throws Exception {
    abortCheckpoint(); // What waited for it goes out to processes that are about to end.
    Worker worker = processes.any(random);
    switch (random.nextInt(3)) {
      case 0 -> {
        if (kills-- > 0) {
          models.excuseIfAlone(hasStarted());
          models.excuse(enumerator.plannedAlone());
          if (harsh && random.nextBoolean()) {
            endManager();
          } else {
            kill(worker);
          }
        }
      }
      case 1 -> {
        if (processes.embedded) {
          note("the run is stopped and started again");
          models.stopped();
          processes.stop();
          fail(true);
          return;
        }
        note("%s is asked to end", worker.identity);
        boolean announced = false;
        for (Task task : tasks) {
          if (task.worker == worker && !task.finished && task.started) {
            enumerator.event(task.subtask, new ReaderEvent.ProcessLeaves(worker.identity));
            announced = true;
          }
        }
        if (!announced) {
          // Between two lives of its readers, nobody can tell it from a crash.
          models.excuseIfAlone(hasStarted());
        }
        processes.end(worker);
        fail();
      }
      default -> {
        note("a task fails");
        fail();
      }
    }
  }

  private void endManager() throws Exception {
    note("%s ends, which plans", processes.manager());
    processes.endManager();
    models.managerEnded(processes.embedded, completed);
    fail(true);
  }

  private boolean hasStarted() {
    return tasks.stream().allMatch(task -> task.started || task.finished);
  }

  private void kill(Worker worker) throws Exception {
    note("%s is killed", worker.identity);
    if (processes.embedded) {
      endManager();
    } else {
      processes.end(worker);
      fail();
    }
  }

  private void fail() throws Exception {
    fail(random.nextBoolean() || harsh);
  }

  /**
   * Restarts every task from the last completed checkpoint.
   *
   * @param all the enumerator as well, in a new process if it is another than before
   */
  private void fail(boolean all) throws Exception {
    abortCheckpoint();
    models.restarted(hasStarted(), completed, processes);
    for (Task task : tasks) {
      task.reader.close();
    }
    if (all) {
      note("the enumerator is restored");
      assigned.clear();
      EnumeratorState state =
          completed == null ? null : states.deserialize(states.getVersion(), completed.enumerator);
      enumerator.begin(processes.manager(), processes.session(), state, true);
    } else {
      List<Task> order = new ArrayList<>(tasks);
      Collections.shuffle(order, random);
      for (Task task : order) {
        enumerator.lost(task.subtask);
      }
      for (Task task : order) {
        enumerator.splitsBack(assigned.remove(task.subtask), task.subtask);
      }
    }
    stage.restore(completed == null ? null : completed.stage);
    results.subList(completed == null ? 0 : completed.results, results.size()).clear();
    for (int reader = 0; reader < tasks.size(); reader++) {
      Task before = tasks.get(reader);
      List<ModelSplit> reported = completed == null ? List.of() : completed.splitsOf(reader);
      tasks.set(reader, new Task(reader, before.worker, reported));
    }
  }

  /** One reader, and what is on its way from and to it. */
  private final class Task {
    final int subtask;
    final Worker worker;
    final SimulatedPool pool;
    final HashingReader reader;
    final Deque<Object> toEnumerator = new ArrayDeque<>();
    final Deque<Object> toReader = new ArrayDeque<>();
    final Deque<Object> channel = new ArrayDeque<>();
    final TestingReaderOutput<UnitRecord> output =
        new TestingReaderOutput<>() {
          @Override
          public void collect(UnitRecord record) {
            channel.add(record);
          }
        };
    boolean isBeforeBarrier;
    boolean started;
    boolean dataFinished;
    boolean finished;
    long endsWith;

    Task(int subtask, Worker worker, List<ModelSplit> reported) {
      this.subtask = subtask;
      this.worker = worker;
      this.pool = new SimulatedPool();
      System.setProperty("dev.countersign.process", worker.identity);
      toEnumerator.add(new Registration(reported));
      this.reader =
          new HashingReader(
              worker.context(toEnumerator::add),
              runId,
              LANES,
              16,
              (metrics, outcomes) -> pool.outcomesTo(outcomes));
      reader.start();
    }

    void deliverToEnumerator() throws Exception {
      Object message = toEnumerator.poll();
      if (message == null) {
        return;
      }
      note("%d -> enumerator: %s", subtask, message);
      if (message instanceof Registration registration) {
        enumerator.register(subtask, registration.reported());
      } else {
        started |= message instanceof ReaderEvent.Started;
        if (message instanceof ReaderEvent.UnitAnswer answer) {
          models.answered(answer.id());
        }
        enumerator.event(subtask, (SourceEvent) message);
      }
    }

    void deliverToReader() {
      Object message = toReader.poll();
      if (message instanceof ModelSplit split) {
        reader.addSplits(List.of(split));
      } else if (message instanceof SimulatedEnumerator.NoMoreSplits) {
        reader.notifyNoMoreSplits();
      } else if (message instanceof EnumeratorEvent event) {
        reader.handleSourceEvents(event);
      }
    }

    void work() throws Exception {
      ModelSplit job = pool.next(random, LANES);
      if (job == null) {
        return;
      }
      if (!pool.isCancelled(job) && models.kills(job)) {
        kill(worker);
        return;
      }
      note("%d works on %s", subtask, job);
      pool.end(
          job,
          pool.isCancelled(job)
              ? new UnitPool.UnitOutcome.Cancelled(job.id())
              : models.outcome(job));
    }

    void poll() throws Exception {
      if (dataFinished) {
        return;
      }
      System.setProperty("dev.countersign.process", worker.identity);
      InputStatus status;
      try {
        status = reader.pollNext(output);
      } catch (FlinkRuntimeException e) {
        worker.identity = System.getProperty("dev.countersign.process");
        note("%d fails: %s", subtask, e.getMessage());
        fail();
        return;
      }
      if (status == InputStatus.END_OF_INPUT) {
        note("%d has come to its end", subtask);
        dataFinished = true;
      }
    }

    void passBarrier() throws Exception {
      if (!isBeforeBarrier || pending == null) {
        return;
      }
      // Flink has a barrier wait for what was sent before the enumerator's part.
      while (!toReader.isEmpty()) {
        deliverToReader();
      }
      List<byte[]> state = new ArrayList<>();
      for (ModelSplit split : reader.snapshotState(pending.id)) {
        state.add(splits.serialize(split));
      }
      pending.add(subtask, state, worker.identity);
      channel.add(new Barrier(pending.id));
      isBeforeBarrier = false;
      note("%d has passed barrier %d with %d units", subtask, pending.id, state.size());
    }
  }

  @Override
  public void close() throws Exception {
    for (Task task : tasks) {
      task.reader.close();
    }
    enumerator.close();
  }
}
