package dev.countersign.storage;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import dev.countersign.remedy.AdvisedException;
import dev.countersign.remedy.Remedy;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.io.IOException;
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
    /**
     * The store asks for fewer requests; always transient, and tried again after a longer pause.
     */
    THROTTLED,
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

  /** Makes such an exception, with a message as {@link String#format} makes it. */
  @FormatMethod
  public static StorageException of(
      Kind kind, String uri, @FormatString String format, Object... arguments) {
    return new StorageException(kind, uri, Message.of(format, arguments));
  }

  /** Makes such an exception with a cause, which may be null. */
  @FormatMethod
  public static StorageException of(
      Kind kind,
      String uri,
      @Nullable Throwable cause,
      @FormatString String format,
      Object... arguments) {
    String message = Message.of(format, arguments);
    return new StorageException(kind, uri, message, false, cause);
  }

  /** Returns what to throw when nothing is at {@code uri}. */
  public static StorageException notFound(String uri, @Nullable IOException cause) {
    return of(
        Kind.NOT_FOUND, uri, cause, "There is nothing at %s. Check the path.", Printable.of(uri));
  }

  /** Returns what to throw when this user may not read {@code uri}. */
  public static StorageException denied(String uri, IOException cause) {
    return of(
        Kind.PERMISSION_DENIED,
        uri,
        cause,
        "This user may not read %s. Grant read access to it and to all folders above it.",
        Printable.of(uri));
  }

  /** Returns what to throw when a file that was planned is not the one that was found. */
  @FormatMethod
  public static StorageException changed(
      String uri, @FormatString String what, Object... arguments) {
    return changed(uri, null, Message.of(what, arguments));
  }

  /** Returns such an exception with a cause, which may be null. */
  public static StorageException changed(String uri, @Nullable Throwable cause, String what) {
    return of(
        Kind.CHANGED,
        uri,
        cause,
        "%s %s. Run again when nothing writes to the model.",
        Printable.of(uri),
        what);
  }

  /** Returns what to throw when a file has more bytes than when it was found. */
  public static StorageException longer(String uri, long before) {
    return changed(uri, "has more than the %d bytes it had before", before);
  }

  /** Returns what to throw when a folder is not the one that was pinned. */
  public static StorageException replacedFolder(String uri) {
    return changed(
        uri,
        "is no longer the folder that it was when the model was listed, so nothing is written"
            + " there");
  }

  /** Returns what to throw when a directory is where a file is to be written. */
  public static StorageException directory(String uri) {
    return of(
        Kind.NOT_WRITABLE,
        uri,
        "%s is a directory, so no file can be written there. Name another file.",
        Printable.of(uri));
  }

  /** Returns what to throw when something else is where a file is to be read. */
  public static StorageException notRegular(String uri) {
    return of(
        Kind.UNREADABLE, uri, "%s is not a regular file. Name the file itself.", Printable.of(uri));
  }

  /** Returns what to throw when a file has more bytes than its reader takes. */
  public static StorageException tooLarge(String uri, int most) {
    return of(
        Kind.LIMIT_EXCEEDED,
        uri,
        "%s has more than %d bytes, which is the limit. Raise the limit if you trust the file.",
        Printable.of(uri),
        most);
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
