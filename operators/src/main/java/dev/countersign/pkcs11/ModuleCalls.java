package dev.countersign.pkcs11;

import dev.countersign.process.CallThreads;
import dev.countersign.remedy.Remedy;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Calls modules within bounds. A call that hangs in a module cannot be ended and keeps its thread,
 * so calls run on threads of their own, whose callers wait for so long at most. Thread safe.
 */
final class ModuleCalls {

  /** The longest that a token may take to answer; a person may have to touch it first. */
  static final Duration BOUND = Duration.ofMinutes(1);

  /**
   * Calls to one module that all jobs of this process have in progress at a time, those that hang
   * included.
   */
  static final int MAX_CALLS = 64;

  private static final ExecutorService THREADS = CallThreads.named("countersign-token");

  private ModuleCalls() {}

  /**
   * Returns what a call to a module returns.
   *
   * @param file of the module
   * @param unwanted gets what the call returns after the caller has stopped waiting
   * @param last runs on a thread of its own when the call has returned, or if it was not begun; may
   *     call the module, which counts as a part of the call
   * @param <E> what the call throws in addition to exceptions of modules
   * @throws TimeoutException if it does not return in time; it may still do so later
   * @throws Pkcs11Exception if too many other calls to the module have not returned
   */
  @SuppressWarnings("unchecked") // A call throws what it declares.
  static <T, E extends Exception> T within(
      String file, Duration bound, Callable<T> call, Consumer<T> unwanted, Runnable last)
      throws TimeoutException, CryptokiException, Pkcs11Exception, E {
    Semaphore calls = ProcessNotes.semaphore("calls/" + file, MAX_CALLS);
    CompletableFuture<T> answer = new CompletableFuture<>();
    try {
      boolean begun = false;
      try {
        if (!calls.tryAcquire(bound.toNanos(), TimeUnit.NANOSECONDS)) {
          throw Pkcs11Exception.hanging(file, bound);
        }
        begun = true;
      } finally {
        if (!begun) {
          finish(Duration.ZERO, last);
        }
      }
      begin(
          answer,
          call,
          unwanted,
          () -> {
            try {
              last.run();
            } finally {
              calls.release();
            }
          });
      return answer.get(bound.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      giveUp(answer, unwanted);
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      giveUp(answer, unwanted);
      throw new Pkcs11Exception("The wait for the token was interrupted.", Remedy.NONE, e);
    } catch (ExecutionException e) {
      rethrow(e.getCause());
      throw (E) e.getCause();
    }
  }

  private static <T> void giveUp(CompletableFuture<T> answer, Consumer<T> unwanted) {
    if (!answer.cancel(false) && !answer.isCompletedExceptionally()) {
      unwanted.accept(answer.join());
    }
  }

  /** Makes a call, whatever else hangs, and waits until it returns, but not for long. */
  static void finish(Duration bound, Runnable call) {
    CompletableFuture<Boolean> answer = new CompletableFuture<>();
    begin(answer, () -> true, unused -> {}, call);
    try {
      boolean unused = answer.get(bound.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException | ExecutionException e) {
      // It ends in its own time, if it does.
    }
  }

  private static <T> void begin(
      CompletableFuture<T> answer, Callable<T> call, Consumer<T> unwanted, Runnable last) {
    boolean begun = false;
    try {
      THREADS.execute(() -> serve(answer, call, unwanted, last));
      begun = true;
    } finally {
      if (!begun) {
        last.run();
      }
    }
  }

  private static <T> void serve(
      CompletableFuture<T> answer, Callable<T> call, Consumer<T> unwanted, Runnable last) {
    try {
      T value;
      try {
        value = call.call();
      } finally {
        last.run();
      }
      if (!answer.complete(value)) {
        unwanted.accept(value);
      }
    } catch (Exception | Error e) {
      boolean unused = answer.completeExceptionally(e);
    }
  }

  private static void rethrow(@Nullable Throwable cause)
      throws TimeoutException, CryptokiException, Pkcs11Exception {
    if (cause instanceof TimeoutException late) {
      throw late;
    } else if (cause instanceof CryptokiException code) {
      throw code;
    } else if (cause instanceof Pkcs11Exception failure) {
      throw failure;
    } else if (cause instanceof RuntimeException fault) {
      throw fault;
    } else if (cause instanceof Error fault) {
      throw fault;
    }
  }
}
