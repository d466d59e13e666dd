package dev.countersign.storage.s3;

import dev.countersign.storage.Causes;
import dev.countersign.storage.RequestCounts;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.StorageException.Kind;
import dev.countersign.storage.TlsFaults;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.s3a.CredentialInitializationException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;

/**
 * Says in our words what S3 refused. Statuses and error codes decide, before S3A translates them:
 * its exceptions do not distinguish denied access, wrong keys and archived objects.
 *
 * <p>Of a store's own words, only names of principals, actions and resources are repeated, since a
 * server may put anything into its message.
 */
final class S3Faults {

  private static final int MAX_CAUSES = 10;

  /** Error codes, apart from those of statuses, after which the same request may succeed. */
  private static final Set<String> PASSING =
      Set.of(
          "ConditionalRequestConflict",
          "IDPCommunicationError",
          "InternalError",
          "OperationAborted",
          "PriorRequestNotComplete",
          "RequestTimeout",
          "RequestTimeoutException",
          "ServiceUnavailable");

  private static final Set<Integer> PASSING_STATUSES = Set.of(408, 500, 502, 504);

  private static final Set<String> THROTTLING =
      Set.of(
          "BandwidthLimitExceeded",
          "RequestLimitExceeded",
          "RequestThrottled",
          "RequestThrottledException",
          "SlowDown",
          "Throttling",
          "ThrottlingException",
          "TooManyRequestsException");

  private static final Set<Integer> THROTTLING_STATUSES = Set.of(429, 503);

  private static final Set<String> OF_OTHER_REGIONS =
      Set.of(
          "AuthorizationHeaderMalformed",
          "IllegalLocationConstraintException",
          "PermanentRedirect",
          "Redirect",
          "TemporaryRedirect");

  private static final Pattern CODE = Pattern.compile("[A-Za-z][A-Za-z0-9.]{0,63}");

  private static final Pattern REGION = Pattern.compile("[a-z0-9-]{1,40}");

  /** How AWS says who may not do what to what. */
  private static final Pattern DENIED =
      Pattern.compile(
          "User: (arn:\\S+) is not authorized to perform: ([\\w-]+:[\\w*]+)"
              + "(?: on resource: \"?(arn:[^\\s\"]+))?");

  /** What went wrong, and what to do about it. */
  private record Finding(Kind kind, String problem, String remedy, boolean isTransient) {
    static Finding lasting(Kind kind, String problem, String remedy) {
      return new Finding(kind, problem, remedy, false);
    }

    static Finding passing(Kind kind, String problem) {
      return new Finding(kind, problem, "Check that the store runs and can be reached.", true);
    }
  }

  private S3Faults() {}

  /** Returns what to throw when a request failed. */
  static StorageException of(RequestCounts.Kind request, String uri, Throwable fault) {
    AwsServiceException answer = cause(fault, AwsServiceException.class);
    Finding finding = answer == null ? unanswered(fault) : answered(request, answer);
    boolean isWrite = request == RequestCounts.Kind.PUT || request == RequestCounts.Kind.DELETE;
    if (finding.kind() == Kind.CHANGED) {
      return StorageException.changed(uri, fault, finding.problem());
    }
    return new StorageException(
        isWrite ? Kind.NOT_WRITABLE : finding.kind(),
        uri,
        Message.of(
            "%s cannot be %s: %s. %s",
            shown(uri), isWrite ? "written" : "read", finding.problem(), finding.remedy()),
        finding.isTransient(),
        fault);
  }

  /** Returns a URI for display. */
  static String shown(String uri) {
    return Printable.of(uri);
  }

  /** Tells whether a server answered, whatever it said. */
  static boolean isAnswer(Throwable fault) {
    return cause(fault, AwsServiceException.class) != null;
  }

  /** Tells whether a server refused a request without saying why, as it does after HEAD. */
  static boolean isUnexplained(StorageException fault) {
    AwsServiceException answer = cause(fault, AwsServiceException.class);
    return answer != null && !fault.transientFault() && code(answer).isEmpty();
  }

