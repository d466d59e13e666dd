package dev.countersign.source.planning;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.source.planning.ModelPlanner.EarlierWork;
import dev.countersign.source.units.ModelPlan;
import java.io.IOException;
import java.util.function.Consumer;

/** Plans models outside of the enumerator's thread, which is the only one that calls. */
public interface Planning extends AutoCloseable {

  /** Whether models can be planned; if not, {@link #prepare} comes first. */
  boolean isReady();

  /**
   * Gets ready, which may take a while; called by another thread. Where it cannot get ready now, it
   * is not ready afterwards.
   *
   * @return this
   * @throws IOException if it never can
   */
  Planning prepare() throws IOException;

  /** Says whether plans note from now on which machines hold what units read. */
  void locate(boolean wanted);

  /**
   * Plans a model.
   *
   * @param earlier what the run may have done with the model before
   * @param waits called by the thread that plans when it has to wait for memory
   * @param begins called by that thread whenever it has memory to plan with; may make it wait
   * @param planned gets the plan, in any thread; not after {@link #close}
   * @param broken gets an error that is not the model's, instead of that
   */
  void plan(
      CatalogEntry entry,
      EarlierWork earlier,
      Runnable waits,
      Runnable begins,
      Consumer<ModelPlan> planned,
      Consumer<Throwable> broken);

  /**
   * Notes which plans the caller has no use for any more.
   *
   * @param weight the sum of {@link ModelPlan#weight} of all such plans since the start
   */
  void forget(long weight);

  /** The plan of a model that fails without being planned. */
  ModelPlan failed(CatalogEntry entry, ModelFailure failure);

  /** Plans nothing more, and does not wait for what is being planned. */
  @Override
  void close();
}
