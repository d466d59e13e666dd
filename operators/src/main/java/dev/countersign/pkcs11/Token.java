package dev.countersign.pkcs11;

import dev.countersign.keys.Passphrases;
import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A token that this process is logged in to, with a bounded pool of sessions. All signers of a job
 * share one object for a token, since a login holds for the whole process: the first logs in, the
 * last ends the sessions, and with them the login. Thread safe.
 *
 * <p>A token locks itself after a few wrong PINs. So a PIN that was refused is not sent again by
 * this process, however many threads and jobs ask for it, and none is sent if it were the last try.
 *
 * <p>No lock is held while a module is called, except for the turn to log in, one of each slot.
 */
final class Token {

  /** How long the end of a use waits for a token that may hang. */
  private static final Duration ENDING = Duration.ofSeconds(10);

  private static final Object LOGINS = new Object();

  /** Guarded by {@link #LOGINS}. */
  private static final Map<Place, Token> OPEN = new HashMap<>();

  /** Digests of PINs that tokens refused. Guarded by {@link #LOGINS}. */
  private static final Map<Place, String> REFUSED = new HashMap<>();

  /** So that a digest of a PIN tells nothing outside of this process. */
  private static final byte[] SALT = new SecureRandom().generateSeed(16);

  /**
   * A token in the eyes of this process.
   *
   * @param module file of the module
   * @param serial tells tokens apart that take turns in a slot
   */
  record Place(String module, long slot, String serial) {}

  /** What is done with a session. */
  @FunctionalInterface
  interface Task<T, E extends Exception> {
    T run(long session) throws CryptokiException, Pkcs11Exception, E;
  }

  private final Place place;
  private final Cryptoki module;
  private final String label;
  private final Pin pin;
  private final Duration bound;
  private final Sessions sessions;

  /** Guarded by {@link #LOGINS}. */
  private int users = 1;

  /**
   * A PIN as it is remembered.
   *
   * @param digest of the PIN, in hex; empty if none is known
   */
  private record Pin(String digest, ProcessNotes.PinOrigin origin) {

    String place() {
      return Printable.of(origin.name());
    }
  }

  private Token(Place place, Cryptoki module, String label, Pin pin, Duration bound) {
    this.place = place;
    this.module = module;
    this.label = label;
    this.pin = pin;
    this.bound = bound;
    this.sessions = new Sessions(module, place.slot());
  }

  /**
   * Logs in, or joins those who are.
   *
   * @param file of the module
   * @param secret PIN of the token's user; empty if none is known. Not kept, not changed.
   * @param origin the place where it is kept
   * @param bound the longest that the token may take to answer
   * @throws Pkcs11Exception if the token refuses it, requires one, or cannot be reached
   */
  static Token acquire(
      Cryptoki module,
      String file,
      long slot,
      Optional<char[]> secret,
      ProcessNotes.PinOrigin origin,
      Duration bound)
      throws Pkcs11Exception {
    // A copy, since the caller may wipe its own while a token that hangs still has this one.
    char[] bytes = secret.map(Token::bytes).orElseGet(() -> new char[0]);
    try {
      return ModuleCalls.<Token, RuntimeException>within(
          file,
          bound,
          () -> inTurn(bound, file, slot, () -> open(module, file, slot, bytes, origin, bound)),
          Token::release,
          () -> Arrays.fill(bytes, '\0'));
    } catch (TimeoutException e) {
      throw Pkcs11Exception.silent(Message.of("token in slot %d", slot), bound, e);
    } catch (CryptokiException e) {
      throw new Pkcs11Exception(
          Message.of("The token in slot %d cannot be reached (%s).", slot, e.getMessage()),
          Remedy.text("Connect it and run the command again."),
          e);
    }
  }