  /** Tells whether a server said that a bucket does not exist. */
  static boolean isMissingBucket(StorageException fault) {
    AwsServiceException answer = cause(fault, AwsServiceException.class);
    return answer != null && code(answer).equals("NoSuchBucket");
  }

  /** Tells whether a server said that access is denied. */
  static boolean isDenied(StorageException fault) {
    AwsServiceException answer = cause(fault, AwsServiceException.class);
    return answer != null && code(answer).equals("AccessDenied");
  }

  private static String busy(int status, String code) {
    return "its store failed or is busy (" + told(status, code) + ")";
  }

  private static Finding answered(RequestCounts.Kind request, AwsServiceException answer) {
    String code = code(answer);
    int status = answer.statusCode();
    if (THROTTLING.contains(code) || THROTTLING_STATUSES.contains(status)) {
      return Finding.passing(Kind.THROTTLED, busy(status, code));
    }
    if (PASSING.contains(code) || PASSING_STATUSES.contains(status)) {
      return Finding.passing(Kind.UNREADABLE, busy(status, code));
    }
    if (OF_OTHER_REGIONS.contains(code) || status == 301 || status == 307) {
      return otherRegion(answer);
    }
    return switch (code) {
      case "NoSuchBucket" ->
          Finding.lasting(
              Kind.NOT_FOUND, "there is no such bucket", "Check its name, and fs.s3a.endpoint.");
      case "InvalidObjectState" ->
          Finding.lasting(
              Kind.UNREADABLE,
              "it is archived",
              "Restore it in its store, for as long as the run takes.");
      case "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "RequestExpired" ->
          refused("the credentials have expired", code, "Renew them.");
      case "InvalidToken", "UnrecognizedClientException" ->
          refused("the session token is not valid", code, "Renew the credentials.");
      case "InvalidAccessKeyId" ->
          refused(
              "its store does not know the access key",
              code,
              "Check the credentials, and that fs.s3a.endpoint is theirs.");
      case "SignatureDoesNotMatch" ->
          refused("the secret key is not that of the access key", code, "Check the credentials.");
      case "RequestTimeTooSkewed", "RequestInTheFuture" ->
          refused("this host's clock differs from the store's", code, "Set the clock.");
      default -> byStatus(request, answer, code);
    };
  }

  private static Finding byStatus(
      RequestCounts.Kind request, AwsServiceException answer, String code) {
    return switch (answer.statusCode()) {
      case 401, 403 -> denied(request, answer, code);
      case 404 ->
          request == RequestCounts.Kind.PUT
              ? changed("was deleted before it was replaced")
              : Finding.lasting(Kind.NOT_FOUND, "it does not exist", "Check the path.");
      case 412 ->
          request == RequestCounts.Kind.PUT
              ? changed("was written by somebody else")
              : changed("was replaced while it was read");
      case 416 -> changed("has fewer bytes than it had before");
      default ->
          Finding.lasting(
              Kind.UNREADABLE,
              "its store refuses the request (" + told(answer.statusCode(), code) + ")",
              "Check the settings of the store.");
    };
  }

  private static Finding changed(String what) {
    return Finding.lasting(Kind.CHANGED, what, "");
  }

  private static Finding refused(String problem, String code, String remedy) {
    return Finding.lasting(Kind.PERMISSION_DENIED, problem + " (" + code + ")", remedy);
  }

  private static Finding denied(
      RequestCounts.Kind request, AwsServiceException answer, String code) {
    AwsErrorDetails details = answer.awsErrorDetails();
    String words = details == null ? null : details.errorMessage();
    Matcher named = DENIED.matcher(words == null ? "" : words);
    boolean isNamed = named.find();
    String who = isNamed ? Printable.of(named.group(1)) : "the user whose credentials are used";
    String what = isNamed ? Printable.of(named.group(2)) : action(request);
    String where = isNamed && named.group(3) != null ? " on " + Printable.of(named.group(3)) : "";
    return Finding.lasting(
        Kind.PERMISSION_DENIED,
        Message.of("%s may not do %s%s (%s)", who, what, where, told(answer.statusCode(), code)),
        "Allow it, or use other credentials.");
  }

