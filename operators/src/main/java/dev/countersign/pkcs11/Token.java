package dev.countersign.pkcs11;

import dev.countersign.keys.Passphrases;
import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A token that this process is logged in to, with a bounded pool of sessions. All signers of a
 * process share one object for a token, since a login holds for the whole process: the first logs
 * in, the last ends the sessions, and with them the login. Thread safe.
 *
 * <p>A token locks itself after a few wrong PINs. So a PIN that was refused is not sent again by
 * this process, however many threads and jobs ask for it, and none is sent if it were the last try.
 */
final class Token {

  /** Sessions of one token; many hardware tokens have 16 or so for all processes. */
  static final int MAX_SESSIONS = 8;

  private static final Object LOGINS = new Object();

  /** Guarded by {@link #LOGINS}. */
  private static final Map<Place, Token> OPEN = new HashMap<>();

  /** Digests of PINs that tokens refused. Guarded by {@link #LOGINS}. */
  private static final Map<Place, byte[]> REFUSED = new HashMap<>();

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

  /** Digest of the PIN that this process logged in with; empty if the token asked for none. */
  private byte[] pinDigest = new byte[0];

  /** Guarded by {@link #LOGINS}. */
  private int users;

  /** Guarded by this. */
  private final Deque<Long> idle = new ArrayDeque<>();

  /** Open sessions, idle and in use. Guarded by this. */
  private int open;

  /** Guarded by this. */
  private int limit = MAX_SESSIONS;

  /** Guarded by this. */
  private boolean closed;

  /** Why no session can be used any more; empty if they can. Guarded by this. */
  private Optional<Pkcs11Exception> lost = Optional.empty();

  private Token(Place place, Cryptoki module, String label) {
    this.place = place;
    this.module = module;
    this.label = label;
  }

  /**
   * Logs in, or joins those who are.
   *
   * @param file of the module
   * @param pin of the token's user; empty if none is known. Not kept, not changed.
   * @param pinPlace what messages call the place where it is kept
   * @throws Pkcs11Exception if the token refuses it, wants one, or cannot be reached
   */
  static Token acquire(
      Cryptoki module, String file, long slot, Optional<char[]> pin, String pinPlace)
      throws Pkcs11Exception {
    char[] bytes = pin.map(Token::bytes).orElseGet(() -> new char[0]);
    byte[] digest = pin.isPresent() ? digest(bytes) : new byte[0];
    synchronized (LOGINS) {
      try {
        // Read under the lock: a PIN that another thread tried in vain shows in the flags.
        Cryptoki.TokenInfo info = module.token(slot);
        Place place = new Place(file, slot, info.serial());
        Token token = OPEN.get(place);
        if (token == null) {
          token = new Token(place, module, info.label());
          token.logIn(info, bytes, digest, pinPlace);
          OPEN.put(place, token);
        } else if (info.isLoginRequired()) {
          token.requirePin(digest);
          if (!MessageDigest.isEqual(digest, token.pinDigest)) {
            throw token.otherPin(pinPlace);
          }
        }
        token.users++;
        return token;
      } catch (CryptokiException e) {
        throw new Pkcs11Exception(
            Message.of("The token in slot %d cannot be reached (%s).", slot, e.getMessage()),
            Remedy.text("Connect it and run the command again."),
            e);
      } finally {
        Arrays.fill(bytes, '\0');
      }
    }
  }

  private Pkcs11Exception otherPin(String pinPlace) {
    return new Pkcs11Exception(
        Message.of(
            "This process is logged in to the token '%s' with another PIN than %s holds.",
            label(), Printable.of(pinPlace)),
        Remedy.of(
            "It was not tried, because tokens lock after a few wrong ones. Check what pin-source or"
                + " %s names.",
            Setting.PIN_ENV));
  }

  private void logIn(Cryptoki.TokenInfo info, char[] pin, byte[] digest, String pinPlace)
      throws Pkcs11Exception {
    if (info.isLoginRequired()) {
      requireTry(info, digest, pinPlace);
    }
    boolean loggedIn = false;
    try {
      long session = take();
      try {
        if (info.isLoginRequired()) {
          logIn(session, pin, digest, pinPlace);
        }
        loggedIn = true;
      } finally {
        giveBack(session);
      }
    } finally {
      if (!loggedIn) {
        closeSessions();
      }
    }
  }

