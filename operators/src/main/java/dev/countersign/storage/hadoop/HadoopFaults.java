package dev.countersign.storage.hadoop;

import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.storage.Causes;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.StorageException.Kind;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import dev.countersign.text.StoreUri;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.AccessDeniedException;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.apache.hadoop.hdfs.protocol.QuotaExceededException;
import org.apache.hadoop.ipc.RemoteException;
import org.apache.hadoop.ipc.RetriableException;
import org.apache.hadoop.ipc.StandbyException;
import org.apache.hadoop.security.AccessControlException;
import org.apache.hadoop.security.UserGroupInformation;
import org.jspecify.annotations.Nullable;

/** Says in our words what a Hadoop file system refused; its own run over many lines. */
final class HadoopFaults {

  /** How much of a message is looked at, in characters; some hold a whole answer of a server. */
  private static final int MAX_WORDS = 2_000;

  /** Exceptions of the connectors, which are not on every class path, by name. */
  private static final Set<String> PASSING =
      Set.of(
          "AWSApiCallTimeoutException",
          "AWSNoResponseException",
          "AWSServiceThrottledException",
          "AWSStatus500Exception",
          "ConnectionClosedException",
          "HttpChannelEOFException",
          "NoHttpResponseException",
          "SafeModeException");

  /**
   * What servers say that are busy or lost: statuses as S3A, ABFS and the connector for Google
   * write them, and words.
   */
  private static final Pattern PASSING_WORDS =
      Pattern.compile(
          "status code: (429|50[0234])\\b|\", (429|50[0234]),|^(429|50[0234]) "
              + "|slow ?down|too many requests|service unavailable|server ?(is )?busy"
              + "|internal server error|connection (was )?(reset|closed)|broken pipe"
              + "|timed out|premature(ly)? (end|eof|clos)",
          Pattern.CASE_INSENSITIVE);

  /** What Hadoop says at either end of a connection that has no Kerberos ticket. */
  private static final Pattern UNAUTHENTICATED =
      Pattern.compile(
          "Client cannot authenticate via|GSS initiate failed|No valid credentials provided"
              + "|SIMPLE authentication is not enabled");

  /** What the JDK says, at the end of such a fault, when no KDC answered. */
  private static final Pattern KDC_UNANSWERED =
      Pattern.compile(
          "(Mechanism level: |LoginException: |^)"
              + "(Receive timed out|Read timed out|connect timed out|Connection (refused|reset)"
              + "|No route to host|Network is unreachable|ICMP Port Unreachable)",
          Pattern.CASE_INSENSITIVE);

  private HadoopFaults() {}

  /** Returns what to throw when {@code uri} could not be listed, looked at or read. */
  static StorageException reading(String uri, IOException wrapped) {
    IOException fault = unwrapped(wrapped);
    if (fault instanceof FileNotFoundException) {
      return StorageException.notFound(uri, fault);
    }
    if (isUnauthenticated(fault)) {
      return unauthenticated(Kind.PERMISSION_DENIED, uri, "read", fault);
    }
    if (isDenied(fault)) {
      return StorageException.denied(uri, fault);
    }
    if (isChange(fault)) {
      return StorageException.changed(uri, fault, "was replaced while it was read");
    }
    if (fault instanceof UnsupportedFileSystemException) {
      return unsupported(uri, fault);
    }
    return new StorageException(
        Kind.UNREADABLE,
        uri,
        Message.of(
            "%s cannot be read: %s. Check that the store runs and can be reached.",
            Printable.of(uri), reason(fault)),
        isTransient(fault),
        fault);
  }

  /** Returns what to throw when a planned file could not be opened or read. */
  static StorageException readingPlanned(String uri, IOException fault) {
    return unwrapped(fault) instanceof FileNotFoundException
        ? StorageException.changed(uri, fault, "was deleted or moved since the model was listed")
        : reading(uri, fault);
  }

