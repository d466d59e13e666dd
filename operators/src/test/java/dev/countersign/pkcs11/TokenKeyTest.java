package dev.countersign.pkcs11;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.countersign.keys.PassphraseSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Logins, sessions and failures, with a module that fails as it is told. */
final class TokenKeyTest extends TokenKeyFixture {

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
    assertThat(module.mostSessions.get()).isBetween(2, Sessions.MAX);
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
          .hasMessageContaining("This process does not try it again, because tokens lock")
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
          .hasMessageContaining("with a different PIN than the one in " + wrong.file());
      assertThatThrownBy(() -> open(PassphraseSource.pin("", "")))
          .hasMessageContaining("requires a PIN");
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
  void open_ofATokenThatIsLocked_triesNoPin() {
    module.flags = FakeCryptoki.CKF_LOGIN_REQUIRED | FakeCryptoki.CKF_USER_PIN_LOCKED;

    assertThatThrownBy(() -> open(right))
        .hasMessage(
            "The token 'open_ofATokenThatIsLocked_triesNoPin' is locked, because too many wrong"
                + " PINs were tried. Have its PIN reset by its security officer.");

    assertThat(module.logins).hasValue(0);
  }

  @Test
  void open_withoutAPin_saysHowToGiveOne() {
    assertThatThrownBy(() -> open(PassphraseSource.pin("", "")))
        .hasMessage(
            "The token 'open_withoutAPin_saysHowToGiveOne' requires a PIN. Write it into a file"
                + " that only you can read and name that in 'pkcs11-uri' with pin-source=file:FILE,"
                + " or name a variable of the environment with 'pin-env'.");
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

  /** A token with one session only cannot have another in its place. */
  @Test
  void sign_withASessionWhoseOperationNeverEnds_failsForAll() throws Exception {
    module.maxSessions = 1;
    TokenKey key = open(right);
    module.signing = Optional.of(new CryptokiException(0x21, "CKR_DATA_LEN_RANGE"));
    assertThatThrownBy(() -> key.sign(MESSAGE)).hasMessageContaining("CKR_DATA_LEN_RANGE");
    module.signing = Optional.empty();

    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> key.sign(MESSAGE))
          .isInstanceOfSatisfying(
              Pkcs11Exception.class, failure -> assertThat(failure.isLasting()).isTrue())
          .hasMessage(
              "The token 'sign_withASessionWhoseOperationNeverEnds_failsForAll' is still busy with"
                  + " a signature that failed (CKR_OPERATION_ACTIVE). Run the command again.");
    }
    key.close();
    try (TokenKey again = open(right)) {
      assertThat(verifies(again, again.sign(MESSAGE))).isTrue();
    }
  }

  /** As keys in the slot for signatures of PIV cards do. */
  @Test
  void sign_withAKeyThatAsksForThePinEachTime_givesIt() throws Exception {
    module.asksEachTime = true;

    try (TokenKey key = open(right)) {
      assertThat(verifies(key, key.sign(MESSAGE))).isTrue();
      module.pin = "changed";
      assertThatThrownBy(() -> key.sign(MESSAGE))
          .hasMessageContaining("no longer accepts the PIN in " + right.file());
      int tried = module.signatures.get();
      assertThatThrownBy(() -> key.sign(MESSAGE))
          .hasMessageContaining("no longer accepts the PIN in " + right.file());
      assertThat(module.signatures).as("a wrong PIN is not tried again").hasValue(tried);
    }
  }

  @Test
  void sign_whoseKeyIsClosedMeanwhile_stillGivesThePin() throws Exception {
    module.asksEachTime = true;
    TokenKey key = open(right);
    int before = module.signatures.get();
    module.signGate = new CountDownLatch(1);

    CompletableFuture<byte[]> signature = signing(key);
    await(() -> module.signatures.get() > before);
    key.close();
    module.signGate.countDown();

    assertThat(verifies(key, signature.get())).isTrue();
    assertThat(module.wrongPins).hasValue(0);
    assertThatThrownBy(() -> key.sign(MESSAGE))
        .hasMessage("The key that pkcs11:object=k1 names was closed.");
    assertThat(module.sessions).isEmpty();
  }

  @Test
  void open_afterASignatureWhosePinWasRefused_doesNotTryItAgain() throws Exception {
    module.asksEachTime = true;
    TokenKey key = open(right);
    module.pin = "changed";
    assertThatThrownBy(() -> key.sign(MESSAGE))
        .hasMessageContaining("no longer accepts the PIN in " + right.file());
    key.close();

    assertThatThrownBy(() -> open(right))
        .hasMessageContaining("refused the PIN in " + right.file() + " (before)");

    assertThat(module.wrongPins).hasValue(1);
  }

  @Test
  void sign_whoseSessionCannotBeReplaced_failsAsTheTokenSaid() throws Exception {
    try (TokenKey key = open(right)) {
      for (String function : List.of("closeSession", "openSession")) {
        module.signing = Optional.of(new CryptokiException(0x21, "CKR_DATA_LEN_RANGE"));
        module.faulty = function;
        assertThatThrownBy(() -> key.sign(MESSAGE)).hasMessageContaining("CKR_DATA_LEN_RANGE");
        module.faulty = "";
      }
    }
  }

  @Test
  void sign_afterAFailureWithinAnOperation_usesAnotherSessionAndTheSameLogin() throws Exception {
    try (TokenKey key = open(right)) {
      module.signing = Optional.of(new CryptokiException(0x21, "CKR_DATA_LEN_RANGE"));
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> key.sign(MESSAGE)).hasMessageContaining("CKR_DATA_LEN_RANGE");
      }
      module.signMillis = 20;
      List<Object> failures =
          inThreads(SUBTASKS, () -> catchThrowable(() -> key.sign(MESSAGE)).getMessage());
      assertThat(failures).allMatch(failure -> failure.toString().contains("CKR_DATA_LEN_RANGE"));
      module.signing = Optional.empty();

      assertThat(verifies(key, key.sign(MESSAGE))).isTrue();
    }

    assertThat(module.logins).hasValue(1);
    assertThat(module.sessions).isEmpty();
  }

  /** The login ends with the last session, and one that is still being opened is none. */
  @Test
  void sign_thatFailsWhileAnotherSessionIsOpened_keepsTheLogin() throws Exception {
    try (TokenKey key = open(right)) {
      int signed = module.signatures.get();
      int opened = module.openings.get();
      CountDownLatch opening = new CountDownLatch(1);
      module.signing = Optional.of(new CryptokiException(0x21, "CKR_DATA_LEN_RANGE"));
      module.signGate = new CountDownLatch(1);
      CompletableFuture<byte[]> failing = signing(key);
      await(() -> module.signatures.get() > signed);
      module.nextOpenGate.set(opening);
      CompletableFuture<byte[]> waiting = signing(key);
      await(() -> module.openings.get() > opened);

      module.signGate.countDown();
      assertThat(catchThrowable(failing::get)).hasMessageContaining("CKR_DATA_LEN_RANGE");
      module.signing = Optional.empty();
      opening.countDown();

      assertThat(verifies(key, waiting.get(30, SECONDS))).isTrue();
    }
  }
}
