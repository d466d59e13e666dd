package dev.countersign.source;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.outcome.FailureLimit;
import dev.countersign.outcome.FaultSettings;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.EnumeratorState;
import dev.countersign.source.checkpoint.CommandFingerprint;
import dev.countersign.source.checkpoint.UnitJournal;
import dev.countersign.source.feed.EntryFeed;
import dev.countersign.source.ledger.UnitQueue;
import dev.countersign.source.planning.ModelPlanner.EarlierWork;
import dev.countersign.source.planning.PlanSettings;
import dev.countersign.source.planning.Planning;
import dev.countersign.source.reading.ReadSettings;
import dev.countersign.source.signals.ReaderEvent.EndedModel;
import dev.countersign.source.signals.RunSession;
import dev.countersign.source.units.ModelPlan;
import dev.countersign.source.units.ModelSplit;
import dev.countersign.source.units.WindowSettings;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.LongPredicate;
import org.apache.flink.api.connector.source.ReaderInfo;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SplitsAssignment;
import org.apache.flink.metrics.groups.SplitEnumeratorMetricGroup;
import org.jspecify.annotations.Nullable;

/**
 * An enumerator as a coordinator has it, in one thread: plans come when somebody says so, the clock
 * stands still until then, and what is for readers is passed on at once.
 */
public final class SimulatedEnumerator implements AutoCloseable {

  private static final int PLANNERS = 2;

  /** How often what may pass is tried again. */
  public static final int RETRIES = 2;

  /** Where messages to readers go: splits, events, and {@link NoMoreSplits}. */
  @FunctionalInterface
  public interface Outbox {
    void send(int reader, Object message);
  }

  /** Stands for Flink's event of that name. */
  public record NoMoreSplits() {}

  private record ToPlan(
      long entryId, Runnable waits, Runnable begins, Consumer<ModelPlan> planned) {}

  private final FaultSettings faults =
      new FaultSettings(RETRIES, Duration.ofMillis(20), Duration.ofMillis(20), FailureLimit.NONE);
  private final PlanSettings settings;

  /** A window of four models, unless a test needs another. */
  WindowSettings window = new WindowSettings(4, 1 << 20, PLANNERS, 1, 10, 1 << 20);

  private final String memory;
  private final boolean shared;
  private final int models;
  private final LongFunction<ModelPlan> plans;
  private final Random random;
  private final Coordinator context;
  private final List<ToPlan> planning = new ArrayList<>();
  private String process = "";
  private long millis;
  private long made;
  private long forgotten;
  private @Nullable UnitJournal written;
  private @Nullable ModelEnumerator enumerator;

  /**
   * No enumerator yet; {@link #begin} makes one.
   *
   * @param settings not used by an enumerator
   * @param memory file for the next process; empty if there will be none
   * @param shared whether it is a folder of a cluster instead
   * @param models how many there are; their ids count from 0
   * @param plans what planning a model comes to
   * @param random in which order models are planned
   */
  public SimulatedEnumerator(
      PlanSettings settings,
      String memory,
      boolean shared,
      int models,
      int readers,
      LongFunction<ModelPlan> plans,
      Outbox outbox,
      Random random) {
    this.models = models;
    this.plans = plans;
    this.random = random;
    this.context = new Coordinator(readers, outbox);
    this.settings = settings;
    this.memory = memory;
    this.shared = shared;
  }

