package dev.countersign.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLProtocolException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which faults of TLS are worth another try. */
final class TlsFaultsTest {

  static Stream<IOException> lasting() {
    return Stream.of(
        caused(
            new SSLHandshakeException("PKIX path building failed"),
            new CertificateException("unable to find valid certification path")),
        caused(
            new SSLHandshakeException("PKIX path validation failed"),
            new CertPathValidatorException("validity check failed")),
        caused(
            new SSLHandshakeException("No name matching store found"),
            new CertificateException("No name matching store found")),
        new SSLPeerUnverifiedException("Certificate for <store> doesn't match any of the names"),
        new SSLHandshakeException("Received fatal alert: protocol_version"),
        new SSLHandshakeException("No appropriate protocol"),
        new IOException("sent", new SSLHandshakeException("Received fatal alert: unknown_ca")),
        new SSLException("Unrecognized SSL message, plaintext connection?"),
        new SSLException("Unsupported or unrecognized SSL message"));
  }

  static Stream<IOException> passing() {
    return Stream.of(
        caused(new SSLException("Connection reset"), new SocketException("Connection reset")),
        caused(
            new SSLHandshakeException("Remote host terminated the handshake"),
            new EOFException("SSL peer shut down incorrectly")),
        new SSLHandshakeException("Remote host terminated the handshake"),
        caused(new SSLHandshakeException("slow"), new SocketTimeoutException("Read timed out")),
        new SSLException("closing inbound before receiving peer's close_notify"),
        new SSLProtocolException("Received close_notify during handshake"),
        new SSLException("Received fatal alert: internal_error"),
        new SSLException("Tag mismatch!"),
        new SocketException("Connection reset"));
  }

  @ParameterizedTest
  @MethodSource("lasting")
  void fault_ofACertificateOrAProtocol_isLasting(IOException fault) {
    assertThat(TlsFaults.isLasting(fault)).isTrue();
  }

  @ParameterizedTest
  @MethodSource("passing")
  void fault_ofTheConnection_isNotLasting(IOException fault) {
    assertThat(TlsFaults.isLasting(fault)).isFalse();
  }

  private static IOException caused(IOException fault, Throwable cause) {
    fault.initCause(cause);
    return fault;
  }
}
