package dev.countersign.storage;

import java.io.Serial;
import java.io.Serializable;
import java.util.Map;
import java.util.TreeMap;

/**
 * Settings of stores that travel with a job: each process that reads them uses them from then on,
 * see {@link Storages#configure}. They hold no secrets.
 */
public final class StoreSettings implements Serializable {

  @Serial private static final long serialVersionUID = 1L;

  private final TreeMap<String, String> hadoop = new TreeMap<>();

  private StoreSettings(Map<String, String> hadoop) {
    this.hadoop.putAll(hadoop);
  }

  /** Returns the settings of this process. */
  public static StoreSettings current() {
    return new StoreSettings(Storages.settings());
  }

  @Serial
  private Object readResolve() {
    Storages.configure(hadoop);
    return this;
  }
}