  /** Returns the action that a request needs to be allowed. */
  private static String action(RequestCounts.Kind request) {
    return switch (request) {
      case LIST -> "s3:ListBucket";
      case HEAD, METADATA, GET -> "s3:GetObject";
      case PUT -> "s3:PutObject";
      case DELETE -> "s3:DeleteObject";
    };
  }

  private static Finding otherRegion(AwsServiceException answer) {
    AwsErrorDetails details = answer.awsErrorDetails();
    String region =
        details == null || details.sdkHttpResponse() == null
            ? ""
            : details.sdkHttpResponse().firstMatchingHeader("x-amz-bucket-region").orElse("");
    boolean isNamed = REGION.matcher(region).matches();
    return Finding.lasting(
        Kind.UNREADABLE,
        isNamed ? "its bucket is in the region " + region : "its bucket is in another region",
        isNamed
            ? "Set fs.s3a.endpoint.region to " + region + "."
            : "Set fs.s3a.endpoint and fs.s3a.endpoint.region to its own.");
  }

  private static Finding unanswered(Throwable fault) {
    if (has(fault, CredentialInitializationException.class)) {
      return Finding.lasting(
          Kind.PERMISSION_DENIED,
          "there are no credentials",
          "Name them as Hadoop's S3A wants them, in a credential provider, in core-site.xml or in"
              + " the environment.");
    }
    if (has(fault, UnknownHostException.class)) {
      return Finding.passing(Kind.UNREADABLE, "the name of its server is unknown");
    }
    if (has(fault, NoRouteToHostException.class)) {
      return Finding.passing(Kind.UNREADABLE, "there is no route to its server");
    }
    if (has(fault, SocketTimeoutException.class)
        || has(fault, ApiCallTimeoutException.class)
        || has(fault, ApiCallAttemptTimeoutException.class)) {
      return Finding.passing(Kind.UNREADABLE, "its server does not answer in time");
    }
    if (has(fault, ConnectException.class)) {
      return Finding.passing(Kind.UNREADABLE, "its server refuses connections");
    }
    if (TlsFaults.isLasting(fault)) {
      return Finding.lasting(
          Kind.UNREADABLE,
          "no secure connection to its server can be made",
          "Check fs.s3a.endpoint and the server's certificate; for a server without TLS write"
              + " http:// in fs.s3a.endpoint.");
    }
    if (fault instanceof WrongAnswerException wrong) {
      return Finding.passing(Kind.UNREADABLE, "its server sends " + wrong.getMessage());
    }
    if (fault instanceof IllegalArgumentException) {
      return Finding.lasting(
          Kind.UNSUPPORTED,
          "a setting is not valid: " + Printable.of(String.valueOf(fault.getMessage())),
          "Correct it.");
    }
    return Finding.passing(
        Kind.UNREADABLE, "the connection to its server broke (" + type(fault) + ")");
  }

  /** Returns the name of the first cause's type. */
  private static String type(Throwable fault) {
    Throwable at = fault;
    for (int depth = 0; at.getCause() != null && depth < MAX_CAUSES; depth++) {
      at = at.getCause();
    }
    return at.getClass().getSimpleName();
  }

  private static String told(int status, String code) {
    return code.isEmpty() ? String.valueOf(status) : status + " " + code;
  }

  /** Returns a code that looks like one; empty otherwise. */
  private static String code(AwsServiceException answer) {
    AwsErrorDetails details = answer.awsErrorDetails();
    String code = details == null ? null : details.errorCode();
    return code != null && CODE.matcher(code).matches() ? code : "";
  }

  private static boolean has(Throwable fault, Class<? extends Throwable> type) {
    return cause(fault, type) != null;
  }

  private static <T extends Throwable> @Nullable T cause(Throwable fault, Class<T> type) {
    for (Throwable at : Causes.of(fault)) {
      if (type.isInstance(at)) {
        return type.cast(at);
      }
    }
    return null;
  }
}
