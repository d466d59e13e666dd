package dev.countersign.storage.rest;

import dev.countersign.storage.StorageException;
import dev.countersign.storage.StorageException.Kind;
import dev.countersign.storage.TlsFaults;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.io.IOException;
import java.util.Set;
import java.util.regex.Pattern;

/** Exceptions for what stores refuse, and for stores that do not answer. */
public final class RestFaults {

  /** Statuses after which the same request may succeed. */
  private static final Set<Integer> THROTTLING = Set.of(429, 503);

  private static final Set<Integer> TRANSIENT = Set.of(408, 429, 500, 502, 503, 504);

  /** What stores name their faults like; anything else is not shown. */
  private static final Pattern CODE = Pattern.compile("[A-Za-z][A-Za-z0-9.]{0,63}");

  private RestFaults() {}

  /**
   * Why a store refused a request.
   *
   * @param code the store's own name for it; empty if it gave none
   * @param message what the store says to people. Not shown, since a server may put anything into
   *     it, such as the headers of the request.
   */
  public record Refusal(int status, String code, String message) {

    /** Tells whether the same request may succeed later. */
    public boolean isTransient() {
      return TRANSIENT.contains(status);
    }

    /** Returns status and code, for display. */
    public String shown() {
      return "status " + status + (CODE.matcher(code).matches() ? " " + code : "");
    }
  }

  /** Returns what to throw if there is no answer. */
  public static StorageException unanswered(String uri, boolean writing, IOException fault) {
    return new StorageException(
        writing ? Kind.NOT_WRITABLE : Kind.UNREADABLE,
        uri,
        Message.of(
            "%s: its store does not answer: %s. Check the endpoint, the network and any proxy.",
            cannot(uri, writing), reason(fault)),
        !TlsFaults.isLasting(fault),
        fault);
  }

  /** Returns what to throw if the store answered with a fault that has no reason of its own. */
  public static StorageException refused(String uri, boolean writing, Refusal refusal) {
    Kind reading = THROTTLING.contains(refusal.status()) ? Kind.THROTTLED : Kind.UNREADABLE;
    return new StorageException(
        writing ? Kind.NOT_WRITABLE : reading,
        uri,
        Message.of(
            "%s: the store answered with %s. %s",
            cannot(uri, writing),
            refusal.shown(),
            refusal.isTransient()
                ? "Try again later, or with fewer requests at a time."
                : "Check the URI and the settings of the store."),
        refusal.isTransient(),
        null);
  }

  /**
   * Returns what to throw if the store lets somebody else do that at most.
   *
   * @param action as the store names it
   * @param principal who asked, without any secret
   * @param remedy a sentence
   */
  public static StorageException denied(
      String uri,
      boolean writing,
      Refusal refusal,
      String action,
      String principal,
      String remedy) {
    return StorageException.of(
        Kind.PERMISSION_DENIED,
        uri,
        "%s: %s is denied to %s (%s). %s",
        cannot(uri, writing),
        action,
        Printable.of(principal),
        refusal.shown(),
        remedy);
  }

  /** Returns what to throw if credentials are missing, malformed, unknown or expired. */
  public static StorageException badCredentials(
      String uri, String principal, String reason, String remedy) {
    return StorageException.of(
        Kind.PERMISSION_DENIED,
        uri,
        "%s cannot be used: the credentials of %s are not valid (%s). %s",
        Printable.of(uri),
        Printable.of(principal),
        reason,
        remedy);
  }

  /** Returns what to throw if there is no such bucket or container. */
  public static StorageException noBucket(String uri, String kind, String bucket) {
    return StorageException.of(
        Kind.NOT_FOUND,
        uri,
        "There is nothing at %s: the store has no %s %s. Check its name.",
        Printable.of(uri),
        kind,
        Printable.of(bucket));
  }

  /** Returns what to throw if the store answered something that it never answers. */
  public static StorageException notOfStore(String uri, String store, IOException cause) {
    return StorageException.of(
        Kind.UNREADABLE,
        uri,
        cause,
        "%s cannot be read: what answers is not %s. Check the endpoint and any proxy.",
        Printable.of(uri),
        store);
  }

  /** Returns what to throw if a planned object has another version now, or is gone. */
  public static StorageException replaced(String uri) {
    return StorageException.changed(uri, "was replaced or deleted since the model was listed");
  }

  /** Returns what to throw if the condition of a write does not hold. */
  public static StorageException lostRace(String uri) {
    return StorageException.changed(uri, "was written by somebody else meanwhile");
  }

  /** Returns what a fault says, as one line for display. */
  public static String reason(IOException fault) {
    String line = String.valueOf(fault.getMessage()).strip().lines().findFirst().orElse("");
    return fault.getClass().getSimpleName()
        + (fault.getMessage() == null ? "" : ": " + Printable.of(line.replaceFirst("\\.$", "")));
  }

  private static String cannot(String uri, boolean writing) {
    return Printable.of(uri) + (writing ? " cannot be written" : " cannot be read");
  }
}
