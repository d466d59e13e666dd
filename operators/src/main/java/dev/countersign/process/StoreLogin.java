package dev.countersign.process;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Login of this process to stores that ask who it is, such as a secure HDFS. Done once, before the
 * first of them is used, so that a run that uses none asks no server. One that failed is not tried
 * again: a server may lock the account.
 */
public final class StoreLogin {

  /** Logs this process in. */
  @FunctionalInterface
  public interface Login {

    /**
     * Logs in.
     *
     * @throws IOException if that fails; its message is for the user
     */
    void run() throws IOException;
  }

  private static @Nullable Login pending;
  private static @Nullable String failure;

  private StoreLogin() {}

  /** Says how to log in. Without it, nobody does: on a cluster, Flink has logged in already. */
  public static synchronized void by(Login login) {
    pending = login;
    failure = null;
  }

  /**
   * Logs in, unless that was done.
   *
   * @throws IOException if it fails or has failed; its message is for the user
   */
  public static synchronized void require() throws IOException {
    if (failure != null) {
      throw new IOException(failure);
    }
    Login login = pending;
    pending = null;
    if (login != null) {
      try {
        login.run();
      } catch (IOException e) {
        failure = e.getMessage();
        throw e;
      }
    }
  }
}