  /**
   * Starts an enumerator in place of the one before, if there was one.
   *
   * @param process where it is; another than before if that ended
   * @param session another than before if somebody stopped the run
   */
  public void begin(String process, int session, @Nullable EnumeratorState saved, boolean again)
      throws IOException {
    if (process.equals(this.process)) {
      close();
    } else if (written != null && !shared) {
      // With the process; what a cluster shares stays as it is.
      written.close();
    }
    this.process = process;
    context.registered.clear();
    context.actions.clear();
    planning.clear();
    made = 0;
    forgotten = 0;
    System.setProperty("dev.countersign.process.planner", process);
    RunSettings of =
        new RunSettings(
            new CommandFingerprint(Map.of()),
            settings,
            window,
            ReadSettings.defaults(),
            faults,
            shared
                ? new RunSession("session " + session).sharing(memory)
                : new RunSession("session " + session, memory),
            false);
    written = UnitJournal.of(process, of.session());
    UnitQueue queue = new UnitQueue(faults, () -> millis, () -> 0.5);
    queue.expect(context.readers);
    enumerator =
        new ModelEnumerator(context, new Feed(), of, new Plans(), queue, saved, written, again);
    enumerator.start();
  }

  /** A reader has come, with what it had at the checkpoint. */
  public void register(int reader, List<ModelSplit> reported) {
    context.registered.put(
        reader, ReaderInfo.createReaderInfo(reader, "host", List.copyOf(reported)));
    current().addReader(reader);
  }

  /** A reader's task has failed. */
  public void lost(int reader) {
    context.registered.remove(reader);
  }

  public void splitsBack(List<ModelSplit> splits, int reader) {
    current().addSplitsBack(splits, reader);
  }

  public void event(int reader, SourceEvent event) {
    current().handleSourceEvent(reader, event);
  }

  public EnumeratorState snapshot(long checkpoint) {
    return current().snapshotState(checkpoint);
  }

  public void checkpointCompleted(long checkpoint) {
    current().notifyCheckpointComplete(checkpoint);
  }

  public void checkpointAborted(long checkpoint) {
    current().notifyCheckpointAborted(checkpoint);
  }

  /** Moves the clock on, and has the enumerator look at it, as its timer would. */
  public void timePasses(long milliseconds) {
    millis += milliseconds;
    current().notifyCheckpointAborted(Long.MIN_VALUE);
  }

  /**
   * Ends the planning of one model, if one is being planned.
   *
   * @param kills tells of models whose planning ends the process
   * @return whether it was such a one
   */
  public boolean planOne(LongPredicate kills) {
    if (planning.isEmpty()) {
      return false;
    }
    int planners = Math.min(PLANNERS, planning.size());
    planning.subList(0, planners).forEach(begun -> begun.begins().run());
    ToPlan next = planning.remove(random.nextInt(planners));
    if (kills.test(next.entryId())) {
      return true;
    }
    ModelPlan plan = plans.apply(next.entryId());
    made += plan.weight();
    next.planned().accept(plan);
    return false;
  }

  /** All that is being planned has to wait for memory. */
  public void planningWaits() {
    planning.forEach(begun -> begun.waits().run());
  }

  boolean isPlanning() {
    return !planning.isEmpty();
  }

  /** The only model that is being planned, if there is one alone. */
  public OptionalLong plannedAlone() {
    return planning.size() == 1 ? OptionalLong.of(planning.get(0).entryId()) : OptionalLong.empty();
  }

  /** Does what is to be done in the coordinator's thread. */
  public void runActions() {
    for (Runnable next = context.actions.poll(); next != null; next = context.actions.poll()) {
      next.run();
    }
  }

  /** Whether nothing is being planned, and no model or plan is held. */
  public boolean isIdle() {
    return planning.isEmpty()
        && made == forgotten
        && snapshot(Long.MAX_VALUE).getWindow().isEmpty();
  }

  @Override
  public void close() throws IOException {
    if (enumerator != null) {
      enumerator.close();
    }
  }

  private ModelEnumerator current() {
    if (enumerator == null) {
      throw new IllegalStateException("not begun");
    }
    return enumerator;
  }

  /** Plans when {@link #planOne} says so. */
  private final class Plans implements Planning {

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public Planning prepare() {
      return this;
    }

    @Override
    public void plan(
        CatalogEntry entry,
        EarlierWork earlier,
        Runnable waits,
        Runnable begins,
        Consumer<ModelPlan> planned,
        Consumer<Throwable> broken) {
      planning.add(new ToPlan(entry.id(), waits, begins, planned));
    }

