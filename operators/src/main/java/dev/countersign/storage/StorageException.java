package dev.countersign.storage;

import dev.countersign.remedy.AdvisedException;
import dev.countersign.remedy.Remedy;
import dev.countersign.text.Printable;
import org.jspecify.annotations.Nullable;

/**
 * A store did not do what was asked. The message says what failed, for which URI, why, and what to
 * do; it is meant for the user and is already escaped for terminals.
 */
public final class StorageException extends AdvisedException {

  /** Why a store did not do what was asked. */
  public enum Kind {
    /** Nothing lies at the URI. */
    NOT_FOUND,
    /** This user may not read it. */
    PERMISSION_DENIED,
    /** It is there and cannot be read: a fault of the store, or no file at all. */
    UNREADABLE,
    /** It is not what it was when it was listed. */
    CHANGED,
    /** It is larger, deeper or more than a limit allows. */
    LIMIT_EXCEEDED,
    /** It cannot be written there. */
    NOT_WRITABLE,
    /** The store, or a quota in it, is full. */
    NO_SPACE,
    /** Nothing here can do that, such as a scheme without a file system. */
    UNSUPPORTED,
    /** The name cannot be used in this store. */
    NAME,
    /** A link leads out of the folders that it must stay in, see {@link GlobScope}. */
    OUTSIDE
  }

  private final Kind kind;
  private final String uri;
  private final boolean transientFault;

  /**
   * Makes an exception.
   *
   * @param message for the user; what came from outside must have gone through {@link Printable}
   * @param transientFault whether trying again may help
   * @param cause null if there is none
   */
  public StorageException(
      Kind kind, String uri, String message, boolean transientFault, @Nullable Throwable cause) {
    this(kind, uri, message, Remedy.NONE, transientFault, cause);
  }

  /** Makes an exception whose remedy names settings. */
  public StorageException(
      Kind kind,
      String uri,
      String problem,
      Remedy remedy,
      boolean transientFault,
      @Nullable Throwable cause) {
    super(problem, remedy, cause);
    this.kind = kind;
    this.uri = uri;
    this.transientFault = transientFault;
  }

  /** Makes an exception for what trying again will not change. */
  public StorageException(Kind kind, String uri, String message) {
    this(kind, uri, message, false, null);
  }

  /** Returns why it failed. */
  public Kind kind() {
    return kind;
  }

  /** Returns what was asked for, not escaped. */
  public String uri() {
    return uri;
  }

  /** Tells whether the same request may succeed later, as after a network fault. */
  public boolean transientFault() {
    return transientFault;
  }
}
