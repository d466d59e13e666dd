package dev.countersign.source.pool;

import dev.countersign.storage.Storages;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Two pools that work on models: few threads for local disks, and many for stores where each call
 * waits for a network. Thread safe.
 *
 * @param <T> what a piece of work comes to
 */
public final class StorePools<T> implements AutoCloseable {

  /** How many models are worked on at once on local disks, unless set otherwise. */
  public static final int LOCAL_DEPTH = 4;

  /** How many models are worked on at once in other stores, unless set otherwise. */
  public static final int REMOTE_DEPTH = 256;

  private final GuardedPool<T> local;
  private final GuardedPool<T> remote;

  /**
   * Pools without threads.
   *
   * @param name what the names of the threads begin with
   * @param depth how many models are worked on at once in each; 0 for what fits the store
   */
  public StorePools(String name, int depth, Duration stallTimeout) {
    this.local = new GuardedPool<>(name, depth > 0 ? depth : LOCAL_DEPTH, stallTimeout);
    this.remote = new GuardedPool<>(name, depth > 0 ? depth : REMOTE_DEPTH, stallTimeout);
  }

  /** Has work done on a model, as {@link GuardedPool#submit}. */
  public void submit(
      String model,
      Supplier<T> task,
      Supplier<T> stalled,
      Consumer<T> done,
      Consumer<Throwable> broken) {
    GuardedPool<T> pool = Storages.isRemote(model) ? remote : local;
    pool.submit(model, task, stalled, done, broken);
  }

  @Override
  public void close() {
    local.close();
    remote.close();
  }
}
