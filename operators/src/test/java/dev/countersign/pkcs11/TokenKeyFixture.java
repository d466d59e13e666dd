package dev.countersign.pkcs11;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.keys.PassphraseSource;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Signature;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** Opens keys of a module that fails as it is told. */
abstract class TokenKeyFixture {

  static final byte[] MESSAGE = "model".getBytes(StandardCharsets.UTF_8);
  static final int SUBTASKS = 64;

  @TempDir Path folder;
  FakeCryptoki module;
  PassphraseSource right;
  PassphraseSource wrong;

  @BeforeEach
  void setUp(TestInfo test) throws Exception {
    module = new FakeCryptoki(test.getTestMethod().orElseThrow().getName());
    right = pin("right", "5678\n");
    wrong = pin("wrong", "8765");
  }

  static CompletableFuture<byte[]> signing(TokenKey key) {
    CompletableFuture<byte[]> signature = new CompletableFuture<>();
    new Thread(
            () -> {
              try {
                signature.complete(key.sign(MESSAGE));
              } catch (Pkcs11Exception | RuntimeException e) {
                signature.completeExceptionally(e);
              }
            })
        .start();
    return signature;
  }

  static void await(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("time is up").isLessThan(end);
      Thread.sleep(5);
    }
  }

  TokenKey opened(FakeCryptoki fake) {
    try {
      return open(fake, right, ModuleCalls.BOUND);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  TokenKey open(PassphraseSource pin) throws Exception {
    return open(pin, ModuleCalls.BOUND);
  }

  TokenKey open(PassphraseSource pin, Duration bound) throws Exception {
    return open(module, pin, bound);
  }

  static TokenKey open(FakeCryptoki fake, PassphraseSource pin, Duration bound) throws Exception {
    return open(() -> fake, fake.file(), pin, bound);
  }

  static TokenKey open(
      Callable<Cryptoki> loading, String file, PassphraseSource pin, Duration bound)
      throws Exception {
    return TokenKey.open(
        loading, file, Pkcs11Uri.parse("pkcs11:object=k1"), pin, Optional.empty(), bound);
  }

  PassphraseSource pin(String name, String content) throws Exception {
    return PassphraseSource.pin(Files.writeString(folder.resolve(name), content).toString(), "");
  }

  static boolean verifies(TokenKey key, byte[] signature) throws Exception {
    Signature verifier = Signature.getInstance("SHA256withECDSA");
    verifier.initVerify(key.publicKey());
    verifier.update(MESSAGE);
    return verifier.verify(signature);
  }

  static List<Object> inThreads(int threads, Callable<Object> task) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Object> results = new ArrayList<>();
      for (Future<Object> result : pool.invokeAll(Collections.nCopies(threads, task))) {
        results.add(result.get());
      }
      return results;
    } finally {
      pool.shutdownNow();
    }
  }
}
