package dev.countersign.source.planning;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.source.planning.ModelPlanner.EarlierWork;
import dev.countersign.source.pool.GuardedPool;
import dev.countersign.source.pool.PlanMemory;
import dev.countersign.source.pool.StorePools;
import dev.countersign.source.units.ModelPlan;
import dev.countersign.storage.RequestCounts;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Plans several models at once, each in a thread of its own, within {@link PlanMemory}. Plans hold
 * their memory until the caller has forgotten them.
 */
public final class PlanningPool implements Planning {

  private final ModelPlanner planner;
  private final StorePools<ModelPlan> threads;
  private final Duration stallTimeout;
  private final Consumer<Map<String, Long>> requests;
  private final PlanMemory memory = PlanMemory.ofThisProcess();
  private final PlanMemory.Taken kept = memory.nothing();
  private long forgotten;

  /**
   * A pool without a thread; the first model starts them.
   *
   * @param depth how many models of a store it plans at once; 0 for what fits the store
   * @param stallTimeout how long planning a model may make no progress
   * @param requests is told how many requests to object stores a model took, by kind
   */
  public PlanningPool(
      ModelPlanner planner,
      int depth,
      Duration stallTimeout,
      Consumer<Map<String, Long>> requests) {
    this.planner = planner;
    this.threads = new StorePools<>("countersign-planner", depth, stallTimeout);
    this.stallTimeout = stallTimeout;
    this.requests = requests;
  }

  @Override
  public boolean isReady() {
    return planner.isReady();
  }

  @Override
  public PlanningPool prepare() throws IOException {
    var unused = planner.prepare();
    return this;
  }

  @Override
  public void locate(boolean wanted) {
    planner.locate(wanted);
  }

  @Override
  public void plan(
      CatalogEntry entry,
      EarlierWork earlier,
      Runnable waits,
      Runnable begins,
      Consumer<ModelPlan> planned,
      Consumer<Throwable> broken) {
    threads.submit(
        entry.model(),
        () -> plan(entry, earlier, waits, begins),
        () -> failed(entry, ModelFailure.stalledPlanning(entry.model(), stallTimeout)),
        plan -> {
          GuardedPool.handOver(kept, plan.weight());
          planned.accept(plan);
        },
        broken);
  }

  private ModelPlan plan(CatalogEntry entry, EarlierWork earlier, Runnable waits, Runnable begins) {
    RequestCounts counts = new RequestCounts();
    try (RequestCounts.Scope scope = counts.scope()) {
      ModelPlan plan =
          memory.run(
              entry.model(),
              waits,
              () -> {
                GuardedPool.bounded();
                begins.run();
                GuardedPool.progressed();
                return planner.plan(entry, earlier);
              });
      plan.setRequests(counts.byKind());
      return plan;
    } catch (ModelFailure e) {
      return planner.failed(entry, e);
    } finally {
      requests.accept(counts.byKind());
    }
  }

  @Override
  public void forget(long weight) {
    kept.giveBack(weight - forgotten);
    forgotten = weight;
  }

  @Override
  public ModelPlan failed(CatalogEntry entry, ModelFailure failure) {
    return planner.failed(entry, failure);
  }

  @Override
  public void close() {
    threads.close();
    kept.close();
    planner.close();
  }
}
