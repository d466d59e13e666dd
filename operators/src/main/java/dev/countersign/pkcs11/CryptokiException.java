package dev.countersign.pkcs11;

import java.io.Serial;
import java.util.Set;

/** A function of a PKCS#11 module returned something else than {@code CKR_OK}. */
final class CryptokiException extends Exception {

  @Serial private static final long serialVersionUID = 1L;

  static final long CKR_DEVICE_ERROR = 0x30;
  static final long CKR_DEVICE_REMOVED = 0x32;
  static final long CKR_KEY_HANDLE_INVALID = 0x60;
  static final long CKR_MECHANISM_INVALID = 0x70;
  static final long CKR_OBJECT_HANDLE_INVALID = 0x82;
  static final long CKR_OPERATION_ACTIVE = 0x90;
  static final long CKR_PIN_INCORRECT = 0xA0;
  static final long CKR_PIN_INVALID = 0xA1;
  static final long CKR_PIN_LEN_RANGE = 0xA2;
  static final long CKR_PIN_LOCKED = 0xA4;
  static final long CKR_SESSION_CLOSED = 0xB0;
  static final long CKR_SESSION_COUNT = 0xB1;
  static final long CKR_SESSION_HANDLE_INVALID = 0xB3;
  static final long CKR_TOKEN_NOT_PRESENT = 0xE0;
  static final long CKR_TOKEN_NOT_RECOGNIZED = 0xE1;
  static final long CKR_USER_ALREADY_LOGGED_IN = 0x100;
  static final long CKR_USER_NOT_LOGGED_IN = 0x101;
  static final long CKR_CRYPTOKI_NOT_INITIALIZED = 0x190;

  private static final Set<Long> PIN_REFUSED =
      Set.of(CKR_PIN_INCORRECT, CKR_PIN_INVALID, CKR_PIN_LEN_RANGE);

  /** After these, no session of the token is of use any more. */
  private static final Set<Long> LOST =
      Set.of(
          CKR_DEVICE_ERROR,
          CKR_DEVICE_REMOVED,
          CKR_KEY_HANDLE_INVALID,
          CKR_OBJECT_HANDLE_INVALID,
          CKR_OPERATION_ACTIVE,
          CKR_SESSION_CLOSED,
          CKR_SESSION_HANDLE_INVALID,
          CKR_TOKEN_NOT_PRESENT,
          CKR_TOKEN_NOT_RECOGNIZED,
          CKR_USER_NOT_LOGGED_IN,
          CKR_CRYPTOKI_NOT_INITIALIZED);

  private final long code;

  /**
   * A function failed.
   *
   * @param code its return value
   * @param name of that value, such as {@code CKR_PIN_INCORRECT}
   */
  CryptokiException(long code, String name) {
    super(name);
    this.code = code;
  }

  boolean is(long other) {
    return code == other;
  }

  /** Tells whether the token took a try at its PIN off, or would have. */
  boolean isPinRefused() {
    return PIN_REFUSED.contains(code);
  }

  /**
   * Tells whether the token was removed, this process logged out of it, or its session cannot be
   * replaced.
   */
  boolean isLost() {
    return LOST.contains(code);
  }

  /** Returns the name of the return value. */
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