    @Override
    public void forget(long weight) {
      forgotten = weight;
    }

    @Override
    public void locate(boolean wanted) {}

    @Override
    public ModelPlan failed(CatalogEntry entry, ModelFailure failure) {
      return ModelPlan.failed(dev.countersign.source.ledger.Plans.header(entry.id()), failure);
    }

    @Override
    public void close() {}
  }

  /** Entries that need not be read. */
  private final class Feed implements EntryFeed {

    @Override
    public void requireSame() {}

    @Override
    public long size() {
      return models;
    }

    @Override
    public long watched() {
      return models;
    }

    @Override
    public void save(EnumeratorState state) {
      state.setCatalog("");
    }

    @Override
    public long end() {
      return models;
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public boolean begin(long cursor) {
      return false;
    }

    @Override
    public OptionalLong untilNext(long cursor) {
      return OptionalLong.empty();
    }

    @Override
    public Runnable read() {
      throw new IllegalStateException("there is nothing to read");
    }

    @Override
    public CatalogEntry entry(long id) {
      return CatalogEntry.builder(id, "/models/" + id).build();
    }

    @Override
    public boolean isKnown(long id) {
      return false;
    }

    @Override
    public void retain(LongPredicate needed) {}

    @Override
    public void ended(EndedModel model) {}

    @Override
    public void close() {}
  }

  /** Flink's side, as far as one thread goes. */
  private static final class Coordinator implements SplitEnumeratorContext<ModelSplit> {
    private final int readers;
    private final Outbox outbox;
    private final Thread thread = Thread.currentThread();
    private final Map<Integer, ReaderInfo> registered = new HashMap<>();
    private final Queue<Runnable> actions = new ArrayDeque<>();

    Coordinator(int readers, Outbox outbox) {
      this.readers = readers;
      this.outbox = outbox;
    }

    @Override
    public @Nullable SplitEnumeratorMetricGroup metricGroup() {
      return null;
    }

    @Override
    public int currentParallelism() {
      return readers;
    }

    @Override
    public Map<Integer, Map<Integer, ReaderInfo>> registeredReadersOfAttempts() {
      Map<Integer, Map<Integer, ReaderInfo>> readers = new HashMap<>();
      registered.forEach((reader, info) -> readers.put(reader, Map.of(0, info)));
      return readers;
    }

    @Override
    public Map<Integer, ReaderInfo> registeredReaders() {
      return Map.copyOf(registered);
    }

    @Override
    public void sendEventToSourceReader(int reader, SourceEvent event) {
      send(reader, event);
    }

    @Override
    public void assignSplits(SplitsAssignment<ModelSplit> splits) {
      splits
          .assignment()
          .forEach((reader, assigned) -> assigned.forEach(split -> send(reader, split)));
    }

    @Override
    public void signalNoMoreSplits(int reader) {
      send(reader, new NoMoreSplits());
    }

    @Override
    public void setIsProcessingBacklog(boolean isProcessingBacklog) {}

    private void send(int reader, Object message) {
      if (!registered.containsKey(reader)) {
        throw new IllegalStateException("reader " + reader + " is not there for " + message);
      }
      outbox.send(reader, message);
    }

    @Override
    public <T> void callAsync(Callable<T> callable, BiConsumer<T, Throwable> handler) {
      throw new IllegalStateException("there is nothing to prepare");
    }

    @Override
    public <T> void callAsync(
        Callable<T> callable, BiConsumer<T, Throwable> handler, long initialDelay, long period) {
      throw new IllegalStateException("there is nothing to prepare");
    }

    /** The enumerator's own timer goes by real time, and is not heard; {@link #timePasses} is. */
    @Override
    public void runInCoordinatorThread(Runnable action) {
      if (Thread.currentThread() == thread) {
        actions.add(action);
      }
    }
  }
}
