package dev.countersign.storage;

import java.io.EOFException;
import java.io.InterruptedIOException;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLKeyException;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * Distinguishes faults of TLS that stay from those of the connection below it. The JDK reports a
 * connection that is reset or closed within a handshake or a record as an {@link SSLException} too.
 */
public final class TlsFaults {

  /** Causes that refuse what a server showed. */
  private static final List<Class<? extends Throwable>> CERTIFICATES =
      List.of(
          CertificateException.class,
          CertPathValidatorException.class,
          CertPathBuilderException.class,
          SSLPeerUnverifiedException.class);

  /** Causes of a connection that broke. */
  private static final List<Class<? extends Throwable>> CONNECTIONS =
      List.of(
          EOFException.class,
          SocketException.class,
          InterruptedIOException.class,
          ClosedChannelException.class);

  /** Causes of a handshake in which the two sides share no protocol, cipher or key. */
  private static final List<Class<? extends Throwable>> HANDSHAKES =
      List.of(SSLHandshakeException.class, SSLKeyException.class);

  /**
   * What the JDK says, with no type of its own, of a server that does not speak TLS: "Unsupported
   * or unrecognized" from a socket, "Unrecognized" from an engine.
   */
  private static final String NO_TLS = "nrecognized SSL message";

  /** What the JDK says, as of a failed handshake, of a connection that was closed within it. */
  private static final String CLOSED = "Remote host terminated the handshake";

  private TlsFaults() {}

  /**
   * Tells whether a fault is one of TLS that the next attempt meets too: a certificate that is not
   * trusted or is of another host, no common protocol, or a server without TLS.
   */
  public static boolean isLasting(Throwable fault) {
    if (has(fault, CERTIFICATES)) {
      return true;
    }
    return !has(fault, CONNECTIONS)
        && !says(fault, CLOSED)
        && (has(fault, HANDSHAKES) || says(fault, NO_TLS));
  }

  private static boolean has(Throwable fault, List<Class<? extends Throwable>> types) {
    return Causes.of(fault).stream()
        .anyMatch(cause -> types.stream().anyMatch(type -> type.isInstance(cause)));
  }

  private static boolean says(Throwable fault, String words) {
    return Causes.of(fault).stream()
        .anyMatch(
            cause ->
                cause instanceof SSLException
                    && String.valueOf(cause.getMessage()).contains(words));
  }
}
