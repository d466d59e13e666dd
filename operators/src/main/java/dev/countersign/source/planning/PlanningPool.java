package dev.countersign.source.planning;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.source.planning.ModelPlanner.EarlierWork;
import dev.countersign.source.pool.GuardedPool;
import dev.countersign.source.units.ModelPlan;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;

/** Plans several models at once, each in a thread of its own. */
public final class PlanningPool implements Planning {

  private final ModelPlanner planner;
  private final GuardedPool<ModelPlan> threads;
  private final Duration stallTimeout;

  /**
   * A pool without a thread; the first model starts them.
   *
   * @param depth how many models it plans at once
   * @param stallTimeout how long planning a model may make no progress
   */
  public PlanningPool(ModelPlanner planner, int depth, Duration stallTimeout) {
    this.planner = planner;
    this.threads = new GuardedPool<>("countersign-planner", depth, stallTimeout);
    this.stallTimeout = stallTimeout;
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
  public void plan(
      CatalogEntry entry,
      EarlierWork earlier,
      Consumer<ModelPlan> planned,
      Consumer<Throwable> broken) {
    threads.submit(
        entry.model(),
        () -> planner.plan(entry, earlier),
        () -> planner.stalled(entry, stallTimeout),
        planned,
        broken);
  }

  @Override
  public void close() {
    threads.close();
  }
}