  private static <T> T inTurn(Duration bound, String file, long slot, Callable<T> call)
      throws Exception {
    Semaphore turn = ProcessNotes.turn(file, slot);
    if (!turn.tryAcquire(bound.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new TimeoutException("Another login hangs");
    }
    try {
      return call.call();
    } finally {
      turn.release();
    }
  }

  /** Called by whoever has the turn, so a PIN that others tried in vain shows in the flags. */
  private static Token open(
      Cryptoki module,
      String file,
      long slot,
      char[] bytes,
      ProcessNotes.PinOrigin origin,
      Duration bound)
      throws Pkcs11Exception, CryptokiException, TimeoutException {
    Cryptoki.TokenInfo info = module.token(slot);
    Place place = new Place(file, slot, info.serial());
    Pin pin = new Pin(bytes.length > 0 ? digest(bytes) : "", origin);
    Token joined;
    synchronized (LOGINS) {
      joined = OPEN.get(place);
      if (joined != null) {
        if (info.isLoginRequired()) {
          joined.requirePin(pin);
          if (!pin.digest().equals(joined.pin.digest())) {
            throw joined.otherPin(pin);
          }
        }
        joined.users++;
        return joined;
      }
    }
    Token token = new Token(place, module, info.label(), pin, bound);
    token.logIn(info, bytes);
    synchronized (LOGINS) {
      OPEN.put(place, token);
    }
    return token;
  }

  private Pkcs11Exception otherPin(Pin other) {
    return new Pkcs11Exception(
        Message.of(
            "This process is logged in to the token '%s' with a different PIN than the one in %s.",
            label(), other.place()),
        Remedy.of(
            "It was not tried, because tokens lock after a few wrong ones. Check what pin-source or"
                + " %s names.",
            Setting.PIN_ENV));
  }

  private void logIn(Cryptoki.TokenInfo info, char[] secret)
      throws Pkcs11Exception, TimeoutException {
    if (info.isLoginRequired()) {
      requireTry(info);
    }
    boolean loggedIn = false;
    Sessions.Lease lease = sessions.take(bound);
    try {
      long session = sessions.session(lease).orElseThrow();
      if (info.isLoginRequired()) {
        logIn(session, secret);
      }
      loggedIn = true;
    } catch (CryptokiException e) {
      throw failed("does not open a session", e);
    } finally {
      sessions.giveBack(lease);
      if (!loggedIn) {
        sessions.close();
      }
    }
  }

  private void requireTry(Cryptoki.TokenInfo info) throws Pkcs11Exception {
    requirePin(pin);
    if (info.isLocked()) {
      throw new Pkcs11Exception(
          Message.of("The token '%s' is locked, because too many wrong PINs were tried.", label()),
          Remedy.text("Have its PIN reset by its security officer."));
    }
    boolean isRefused;
    synchronized (LOGINS) {
      isRefused = pin.digest().equals(REFUSED.get(place));
    }
    if (isRefused || ProcessNotes.isRefused(place, pin.origin())) {
      throw refused("before");
    }
    if (info.isFinalTry()) {
      throw new Pkcs11Exception(
          Message.of(
              "The token '%s' locks itself at the next wrong PIN, so none was tried.", label()),
          Remedy.text(
              "Log in to it once with another program, such as pkcs11-tool, which resets its"
                  + " count."));
    }
  }

  private void requirePin(Pin given) throws Pkcs11Exception {
    if (given.digest().isEmpty()) {
      throw new Pkcs11Exception(
          Message.of("The token '%s' requires a PIN.", label()),
          Remedy.of(
              "Write it into a file that only you can read and name that in %s with"
                  + " pin-source=file:FILE, or name a variable of the environment with %s.",
              Setting.PKCS11_URI, Setting.PIN_ENV));
    }
  }

  private void logIn(long session, char[] secret) throws Pkcs11Exception {
    try {
      module.login(session, secret);
      synchronized (LOGINS) {
        REFUSED.remove(place);
      }
      ProcessNotes.noteAccepted(place, pin.origin());
    } catch (CryptokiException e) {
      // Another class loader of this process may have logged in.
      if (!e.is(CryptokiException.CKR_USER_ALREADY_LOGGED_IN)) {
        if (!e.isPinRefused()) {
          throw failed("does not let this process log in", e);
        }
        noteRefused();
        throw refused(e.getMessage());
      }
    }
  }

  private void noteRefused() {
    synchronized (LOGINS) {
      REFUSED.put(place, pin.digest());
    }
    ProcessNotes.noteRefused(place, pin.origin());
  }

  private Pkcs11Exception refused(String how) {
    return new Pkcs11Exception(
        Message.of("The token '%s' refused the PIN in %s (%s).", label(), pin.place(), how),
        Remedy.of(
            "This process does not try it again, because tokens lock after a few wrong ones. Check"
                + " what pin-source or %s names, and write the file again.",
            Setting.PIN_ENV));
  }

  /**
   * Runs a task with a session, waiting for one if all are in use.
   *
   * @param what the token did not do if the task fails, as the rest of a sentence
   * @throws Pkcs11Exception if the token cannot be used any more, or the task fails
   */
  <T, E extends Exception> T use(String what, Task<T, E> task) throws Pkcs11Exception, E {
    try {
      while (true) {
        Sessions.Lease lease = sessions.take(bound);
        Optional<T> result =
            ModuleCalls.<Optional<T>, E>within(
                place.module(),
                bound,
                () -> run(lease, task),
                unused -> {},
                () -> sessions.giveBack(lease));
        if (result.isPresent()) {
          return result.get();
        }
      }
    } catch (CryptokiException e) {
      throw lose(failed(what, e), e.isPinRefused());
    } catch (TimeoutException e) {
      throw lose(Pkcs11Exception.silent("token '" + label() + "'", bound, e), false);
    } catch (Pkcs11Exception e) {
      throw lose(e, false);
    }
  }

  /** Returns what the task returns; empty if the token gives no more sessions than it has. */
  private <T, E extends Exception> Optional<T> run(Sessions.Lease lease, Task<T, E> task)
      throws CryptokiException, Pkcs11Exception, E {
    Optional<Long> session = sessions.session(lease);
    if (session.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(task.run(session.get()));
    } catch (CryptokiException | RuntimeException e) {
      lease.soil();
      throw e;
    }
  }

  /**
   * Notes a failure. After one that lasts, nobody uses these sessions any more; who comes next logs
   * in again.
   */
  private Pkcs11Exception lose(Pkcs11Exception failure, boolean isPinRefused) {
    if (failure.isLasting()) {
      if (isPinRefused) {
        noteRefused();
      }
      synchronized (LOGINS) {
        boolean unused = OPEN.remove(place, this);
      }
      sessions.lose(failure);
    }
    return failure;
  }

  private Pkcs11Exception failed(String what, CryptokiException e) {
    String code = e.getMessage();
    if (e.is(CryptokiException.CKR_PIN_LOCKED)) {
      return Pkcs11Exception.lasting(
          Message.of("The token '%s' is locked (%s).", label(), code),
          Remedy.text("Have its PIN reset by its security officer."),
          e);
    }
    if (e.isPinRefused()) {
      return Pkcs11Exception.lasting(
          Message.of(
              "The token '%s' no longer accepts the PIN in %s (%s).", label(), pin.place(), code),
          Remedy.of(
              "Check what pin-source or %s names, write the file again, and run the command"
                  + " again.",
              Setting.PIN_ENV),
          e);
    }
    if (e.is(CryptokiException.CKR_OPERATION_ACTIVE)) {
      return Pkcs11Exception.lasting(
          Message.of(
              "The token '%s' is still busy with a signature that failed (%s).", label(), code),
          Remedy.text("Run the command again."),
          e);
    }
    if (e.isLost()) {
      return Pkcs11Exception.lasting(
          Message.of(
              "The token '%s' was removed, or this process is no longer logged in to it (%s).",
              label(), code),
          Remedy.text("Connect it and run the command again."),
          e);
    }
    return new Pkcs11Exception(
        Message.of("The token '%s' %s (%s).", label(), what, code),
        e.is(CryptokiException.CKR_MECHANISM_INVALID)
            ? Remedy.text("Use a token that signs with ECDSA or RSA (CKM_ECDSA, CKM_RSA_PKCS).")
            : Remedy.text("Look up the code in the documentation of its maker."),
        e);
  }

  /** Ends one use; the last one ends the sessions. */
  void release() {
    ModuleCalls.finish(ENDING, this::leave);
  }

  private void leave() {
    Semaphore turn = ProcessNotes.turn(place.module(), place.slot());
    // So that who logs in does not find the login that is about to end; but nothing hangs for it.
    boolean isMine = false;
    try {
      isMine = turn.tryAcquire(ENDING.toNanos(), TimeUnit.NANOSECONDS);
      synchronized (LOGINS) {
        users--;
        if (users > 0) {
          return;
        }
        boolean unused = OPEN.remove(place, this);
      }
      sessions.close();
    } catch (InterruptedException e) {
      throw new IllegalStateException("Nobody interrupts these threads", e);
    } finally {
      if (isMine) {
        turn.release();
      }
    }
  }

  /** Returns the label for messages. */
  private String label() {
    return Printable.of(label);
  }

  /** Returns the PIN in UTF-8, one byte a character, as PKCS#11 and the JDK's binding want it. */
  static char[] bytes(char[] pin) {
    byte[] encoded = Passphrases.utf8(pin);
    char[] bytes = new char[encoded.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (char) Byte.toUnsignedInt(encoded[i]);
    }
    Arrays.fill(encoded, (byte) 0);
    return bytes;
  }

  private static String digest(char[] bytes) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(SALT);
      for (char value : bytes) {
        digest.update((byte) value);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("This JVM has no SHA-256", e);
    }
  }
}
