package dev.countersign.pkcs11;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

/** Tokens and modules that do not answer. */
final class TokenHangsTest extends TokenKeyFixture {

  @Test
  void sign_withATokenThatHangs_failsForAllWithinTheBound() throws Exception {
    TokenKey key = open(right, Duration.ofSeconds(5));
    int before = module.signatures.get();
    module.signGate = new CountDownLatch(1);

    for (Object failure : inThreads(SUBTASKS, () -> catchThrowable(() -> key.sign(MESSAGE)))) {
      assertThat((Throwable) failure)
          .isInstanceOfSatisfying(
              Pkcs11Exception.class, hangs -> assertThat(hangs.isLasting()).isTrue())
          .hasMessage(
              "The token 'sign_withATokenThatHangs_failsForAllWithinTheBound' did not answer"
                  + " within 5 seconds. Check its connection and the service behind it, and run the"
                  + " command again. It may have to be disconnected or restarted first.");
    }

    assertThat(module.signatures.get() - before).as("threads that hang").isBetween(1, Sessions.MAX);
    key.close();
    module.signGate.countDown();
    await(module.sessions::isEmpty);
  }

  /** Who hangs may be interrupted, and then tells nobody that the token does not answer. */
  @Test
  void sign_whileInterruptedCallersHoldAllSessions_failsWithinTheBound() throws Exception {
    TokenKey key = open(right, Duration.ofSeconds(10));
    int before = module.signatures.get();
    module.signGate = new CountDownLatch(1);
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < Sessions.MAX; i++) {
      callers.add(new Thread(() -> catchThrowable(() -> key.sign(MESSAGE))));
    }
    callers.forEach(Thread::start);
    await(() -> module.signatures.get() - before == Sessions.MAX);
    for (Thread caller : callers) {
      caller.interrupt();
      caller.join();
    }

    assertThat(catchThrowable(() -> signing(key).get(60, SECONDS)))
        .hasMessageContaining("did not answer within 10 seconds");
    module.signGate.countDown();
    key.close();
    await(module.sessions::isEmpty);
  }

  @Test
  void open_ofATokenThatHangs_failsAndWorksWhenItAnswers() throws Exception {
    module.loginGate = new CountDownLatch(1);

    for (Object failure :
        inThreads(3, () -> catchThrowable(() -> open(right, Duration.ofSeconds(2))))) {
      assertThat((Throwable) failure)
          .hasMessageStartingWith("The token in slot 7 did not answer within 2 seconds.");
    }
    assertThat(module.logins).as("others wait for their turn").hasValue(1);
    module.loginGate.countDown();
    await(module.sessions::isEmpty);

    try (TokenKey key = open(right)) {
      assertThat(verifies(key, key.sign(MESSAGE))).isTrue();
    }
  }

  @Test
  void open_whileAnotherTokenHangs_isNotHeldUp() throws Exception {
    FakeCryptoki hanging = new FakeCryptoki("hangs");
    hanging.loginGate = new CountDownLatch(1);
    CompletableFuture<TokenKey> other =
        CompletableFuture.supplyAsync(() -> opened(hanging), task -> new Thread(task).start());
    await(() -> hanging.logins.get() > 0);

    try (TokenKey key = CompletableFuture.supplyAsync(() -> opened(module)).get(60, SECONDS)) {
      assertThat(verifies(key, key.sign(MESSAGE))).isTrue();
    }

    assertThat(other).isNotDone();
    hanging.loginGate.countDown();
    other.get().close();
  }

  @Test
  void open_whileAllCallsToAnotherModuleHang_isNotHeldUp() throws Exception {
    CountDownLatch loading = new CountDownLatch(1);
    Callable<Cryptoki> hanging =
        () -> {
          loading.await();
          return module;
        };
    Callable<Object> failure =
        () ->
            catchThrowable(() -> open(hanging, "/fake/hangs.so", right, Duration.ofSeconds(1)))
                .getMessage();
    try {
      assertThat(inThreads(ModuleCalls.MAX_CALLS, failure))
          .allMatch(message -> message.toString().contains("hangs.so did not answer within 1"));

      try (TokenKey key = open(right)) {
        assertThat(verifies(key, key.sign(MESSAGE))).isTrue();
      }
      assertThat(failure.call())
          .isEqualTo(
              "64 calls to the PKCS#11 module /fake/hangs.so hang, so no other was made within 1"
                  + " seconds. Check its tokens and the service behind it, and restart this"
                  + " process, since calls that hang cannot be ended.");
    } finally {
      loading.countDown();
    }
  }

  /** Its session is closed, too, by a thread that nobody waits for. */
  @Test
  void sign_whileAllCallsToItsModuleHang_endsWithinTheBound() throws Exception {
    TokenKey key = open(right, Duration.ofSeconds(10));
    Semaphore calls = ProcessNotes.semaphore("calls/" + module.file(), ModuleCalls.MAX_CALLS);
    calls.acquire(ModuleCalls.MAX_CALLS);
    module.closeGate = new CountDownLatch(1);

    CompletableFuture<byte[]> signature = signing(key);
    await(calls::hasQueuedThreads);
    key.close();

    assertThat(catchThrowable(() -> signature.get(60, SECONDS)))
        .hasMessageContaining("64 calls to the PKCS#11 module " + module.file() + " hang");
    module.closeGate.countDown();
    await(module.sessions::isEmpty);
  }
}
