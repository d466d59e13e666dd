package dev.countersign.storage.servers;

/**
 * What a {@link FaultProxy} does with one request in place of passing on request and answer.
 *
 * @param kind what happens
 * @param value of {@link Kind#STATUS}: the status code; of {@link Kind#LENGTH}: what is added to
 *     the length in the head of the answer; of all others: after how many bytes of the answer's
 *     body
 */
public record Fault(Kind kind, long value) {

  /** What happens. */
  public enum Kind {
    /** Nothing: request and answer pass. */
    NONE,
    /** The server is not asked; the answer is an error. */
    STATUS,
    /** The server is not asked, and the connection is reset. */
    RESET_BEFORE,
    /** The server does what it is asked, and the connection is reset in the body of the answer. */
    RESET,
    /** The server does what it is asked, and the connection ends in the body of the answer. */
    CUT,
    /** The server does what it is asked, and nothing more comes until the client gives up. */
    STALL,
    /** The head of the answer tells a wrong length of its body; the connection ends after it. */
    LENGTH
  }

  /** Request and answer pass. */
  public static final Fault NONE = new Fault(Kind.NONE, 0);

  /** An error of the server, which it is not asked for, with the code that stores give with it. */
  public static Fault status(int status) {
    return new Fault(Kind.STATUS, status);
  }

  /** A reset of the connection before the server is asked. */
  public static Fault resetBefore() {
    return new Fault(Kind.RESET_BEFORE, 0);
  }

  /** A reset of the connection after some bytes of the answer's body. */
  public static Fault resetAfter(long bytes) {
    return new Fault(Kind.RESET, bytes);
  }

  /** An end of the connection after some bytes of the answer's body. */
  public static Fault cutAfter(long bytes) {
    return new Fault(Kind.CUT, bytes);
  }

  /** Silence after some bytes of the answer's body, or in place of an answer without a body. */
  public static Fault stallAfter(long bytes) {
    return new Fault(Kind.STALL, bytes);
  }

  /** A Content-Length that is too large or too small. */
  public static Fault wrongLength(long added) {
    return new Fault(Kind.LENGTH, added);
  }
}
