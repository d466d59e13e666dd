package dev.countersign.storage.hadoop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.storage.StorageException.Kind;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.apache.hadoop.ipc.RemoteException;
import org.apache.hadoop.ipc.StandbyException;
import org.apache.hadoop.security.AccessControlException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which faults of stores are worth another try. */
final class HadoopFaultsTest {

  private static final String URI = "s3a://bucket/model/weights";

  static List<IOException> passing() {
    return List.of(
        new ConnectException("Connection refused"),
        new NoRouteToHostException("No route to host"),
        new SocketTimeoutException("Read timed out"),
        new SocketException("Connection reset"),
        new UnknownHostException("namenode"),
        new EOFException("End of File Exception between local host and remote host"),
        new RemoteException(StandbyException.class.getName(), "state standby"),
        new IOException("Could not obtain block: BP-1 file=/weights"),
        new IOException("Filesystem closed"),
        new IOException("the read failed", new SocketException("Broken pipe")),
        new AWSServiceThrottledException("no word that says so"),
        new NoHttpResponseException("the target server failed to respond"),
        new SafeModeException("Name node is in safe mode"),
        new IOException(
            "open s3a://bucket/model/weights: SlowDown: Please reduce your request rate"
                + " (Service: S3, Status Code: 503, Request ID: 1)"),
        new IOException("HTTP: (Service: S3, Status Code: 500, Request ID: 1)"),
        new IOException("Operation failed: \"Server is busy\", 503, GET, https://account/x"),
        new IOException("Operation failed: \"Odd\", 429, GET, https://account/x"),
        new IOException("503 Service Unavailable\nGET https://storage/b/o"),
        new IOException("429 Too Many Requests"),
        new IOException("Premature end of Content-Length delimited message body"));
  }

  static Stream<IOException> lasting() {
    return Stream.of(
        new FileNotFoundException("File does not exist: /weights"),
        new AccessControlException("Permission denied: user=nobody"),
        new AccessDeniedException("s3a://bucket: 403 Forbidden"),
        new UnsupportedFileSystemException("No FileSystem for scheme \"foo\""),
        new RemoteFileChangedException("Status Code: 412"),
        new IOException("Blocklist for /weights has changed!"),
        new IOException("Operation failed: \"Bad Request\", 400, PUT, https://account/x"),
        new IOException("(Service: S3, Status Code: 404, Request ID: 1)"),
        new IOException("404 Not Found\nGET https://storage/b/o/503"),
        new IOException("File too short: model-503.bin has 500 bytes"));
  }

  @ParameterizedTest
  @MethodSource("passing")
  void reading_afterAFaultThatMayPass_saysSo(IOException fault) {
    assertThat(HadoopFaults.reading(URI, fault))
        .satisfies(refused -> assertThat(refused.kind()).isEqualTo(Kind.UNREADABLE))
        .satisfies(refused -> assertThat(refused.transientFault()).isTrue());
    assertThat(HadoopFaults.readingPlanned(URI, fault).transientFault()).isTrue();
    assertThat(HadoopFaults.writing(URI, fault).transientFault()).isTrue();
  }

  @ParameterizedTest
  @MethodSource("lasting")
  void reading_afterAFaultThatStays_saysSo(IOException fault) {
    assertThat(HadoopFaults.reading(URI, fault).transientFault()).isFalse();
    assertThat(HadoopFaults.readingPlanned(URI, fault).transientFault()).isFalse();
  }

  @Test
  void writing_toAFullStore_isNotTriedAgain() {
    IOException full =
        new IOException("File /m.sig could only be written to 0 of the 1 minReplication nodes.");

    assertThat(HadoopFaults.writing(URI, full).kind()).isEqualTo(Kind.NO_SPACE);
    assertThat(HadoopFaults.writing(URI, full).transientFault()).isFalse();
  }

  static Stream<IOException> ofKdc() {
    return Stream.of(
        new IOException(
            "Couldn't setup connection for me@REALM to nn:8020",
            new IOException(
                "GSS initiate failed [Caused by GSSException: No valid credentials provided"
                    + " (Mechanism level: Receive timed out)]")),
        new IOException(
            "GSS initiate failed",
            new IOException(
                "No valid credentials provided", new SocketTimeoutException("Receive timed out"))),
        new IOException(
            "GSS initiate failed [Caused by GSSException: No valid credentials provided"
                + " (Mechanism level: ICMP Port Unreachable)]"));
  }

  @ParameterizedTest
  @MethodSource("ofKdc")
  void reading_whileNoKdcAnswers_isTransient(IOException fault) {
    assertThat(HadoopFaults.reading(URI, fault))
        .hasMessageContaining("no Kerberos server (KDC) answers")
        .satisfies(refused -> assertThat(refused.kind()).isEqualTo(Kind.UNREADABLE))
        .satisfies(refused -> assertThat(refused.transientFault()).isTrue());
    assertThat(HadoopFaults.writing(URI, fault))
        .satisfies(refused -> assertThat(refused.kind()).isEqualTo(Kind.NOT_WRITABLE))
        .satisfies(refused -> assertThat(refused.transientFault()).isTrue());
    assertThat(HadoopFaults.loginFailed(URI, fault).transientFault()).isTrue();
  }

  @Test
  void reading_withoutATicket_isLasting() {
    IOException fault =
        new IOException(
            "GSS initiate failed [Caused by GSSException: No valid credentials provided"
                + " (Mechanism level: Failed to find any Kerberos tgt)]");

    assertThat(HadoopFaults.reading(URI, fault).transientFault()).isFalse();
    assertThat(HadoopFaults.loginFailed(URI, fault).transientFault()).isFalse();
  }

  /** As S3A's, which is not on this class path. */
  private static final class AWSServiceThrottledException extends IOException {
    private static final long serialVersionUID = 1L;

    AWSServiceThrottledException(String message) {
      super(message);
    }
  }

  /** As the HTTP client's. */
  private static final class NoHttpResponseException extends IOException {
    private static final long serialVersionUID = 1L;

    NoHttpResponseException(String message) {
      super(message);
    }
  }

  /** As HDFS's. */
  private static final class SafeModeException extends IOException {
    private static final long serialVersionUID = 1L;

    SafeModeException(String message) {
      super(message);
    }
  }

  /** As S3A's. */
  private static final class RemoteFileChangedException extends IOException {
    private static final long serialVersionUID = 1L;

    RemoteFileChangedException(String message) {
      super(message);
    }
  }
}
