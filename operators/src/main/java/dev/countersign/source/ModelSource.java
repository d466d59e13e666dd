package dev.countersign.source;

import dev.countersign.catalog.CatalogSource;
import dev.countersign.catalog.watch.WatchedModels;
import dev.countersign.keys.KeyFormatException;
import dev.countersign.metrics.RequestMetrics;
import dev.countersign.schemas.EnumeratorState;
import dev.countersign.schemas.UnitRecord;
import dev.countersign.source.checkpoint.CommandFingerprint;
import dev.countersign.source.checkpoint.EnumeratorStateSerializer;
import dev.countersign.source.checkpoint.UnitJournal;
import dev.countersign.source.checkpoint.UnreadableState;
import dev.countersign.source.feed.CatalogFeed;
import dev.countersign.source.feed.EntryFeed;
import dev.countersign.source.feed.ModelLooks;
import dev.countersign.source.feed.WatchedFeed;
import dev.countersign.source.ledger.UnitQueue;
import dev.countersign.source.planning.ModelPlanner;
import dev.countersign.source.planning.PlanSettings;
import dev.countersign.source.planning.PlanningPool;
import dev.countersign.source.reading.HashingReader;
import dev.countersign.source.units.ModelSplit;
import dev.countersign.storage.StoreSettings;
import dev.countersign.trust.TrustException;
import java.io.IOException;
import java.time.Clock;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SupportsSplitReassignmentOnRecovery;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.util.FlinkRuntimeException;
import org.jspecify.annotations.Nullable;

/**
 * A FLIP-27 source of hashed work units: the enumerator plans a catalog's models, readers pull
 * their units and hash them. Emits one record for each unit. Without end if the models are watched.
 *
 * <p>Units of lost readers return to the enumerator ({@link SupportsSplitReassignmentOnRecovery}),
 * so that it alone knows what ended a worker.
 */
public final class ModelSource
    implements Source<UnitRecord, ModelSplit, EnumeratorState>,
        SupportsSplitReassignmentOnRecovery {

  private static final long serialVersionUID = 1L;

  /**
   * Runs that this process has begun, by id and session. Flink has a job that fails before its
   * first checkpoint begin again, and says nothing of it. One whose job manager is lost that early
   * is taken for new; no more comes of that than a model which it signed and reports as one that
   * has a bundle, and a watch that goes on with the trusted root of its start if it cannot read it.
   */
  private static final Set<String> BEGUN = ConcurrentHashMap.newKeySet();

  private final CatalogSource entries;
  private final RunSettings settings;
  private final String checkpoints;
  private final boolean onCluster;

  @SuppressWarnings("UnusedVariable") // It acts where it is read from the job.
  private final StoreSettings stores = StoreSettings.current();

  /**
   * A source.
   *
   * @param entries what to work on; read on the job manager
   * @param checkpoints URI of the folder for checkpoints, in Flink's form; empty if unknown
   * @param onCluster whether readers may be on several machines
   */
  public ModelSource(
      CatalogSource entries, RunSettings settings, String checkpoints, boolean onCluster) {
    this.entries = entries;
    this.settings = settings;
    this.checkpoints = checkpoints;
    this.onCluster = onCluster;
  }

  @Override
  public Boundedness getBoundedness() {
    return entries instanceof WatchedModels
        ? Boundedness.CONTINUOUS_UNBOUNDED
        : Boundedness.BOUNDED;
  }

  @Override
  public SplitEnumerator<ModelSplit, EnumeratorState> createEnumerator(
      SplitEnumeratorContext<ModelSplit> context) {
    String key = plan().runId() + " " + settings.session().id();
    return enumerator(context, null, !BEGUN.add(key) || settings.again());
  }

  @Override
  public SplitEnumerator<ModelSplit, EnumeratorState> restoreEnumerator(
      SplitEnumeratorContext<ModelSplit> context, EnumeratorState saved) {
    return enumerator(context, saved, true);
  }

  private PlanSettings plan() {
    return settings.plan();
  }

  private ModelEnumerator enumerator(
      SplitEnumeratorContext<ModelSplit> context, @Nullable EnumeratorState saved, boolean begun) {
    Clock clock = Clock.systemUTC();
    try {
      ModelPlanner planner = new ModelPlanner(plan(), settings.window(), clock);
      if (!begun) {
        planner.begins();
      }
      planner.locate(onCluster);
      UnitQueue queue = UnitQueue.of(settings.faults());
      queue.expect(onCluster ? context.currentParallelism() : 0);
      return new ModelEnumerator(
          context,
          feed(planner, clock, saved),
          settings,
          new PlanningPool(
              planner,
              settings.window().planners(),
              settings.read().stallTimeout(),
              new RequestMetrics(context.metricGroup())::add),
          queue,
          saved,
          UnitJournal.of(plan().runId(), settings.session().sharing(checkpoints)),
          begun);
    } catch (KeyFormatException | TrustException e) {
      throw new FlinkRuntimeException(e.getMessage(), e);
    }
  }

  private EntryFeed feed(ModelPlanner planner, Clock clock, @Nullable EnumeratorState saved) {
    if (entries instanceof WatchedModels watched) {
      ModelLooks looks =
          new ModelLooks(
              plan(),
              watched.settings().marker(),
              settings.window().planners(),
              settings.read().stallTimeout());
      return new WatchedFeed(plan().runId(), watched, planner::rereadTrust, looks, clock, saved);
    }
    return new CatalogFeed(entries, saved);
  }

  @Override
  public SourceReader<UnitRecord, ModelSplit> createReader(SourceReaderContext context) {
    return new HashingReader(
        context, plan().runId(), settings.read(), plan().limits().recordedDifferences());
  }

  @Override
  public SimpleVersionedSerializer<ModelSplit> getSplitSerializer() {
    return new ModelSplit.Serializer();
  }

  /**
   * Returns what command a state of the enumerator is of.
   *
   * @param version of the serializer that wrote it
   * @throws IOException if it cannot be read
   */
  public static CommandFingerprint commandOf(int version, byte[] state) throws IOException {
    return new CommandFingerprint(
        new EnumeratorStateSerializer().deserialize(version, state).getCommand());
  }

  @Override
  public SimpleVersionedSerializer<EnumeratorState> getEnumeratorCheckpointSerializer() {
    return new UnreadableState.Serializer();
  }
}
