package dev.countersign.pkcs11;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.countersign.keys.PassphraseSource;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Signature;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** Logins, sessions and failures, with a module that fails as it is told. */
final class TokenKeyTest {

  private static final byte[] MESSAGE = "model".getBytes(StandardCharsets.UTF_8);
  private static final int SUBTASKS = 64;

  @TempDir Path folder;
  private FakeCryptoki module;
  private PassphraseSource right;
  private PassphraseSource wrong;

  @BeforeEach
  void setUp(TestInfo test) throws Exception {
    module = new FakeCryptoki(test.getTestMethod().orElseThrow().getName());
    right = pin("right", "5678\n");
    wrong = pin("wrong", "8765");
  }

  @Test
  void sign_inManyThreadsByOneLogin_usesBoundedSessions() throws Exception {
    module.signMillis = 2;

    try (TokenKey first = open(right);
        TokenKey second = open(right)) {
      for (Object signed : inThreads(SUBTASKS, () -> verifies(first, first.sign(MESSAGE)))) {
        assertThat(signed).isEqualTo(true);
      }
      assertThat(verifies(first, second.sign(MESSAGE))).isTrue();
    }

    assertThat(module.logins).hasValue(1);
    assertThat(module.mostSessions.get()).isBetween(2, Token.MAX_SESSIONS);
    assertThat(module.sessions).as("sessions left open").isEmpty();
  }

  @Test
  void sign_withATokenThatHasFewSessions_waitsForThem() throws Exception {
    module.maxSessions = 2;
    module.signMillis = 2;

    try (TokenKey key = open(right)) {
      for (Object signed : inThreads(SUBTASKS, () -> verifies(key, key.sign(MESSAGE)))) {
        assertThat(signed).isEqualTo(true);
      }
    }

    assertThat(module.mostSessions).hasValue(2);
  }

  /** A token locks itself after three wrong PINs or so. */
  @Test
  void open_withAWrongPinInManyThreads_triesItOnce() throws Exception {
    for (Object failure : inThreads(SUBTASKS, () -> catchThrowable(() -> open(wrong)))) {
      assertThat((Throwable) failure)
          .isInstanceOf(Pkcs11Exception.class)
          .hasMessageStartingWith(
              "The token 'open_withAWrongPinInManyThreads_triesItOnce' refused the PIN in "
                  + wrong.file())
          .hasMessageContaining("It is not tried again, because tokens lock")
          .hasMessageNotContaining("8765");
    }

    assertThat(module.logins).hasValue(1);
    assertThat(module.sessions).isEmpty();
    try (TokenKey key = open(right)) {
      assertThat(verifies(key, key.sign(MESSAGE))).isTrue();
    }
    assertThat(module.logins).hasValue(2);
  }

  @Test
  void open_withAnotherPinThanThatOfTheLogin_isRefusedWithoutATry() throws Exception {
    try (TokenKey key = open(right)) {
      assertThatThrownBy(() -> open(wrong))
          .hasMessageContaining("is logged in to the token")
          .hasMessageContaining("with another PIN than " + wrong.file() + " holds");
      assertThatThrownBy(() -> open(PassphraseSource.pin("", "")))
          .hasMessageContaining("wants a PIN");
      assertThat(verifies(key, key.sign(MESSAGE))).isTrue();
    }

    assertThat(module.logins).hasValue(1);
  }

  @Test
  void open_ofATokenThatLocksAtTheNextWrongPin_triesNone() {
    module.flags = FakeCryptoki.CKF_LOGIN_REQUIRED | FakeCryptoki.CKF_USER_PIN_FINAL_TRY;

    assertThatThrownBy(() -> open(right))
        .hasMessageContaining("locks itself at the next wrong PIN, so none was tried")
        .hasMessageContaining("Log in to it once with another program");

    assertThat(module.logins).hasValue(0);
  }

