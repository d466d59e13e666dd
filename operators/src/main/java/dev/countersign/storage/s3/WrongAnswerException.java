package dev.countersign.storage.s3;

import java.io.IOException;
import java.io.Serial;

/** An answer that is none of S3's, as a proxy's. */
final class WrongAnswerException extends IOException {

  @Serial private static final long serialVersionUID = 1L;

  /** Takes what the answer has. */
  WrongAnswerException(String what) {
    super(what);
  }
}
