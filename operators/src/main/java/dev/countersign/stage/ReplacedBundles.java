package dev.countersign.stage;

import dev.countersign.catalog.ReplacedBundle;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import dev.countersign.storage.PinnedFolder;
import dev.countersign.storage.StorageException;
import dev.countersign.text.Printable;
import java.io.Serializable;
import java.time.Duration;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.util.concurrent.ExecutorThreadFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes the copy of each bundle that was replaced, once a checkpoint has completed that was taken
 * after its model left this stage: no earlier time that the run may fall back to needs it. What is
 * still to be deleted is state, so that a run that was killed deletes it when it is resumed. All is
 * the task's thread's but deleting.
 */
final class ReplacedBundles implements AutoCloseable, Serializable {

  private static final long serialVersionUID = 1L;

  private static final Logger LOG = LoggerFactory.getLogger(ReplacedBundles.class);

  /** No checkpoint was taken after it yet. */
  private static final long NONE = Long.MAX_VALUE;

  /** Deleting may be a call over a network, and checkpoints wait for the task's thread. */
  private static final int THREADS = 32;

  private static final Duration MAX_SILENCE = Duration.ofSeconds(30);

  /** The copy to the first checkpoint that was taken after it. */
  private final ConcurrentHashMap<ReplacedBundle, Long> copies = new ConcurrentHashMap<>();

  /** Copies that a thread deletes, or is to. */
  private final Set<ReplacedBundle> deleting = ConcurrentHashMap.newKeySet();

  private final String runId;
  private transient @Nullable ListState<Tuple3<String, String, String>> saved;
  private transient @Nullable ExecutorService threads;

  ReplacedBundles(String runId) {
    this.runId = runId;
  }

  /** Stage with such copies, which are all of its state. */
  interface Stage extends CheckpointedFunction, CheckpointListener {

    /** Returns the copies that are still to be deleted. */
    ReplacedBundles replaced();

    @Override
    default void initializeState(FunctionInitializationContext context) throws Exception {
      replaced().initialize(context);
    }

    @Override
    default void snapshotState(FunctionSnapshotContext context) throws Exception {
      replaced().snapshot(context.getCheckpointId());
    }

    @Override
    default void notifyCheckpointComplete(long checkpointId) {
      replaced().completed(checkpointId);
    }
  }

  /** Goes on from a checkpoint, whose copies can be deleted with the next one. */
  private void initialize(FunctionInitializationContext context) throws Exception {
    saved =
        context
            .getOperatorStateStore()
            .getListState(
                new ListStateDescriptor<>(
                    "replaced-bundles", Types.TUPLE(Types.STRING, Types.STRING, Types.STRING)));
    for (Tuple3<String, String, String> copy : saved.get()) {
      copies.put(new ReplacedBundle(copy.f0, new PinnedFolder(copy.f1, copy.f2)), NONE);
    }
  }

  /**
   * Notes that the result of a model is passed on. Also of one that failed: it may have been signed
   * before the run fell back.
   */
  void add(ModelHeader header, ModelResult result) {
    if (result.getOperation() == Operation.RESIGN && !result.getSignature().isEmpty()) {
      PinnedFolder folder = ModelSigning.folder(header);
      copies.put(
          folder == null
              ? ReplacedBundle.of(result.getSignature(), runId)
              : ReplacedBundle.in(folder, result.getSignature(), runId),
          NONE);
    }
  }

  private void snapshot(long checkpointId) throws Exception {
    if (saved == null) {
      throw new IllegalStateException("used before initialize()");
    }
    copies.replaceAll((copy, after) -> after == NONE ? Long.valueOf(checkpointId) : after);
    saved.update(
        copies.keySet().stream()
            .map(copy -> Tuple3.of(copy.uri(), copy.folder().uri(), copy.folder().identity()))
            .toList());
  }

  private void completed(long checkpointId) {
    copies.forEach(
        (copy, after) -> {
          if (after <= checkpointId) {
            if (deleting.add(copy)) {
              threads().execute(() -> delete(copy, after));
            }
          }
        });
  }

  private ExecutorService threads() {
    ExecutorService started = threads;
    if (started == null) {
      started =
          Executors.newFixedThreadPool(THREADS, new ExecutorThreadFactory("countersign-delete"));
      threads = started;
    }
    return started;
  }

  /** Deletes a copy; one that cannot be deleted now is tried again with the next checkpoint. */
  private void delete(ReplacedBundle copy, long after) {
    try {
      copy.delete();
      var unused = copies.remove(copy, after);
    } catch (StorageException e) {
      LOG.warn("{} cannot be deleted", Printable.of(copy.uri()), e);
      if (e.kind() == StorageException.Kind.CHANGED) {
        // Another folder is in its place, now and later.
        var unused = copies.remove(copy, after);
      }
    } finally {
      deleting.remove(copy);
    }
  }

  /** Ends the deletions that have begun, as long as they get on. */
  @Override
  public void close() throws InterruptedException {
    if (threads != null) {
      threads.shutdown();
      if (!isOver(threads, deleting, MAX_SILENCE)) {
        LOG.warn("Copies of replaced bundles are still being deleted");
        var unused = threads.shutdownNow();
      }
    }
  }

  /**
   * Waits for threads to end, as long as what is left for them gets less.
   *
   * @return whether they have ended
   */
  static boolean isOver(ExecutorService threads, Collection<?> left, Duration silence)
      throws InterruptedException {
    int before;
    do {
      before = left.size();
    } while (!threads.awaitTermination(silence.toMillis(), TimeUnit.MILLISECONDS)
        && left.size() < before);
    return threads.isTerminated();
  }
}
