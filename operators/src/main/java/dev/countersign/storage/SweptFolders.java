package dev.countersign.storage;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Folders in which this process has looked for stale temporary files lately. One folder may hold
 * the bundles of all models, and listing it for each of them would take quadratic time. Thread
 * safe.
 */
public final class SweptFolders {

  private static final int MAX_FOLDERS = 10_000;

  private static final long AGAIN_AFTER_NANOS = TimeUnit.MINUTES.toNanos(1);

  private static final Map<String, Long> TIMES =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
          return size() > MAX_FOLDERS;
        }
      };

  private SweptFolders() {}

  /** Returns whether a folder is to be looked at now, and notes that it is. */
  public static boolean isDue(String folderUri) {
    long now = System.nanoTime();
    synchronized (TIMES) {
      Long last = TIMES.get(folderUri);
      if (last != null && now - last < AGAIN_AFTER_NANOS) {
        return false;
      }
      TIMES.put(folderUri, now);
      return true;
    }
  }

  /** Makes all folders due, as they are after a failure that may have left temporary files. */
  public static void forget() {
    synchronized (TIMES) {
      TIMES.clear();
    }
  }
}