  private void requireTry(Cryptoki.TokenInfo info, byte[] digest, String pinPlace)
      throws Pkcs11Exception {
    requirePin(digest);
    if (info.isLocked()) {
      throw new Pkcs11Exception(
          Message.of("The token '%s' is locked, since too many wrong PINs were tried.", label()),
          Remedy.text("Have its PIN reset by its security officer."));
    }
    if (MessageDigest.isEqual(digest, REFUSED.get(place))) {
      throw refused(pinPlace, "before");
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

  private void requirePin(byte[] digest) throws Pkcs11Exception {
    if (digest.length == 0) {
      throw new Pkcs11Exception(
          Message.of("The token '%s' wants a PIN.", label()),
          Remedy.of(
              "Write it into a file that only you can read and name that in %s with"
                  + " pin-source=file:FILE, or name a variable of the environment with %s.",
              Setting.PKCS11_URI, Setting.PIN_ENV));
    }
  }

  private void logIn(long session, char[] pin, byte[] digest, String pinPlace)
      throws Pkcs11Exception {
    try {
      module.login(session, pin);
      REFUSED.remove(place);
    } catch (CryptokiException e) {
      // Another class loader of this process may have logged in.
      if (!e.is(CryptokiException.CKR_USER_ALREADY_LOGGED_IN)) {
        if (!e.isPinRefused()) {
          throw failed("does not let this process log in", e);
        }
        REFUSED.put(place, digest);
        throw refused(pinPlace, e.getMessage());
      }
    }
    pinDigest = digest;
  }

  private Pkcs11Exception refused(String pinPlace, String how) {
    return new Pkcs11Exception(
        Message.of(
            "The token '%s' refused the PIN in %s (%s).", label(), Printable.of(pinPlace), how),
        Remedy.of(
            "It is not tried again, because tokens lock after a few wrong ones. Check what"
                + " pin-source or %s names.",
            Setting.PIN_ENV));
  }

  /**
   * Runs a task with a session, waiting for one if all are in use.
   *
   * @param what the token did not do if the task fails, as the rest of a sentence
   * @throws Pkcs11Exception if the token cannot be used any more, or the task fails
   */
  <T, E extends Exception> T use(String what, Task<T, E> task) throws Pkcs11Exception, E {
    long session = take();
    try {
      return task.run(session);
    } catch (CryptokiException e) {
      Pkcs11Exception failure = failed(what, e);
      if (failure.isLasting()) {
        lose(failure, e.isPinRefused());
      }
      throw failure;
    } finally {
      giveBack(session);
    }
  }

  private synchronized long take() throws Pkcs11Exception {
    while (true) {
      if (lost.isPresent()) {
        throw lost.get().again();
      }
      if (!idle.isEmpty()) {
        return idle.pop();
      }
      if (open < limit) {
        try {
          long session = module.openSession(place.slot());
          open++;
          return session;
        } catch (CryptokiException e) {
          if (!e.is(CryptokiException.CKR_SESSION_COUNT) || open == 0) {
            throw failed("gives no session", e);
          }
          limit = open;
        }
      }
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new Pkcs11Exception(
            "The wait for a session of the token was interrupted.", Remedy.NONE, e);
      }
    }
  }

  private synchronized void giveBack(long session) {
    idle.push(session);
    notifyAll();
    if (closed) {
      closeSessions();
    }
  }

  /** Nobody uses these sessions any more; who comes next logs in again. */
  private void lose(Pkcs11Exception failure, boolean isPinRefused) {
    synchronized (LOGINS) {
      if (isPinRefused) {
        REFUSED.put(place, pinDigest);
      }
      boolean unused = OPEN.remove(place, this);
    }
    synchronized (this) {
      lost = lost.or(() -> Optional.of(failure));
      notifyAll();
    }
  }

  private Pkcs11Exception failed(String what, CryptokiException e) {
    String code = e.getMessage();
    if (e.is(CryptokiException.CKR_PIN_LOCKED)) {
      return Pkcs11Exception.lasting(
          Message.of("The token '%s' is locked (%s).", label(), code),
          Remedy.text("Have its PIN reset by its security officer."),
          e);
    }
    if (e.isLost() || e.isPinRefused()) {
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
            : Remedy.text("See what its maker says of this code."),
        e);
  }

  /** Ends one use; the last one ends the sessions. */
  void release() {
    synchronized (LOGINS) {
      users--;
      if (users == 0) {
        boolean unused = OPEN.remove(place, this);
        closeSessions();
      }
    }
  }

  private synchronized void closeSessions() {
    closed = true;
    for (long session : idle) {
      try {
        module.closeSession(session);
      } catch (CryptokiException e) {
        // It went with its token.
      }
    }
    open -= idle.size();
    idle.clear();
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

  private static byte[] digest(char[] bytes) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(SALT);
      for (char value : bytes) {
        digest.update((byte) value);
      }
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("This JVM has no SHA-256", e);
    }
  }
}