  /** Returns what to throw when {@code uri} could not be written. */
  static StorageException writing(String uri, IOException wrapped) {
    IOException fault = unwrapped(wrapped);
    String shown = Printable.of(uri);
    if (isUnauthenticated(fault)) {
      return unauthenticated(Kind.NOT_WRITABLE, uri, "written", fault);
    }
    if (fault instanceof QuotaExceededException || isFull(fault)) {
      return StorageException.of(
          Kind.NO_SPACE,
          uri,
          fault,
          "%s cannot be written: the store or a quota in it is full. Free some space, or name"
              + " another place.",
          shown);
    }
    return new StorageException(
        Kind.NOT_WRITABLE,
        uri,
        Message.of(
            "%s cannot be written: %s. Grant write access to its folder, or name another place.",
            shown, isDenied(fault) ? "this user may not write there" : reason(fault)),
        isTransient(fault),
        fault);
  }

  /** Returns what to throw for a scheme that no class on the class path knows. */
  static StorageException unsupported(String uri, @Nullable Throwable cause) {
    String scheme = Printable.of(StoreUri.parse(uri).scheme());
    return new StorageException(
        Kind.UNSUPPORTED,
        uri,
        Message.of(
            "%s cannot be used: no file system is set up for the scheme %s.",
            Printable.of(uri), scheme),
        Remedy.of(
            "Name a local path, or hdfs, viewfs, webhdfs or swebhdfs; for another store put its"
                + " connector on the class path and name its class with fs.%s.impl, in"
                + " core-site.xml or with %s.",
            scheme, Setting.FS_OPTION),
        false,
        cause);
  }

  /** Returns what to throw for a URI whose host, bucket or port makes no sense to its connector. */
  static StorageException badAddress(String uri, IllegalArgumentException cause) {
    return StorageException.of(
        Kind.UNREADABLE,
        uri,
        cause,
        "%s cannot be reached: %s. Check the URI's host, bucket or port.",
        Printable.of(uri),
        Printable.of(String.valueOf(cause.getMessage())));
  }

  /** Returns what to throw for a setting whose value cannot be read. */
  static StorageException badSetting(
      String uri, Configuration configuration, String key, String remedy, Exception cause) {
    return StorageException.of(
        Kind.UNSUPPORTED,
        uri,
        cause,
        "%s cannot be used: %s is '%s', which cannot be read. %s",
        Printable.of(uri),
        Printable.of(key),
        Printable.of(configuration.getTrimmed(key, "")),
        remedy);
  }

  /**
   * Returns what to throw for a URI that names no host where the configuration names none either.
   */
  static StorageException withoutHost(String uri) {
    String scheme = StoreUri.parse(uri).scheme();
    return StorageException.of(
        Kind.UNREADABLE,
        uri,
        "%s names no host, and fs.defaultFS none of %s. Write %s://HOST/PATH.",
        Printable.of(uri),
        scheme,
        scheme);
  }

  /** Returns what to throw when this process cannot log in; {@code fault} says why. */
  static StorageException loginFailed(String uri, IOException fault) {
    if (isKdcUnanswered(fault)) {
      return withoutKdc(Kind.UNREADABLE, uri, "used", fault);
    }
    return StorageException.of(
        Kind.PERMISSION_DENIED,
        uri,
        fault,
        "%s cannot be used: %s. Correct that, or log in with kinit and leave the keytab out.",
        Printable.of(uri),
        withoutStop(message(fault)));
  }

  private static String withoutStop(String text) {
    return text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
  }

  private static StorageException withoutKdc(
      Kind kind, String uri, String done, IOException fault) {
    return new StorageException(
        kind,
        uri,
        Message.of(
            "%s cannot be %s: no Kerberos server (KDC) answers. Check that it runs and can be"
                + " reached, and the realm in krb5.conf.",
            Printable.of(uri), done),
        true,
        fault);
  }

