package dev.countersign.pkcs11;

import java.util.List;
import java.util.Optional;

/**
 * Functions of a PKCS#11 module, as far as signing needs them. Thread safe, but a session is used
 * by one thread at a time. Names of functions, attributes and codes are those of PKCS#11 2.40.
 */
interface Cryptoki {

  long CKO_CERTIFICATE = 1;
  long CKO_PUBLIC_KEY = 2;
  long CKO_PRIVATE_KEY = 3;

  long CKK_RSA = 0;
  long CKK_EC = 3;

  /** Since PKCS#11 3.0; modules had it before. */
  long CKK_EC_EDWARDS = 0x40;

  long CKA_LABEL = 3;
  long CKA_VALUE = 0x11;
  long CKA_KEY_TYPE = 0x100;
  long CKA_ID = 0x102;
  long CKA_MODULUS = 0x120;
  long CKA_PUBLIC_EXPONENT = 0x122;
  long CKA_EC_PARAMS = 0x180;
  long CKA_EC_POINT = 0x181;
  long CKA_ALWAYS_AUTHENTICATE = 0x202;

  long CKM_RSA_PKCS = 1;
  long CKM_ECDSA = 0x1041;

  /** What {@code C_GetInfo} says of the module. */
  record Library(String manufacturer, String description, String version) {}

  /** What {@code C_GetSlotInfo} says of a slot. */
  record Slot(String manufacturer, String description) {}

  /** What {@code C_GetTokenInfo} says of a token, without padding. */
  record TokenInfo(String label, String manufacturer, String model, String serial, long flags) {

    private static final long CKF_LOGIN_REQUIRED = 0x4;
    private static final long CKF_TOKEN_INITIALIZED = 0x400;
    private static final long CKF_USER_PIN_FINAL_TRY = 0x20000;
    private static final long CKF_USER_PIN_LOCKED = 0x40000;

    /** Tells whether the token can hold keys. */
    boolean isInitialized() {
      return (flags & CKF_TOKEN_INITIALIZED) != 0;
    }

    boolean isLoginRequired() {
      return (flags & CKF_LOGIN_REQUIRED) != 0;
    }

    /** Tells whether the token locks itself at the next wrong PIN. */
    boolean isFinalTry() {
      return (flags & CKF_USER_PIN_FINAL_TRY) != 0;
    }

    boolean isLocked() {
      return (flags & CKF_USER_PIN_LOCKED) != 0;
    }
  }

  Library library() throws CryptokiException;

  /** Returns the slots that hold a token. */
  List<Long> slots() throws CryptokiException;

  Slot slot(long slot) throws CryptokiException;

  TokenInfo token(long slot) throws CryptokiException;

  /** Opens a session that only reads; token objects are not changed. */
  long openSession(long slot) throws CryptokiException;

  void closeSession(long session) throws CryptokiException;

  /**
   * Logs this process in to the token of a session.
   *
   * @param pin its bytes, one a character
   */
  void login(long session, char[] pin) throws CryptokiException;

  /**
   * Returns objects of a class.
   *
   * @param label {@code CKA_LABEL} in UTF-8; empty for any
   * @param id {@code CKA_ID}; empty for any
   * @param limit the most to return
   */
  List<Long> find(
      long session, long objectClass, Optional<byte[]> label, Optional<byte[]> id, int limit)
      throws CryptokiException;

  /** Returns an attribute as bytes; empty if the object does not have it or does not show it. */
  Optional<byte[]> bytes(long session, long object, long attribute) throws CryptokiException;

  /** Returns an attribute that is a number or a truth value; empty as above. */
  Optional<Long> number(long session, long object, long attribute) throws CryptokiException;

  /**
   * Returns the signature of one key over some bytes.
   *
   * @param pin its bytes, one a character, if the key asks for it each time; otherwise empty
   */
  byte[] sign(long session, long mechanism, long key, byte[] data, Optional<char[]> pin)
      throws CryptokiException;
}
