package dev.countersign.signing.sigstore;

import dev.countersign.oms.Envelope;
import dev.countersign.oms.LogEntry;
import dev.countersign.remedy.Remedy;
import java.io.Serial;
import java.security.cert.X509Certificate;
import org.jspecify.annotations.Nullable;

/** Version of a log's API: what a signature is proposed as, and what an answer looks like. */
interface RekorEntries {

  /** The largest answer, in bytes. Proofs and certificates have some 10 KiB. */
  int MAX_ANSWER_BYTES = 256 << 10;

  /** Returns the path of the API, below the log's address. */
  String path();

  /** Returns the body of a request that adds a signature. */
  byte[] proposal(Envelope envelope, X509Certificate certificate);

  /** Returns what to do if the log refuses a proposal. */
  Remedy remedyOfRefusal();

  /**
   * Returns the entry that an answer contains.
   *
   * @throws MalformedAnswerException if it contains none
   */
  LogEntry read(byte[] answer) throws MalformedAnswerException;

  /** An answer is not what the API says. */
  final class MalformedAnswerException extends Exception {

    @Serial private static final long serialVersionUID = 1L;

    MalformedAnswerException(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }
}
