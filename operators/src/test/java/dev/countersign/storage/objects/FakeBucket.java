package dev.countersign.storage.objects;

import dev.countersign.storage.StorageException;
import dev.countersign.text.CodePointOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/** Bucket in memory. Takes any key. Logs the requests of its clients. Thread safe. */
public final class FakeBucket {

  /** Content under a key. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Stored(byte[] content, String version, long modifiedMillis, String archive) {}

  /** What happens before a request is answered. */
  @FunctionalInterface
  public interface Hook {
    /**
     * Does it.
     *
     * @param request as in {@link #takeLog}
     */
    void before(String request) throws StorageException;
  }

  private final String name;
  private final TreeMap<String, Stored> objects = new TreeMap<>(CodePointOrder.comparator());
  private final List<String> log = new ArrayList<>();
  private Hook hook = request -> {};
  private int pageKeys = 1000;
  private long versions;
  private long lastMillis;

  FakeBucket(String name) {
    this.name = name;
  }

  /** Stores an object, as somebody else would. */
  public synchronized String put(String key, byte[] content) {
    return put(key, content, "");
  }

  /** Stores an object of a class of storage. */
  public synchronized String put(String key, byte[] content, String archive) {
    String version = name + "-" + ++versions;
    lastMillis = Math.max(System.currentTimeMillis(), lastMillis + 1);
    objects.put(key, new Stored(content.clone(), version, lastMillis, archive));
    return version;
  }

  /** Removes an object, as somebody else would. */
  public synchronized void remove(String key) {
    objects.remove(key);
  }

  /** Returns an object's content. */
  public synchronized byte[] content(String key) {
    return objects.get(key).content().clone();
  }

  /** Returns all keys in the order of the store. */
  public synchronized List<String> keys() {
    return List.copyOf(objects.keySet());
  }

  /** Sets how many keys and prefixes a page of a listing has. */
  public synchronized void pageKeys(int keys) {
    pageKeys = keys;
  }

  /** Sets what happens before each request. */
  public synchronized void hook(Hook hook) {
    this.hook = hook;
  }

  /** Returns the requests since the last call, such as {@code GET m/a 0-9}. */
  public synchronized List<String> takeLog() {
    List<String> taken = List.copyOf(log);
    log.clear();
    return taken;
  }

  void request(String request) throws StorageException {
    Hook before;
    synchronized (this) {
      log.add(request);
      before = hook;
    }
    before.before(request);
  }

  synchronized Stored find(String key) {
    return objects.get(key);
  }

  synchronized boolean replace(String key, byte[] content, PutCondition condition) {
    Stored found = objects.get(key);
    boolean holds =
        switch (condition.kind()) {
          case ANY -> true;
          case ABSENT -> found == null;
          case VERSION -> found != null && found.version().equals(condition.version());
        };
    if (holds) {
      String unused = put(key, content);
    }
    return holds;
  }

  synchronized ObjectPage page(String prefix, boolean recursive, String continueAt) {
    List<StoredKey> keys = new ArrayList<>();
    List<String> prefixes = new ArrayList<>();
    String passed = "";
    for (String key : objects.tailMap(continueAt.isEmpty() ? prefix : continueAt, true).keySet()) {
      if (!key.startsWith(prefix) || (!passed.isEmpty() && key.startsWith(passed))) {
        continue;
      }
      if (keys.size() + prefixes.size() == pageKeys) {
        return new ObjectPage(keys, prefixes, key);
      }
      int slash = recursive ? -1 : key.indexOf('/', prefix.length());
      if (slash >= 0) {
        passed = key.substring(0, slash + 1);
        prefixes.add(passed);
      } else {
        Stored found = objects.get(key);
        keys.add(
            new StoredKey(
                key,
                found.content().length,
                found.version(),
                found.modifiedMillis(),
                found.archive()));
      }
    }
    return new ObjectPage(keys, prefixes, "");
  }

  static byte[] range(Stored found, long start, int length) {
    return Arrays.copyOfRange(found.content(), (int) start, (int) start + length);
  }
}