  @Test
  void open_withoutAPin_saysHowToGiveOne() {
    assertThatThrownBy(() -> open(PassphraseSource.pin("", "")))
        .hasMessage(
            "The token 'open_withoutAPin_saysHowToGiveOne' wants a PIN. Write it into a file that"
                + " only you can read and name that in 'pkcs11-uri' with pin-source=file:FILE, or"
                + " name a variable of the environment with 'pin-env'.");
  }

  @Test
  void open_ofATokenWithoutLogin_needsNoPin() throws Exception {
    module.flags = 0;

    try (TokenKey key = open(PassphraseSource.pin("", ""))) {
      assertThat(verifies(key, key.sign(MESSAGE))).isTrue();
    }

    assertThat(module.logins).hasValue(0);
  }

  @Test
  void sign_withATokenThatWasRemoved_failsForAllUntilItIsOpenedAgain() throws Exception {
    TokenKey key = open(right);
    module.signing =
        Optional.of(
            new CryptokiException(CryptokiException.CKR_DEVICE_REMOVED, "CKR_DEVICE_REMOVED"));
    int before = module.signatures.get();

    Throwable first = catchThrowable(() -> key.sign(MESSAGE));
    Throwable second = catchThrowable(() -> key.sign(MESSAGE));
    module.signing = Optional.empty();
    try (TokenKey again = open(right)) {
      assertThat(verifies(again, again.sign(MESSAGE))).isTrue();
    }
    key.close();

    for (Throwable failure : List.of(first, second)) {
      assertThat(failure)
          .isInstanceOfSatisfying(
              Pkcs11Exception.class, lost -> assertThat(lost.isLasting()).isTrue())
          .hasMessageContaining(
              "was removed, or this process is no longer logged in to it (CKR_DEVICE_REMOVED)."
                  + " Connect it and run the command again.");
    }
    assertThat(module.signatures.get() - before).as("after the first, none was tried").isEqualTo(3);
    assertThat(module.sessions).isEmpty();
  }

  @Test
  void sign_thatFailsOnce_isAFailureOfOneModel() throws Exception {
    try (TokenKey key = open(right)) {
      module.signing = Optional.of(new CryptokiException(0x5, "CKR_GENERAL_ERROR"));
      assertThatThrownBy(() -> key.sign(MESSAGE))
          .isInstanceOfSatisfying(
              Pkcs11Exception.class, failure -> assertThat(failure.isLasting()).isFalse())
          .hasMessageContaining("does not sign (CKR_GENERAL_ERROR)");
      module.signing = Optional.empty();

      assertThat(verifies(key, key.sign(MESSAGE))).isTrue();
    }
  }

  /** As keys in the slot for signatures of PIV cards do. */
  @Test
  void sign_withAKeyThatAsksForThePinEachTime_givesIt() throws Exception {
    module.asksEachTime = true;

    try (TokenKey key = open(right)) {
      assertThat(verifies(key, key.sign(MESSAGE))).isTrue();
      module.pin = "changed";
      assertThatThrownBy(() -> key.sign(MESSAGE)).hasMessageContaining("no longer logged in");
      int tried = module.signatures.get();
      assertThatThrownBy(() -> key.sign(MESSAGE)).hasMessageContaining("no longer logged in");
      assertThat(module.signatures).as("a wrong PIN is not tried again").hasValue(tried);
    }
  }

  private TokenKey open(PassphraseSource pin) throws Exception {
    return TokenKey.open(
        module, module.file(), Pkcs11Uri.parse("pkcs11:object=k1"), pin, Optional.empty());
  }

  private PassphraseSource pin(String name, String content) throws Exception {
    return PassphraseSource.pin(Files.writeString(folder.resolve(name), content).toString(), "");
  }

  private static boolean verifies(TokenKey key, byte[] signature) throws Exception {
    Signature verifier = Signature.getInstance("SHA256withECDSA");
    verifier.initVerify(key.publicKey());
    verifier.update(MESSAGE);
    return verifier.verify(signature);
  }

  private static List<Object> inThreads(int threads, Callable<Object> task) throws Exception {
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