  private static StorageException unauthenticated(
      Kind kind, String uri, String done, IOException fault) {
    if (isKdcUnanswered(fault)) {
      return withoutKdc(kind == Kind.PERMISSION_DENIED ? Kind.UNREADABLE : kind, uri, done, fault);
    }
    String user = "this user";
    boolean hasTicket = false;
    try {
      UserGroupInformation login = UserGroupInformation.getCurrentUser();
      user = Printable.of(login.getUserName());
      hasTicket = login.hasKerberosCredentials();
    } catch (IOException e) {
      fault.addSuppressed(e);
    }
    return StorageException.of(
        kind,
        uri,
        fault,
        "%s cannot be %s: the store asks for Kerberos, and %s. Log in with kinit, or name a keytab"
            + " with security.kerberos.login.keytab and security.kerberos.login.principal in"
            + " Flink's configuration, in the folder that FLINK_CONF_DIR names.",
        Printable.of(uri),
        done,
        hasTicket ? "does not accept the ticket of " + user : user + " has no ticket");
  }

  /** Tells whether a server did not accept who this process is, or this process cannot tell it. */
  private static boolean isUnauthenticated(IOException fault) {
    return says(fault, UNAUTHENTICATED);
  }

  /** Tells whether a fault of a login, or of what follows it, is that no KDC answered. */
  private static boolean isKdcUnanswered(IOException fault) {
    return says(fault, KDC_UNANSWERED);
  }

  private static boolean says(IOException fault, Pattern words) {
    return Causes.of(fault).stream()
        .anyMatch(cause -> words.matcher(String.valueOf(cause.getMessage())).find());
  }

  private static IOException unwrapped(IOException fault) {
    return fault instanceof RemoteException remote ? remote.unwrapRemoteException() : fault;
  }

  private static boolean isDenied(IOException fault) {
    return fault instanceof AccessControlException || fault instanceof AccessDeniedException;
  }

  /** By name and words, because the connectors' own types are not on every class path. */
  private static boolean isChange(IOException fault) {
    return fault.getClass().getSimpleName().equals("RemoteFileChangedException")
        || message(fault).contains("has changed!");
  }

  private static boolean isFull(IOException fault) {
    return message(fault).contains("No space left")
        || message(fault).contains("could only be written to 0 of the");
  }

  /** Tells faults of networks and of servers that start or move from those that will stay. */
  private static boolean isTransient(IOException fault) {
    return Causes.of(fault).stream().anyMatch(cause -> isTransient(cause));
  }

  private static boolean isTransient(Throwable fault) {
    String message = String.valueOf(fault.getMessage());
    return fault instanceof SocketException
        || fault instanceof SocketTimeoutException
        || fault instanceof UnknownHostException
        || fault instanceof InterruptedIOException
        || fault instanceof ClosedChannelException
        || fault instanceof EOFException
        || fault instanceof StandbyException
        || fault instanceof RetriableException
        || PASSING.contains(fault.getClass().getSimpleName())
        || message.startsWith("Could not obtain block")
        || message.startsWith("Filesystem closed")
        || PASSING_WORDS
            .matcher(message.substring(0, Math.min(message.length(), MAX_WORDS)))
            .find();
  }

  private static String reason(IOException fault) {
    if (fault instanceof ConnectException) {
      return "its server refuses connections";
    }
    if (fault instanceof NoRouteToHostException) {
      return "there is no route to its server";
    }
    if (fault instanceof UnknownHostException) {
      return "the name of its server is unknown";
    }
    if (fault instanceof SocketTimeoutException) {
      return "its server does not answer in time";
    }
    String firstLine = message(fault).lines().findFirst().orElse("");
    return firstLine.isBlank() ? fault.getClass().getSimpleName() : Printable.of(firstLine);
  }

  private static String message(IOException fault) {
    return String.valueOf(fault.getMessage());
  }
}
