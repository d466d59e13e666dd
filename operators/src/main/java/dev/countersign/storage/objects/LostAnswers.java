package dev.countersign.storage.objects;

import dev.countersign.storage.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;

/**
 * Finds out whether a conditional PUT was done whose answer was lost. The condition of the next
 * attempt then does not hold, because of the first one.
 */
public final class LostAnswers {

  /** How much of an object is compared at a time, in bytes. */
  private static final int PART = 1 << 20;

  private LostAnswers() {}

  /** One attempt to store an object. */
  @FunctionalInterface
  public interface Attempt {
    /** Returns the version of what was stored. */
    String put() throws StorageException;
  }

  /**
   * Returns the version of what an attempt stored, or, if it failed under a condition, of what is
   * stored under the key, if that is the content of the attempt.
   *
   * @throws StorageException that of the attempt, if it was not done
   */
  public static String settled(
      ObjectClient client,
      String key,
      ObjectContent content,
      PutCondition condition,
      Attempt attempt)
      throws StorageException {
    try {
      return attempt.put();
    } catch (StorageException e) {
      if (condition.kind() == PutCondition.Kind.ANY) {
        throw e;
      }
      return versionDespite(e, client, key, content);
    }
  }

  private static String versionDespite(
      StorageException failure, ObjectClient client, String key, ObjectContent content)
      throws StorageException {
    if (failure.kind() == StorageException.Kind.CHANGED || failure.transientFault()) {
      try {
        Optional<StoredKey> stored = client.head(key);
        if (stored.isPresent() && holds(client, stored.get(), content)) {
          return stored.get().version();
        }
      } catch (IOException | StorageException e) {
        failure.addSuppressed(e);
      }
    }
    throw failure;
  }

  private static boolean holds(ObjectClient client, StoredKey stored, ObjectContent content)
      throws StorageException, IOException {
    if (stored.length() != content.length()) {
      return false;
    }
    byte[] theirs = new byte[(int) Math.min(PART, stored.length())];
    try (InputStream ours = content.source().open()) {
      for (long at = 0; at < stored.length(); at += theirs.length) {
        int length = (int) Math.min(theirs.length, stored.length() - at);
        client.get(stored, at, theirs, 0, length);
        byte[] part = ours.readNBytes(length);
        if (!Arrays.equals(part, 0, part.length, theirs, 0, length)) {
          return false;
        }
      }
    }
    return true;
  }
}
