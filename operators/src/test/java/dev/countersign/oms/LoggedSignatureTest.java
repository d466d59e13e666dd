package dev.countersign.oms;

import static dev.countersign.oms.OmsAssertions.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LoggedSignatureTest {

  private static final String DSSE =
      "{\"apiVersion\":\"0.0.1\",\"kind\":\"dsse\",\"spec\":{"
          + "\"payloadHash\":{\"algorithm\":\"sha256\",\"value\":\"0a\"},"
          + "\"signatures\":[{\"signature\":\"AQ==\",\"verifier\":\"Ag==\"}]}}";

  private static final String HASHEDREKORD_1 =
      "{\"apiVersion\":\"0.0.1\",\"kind\":\"hashedrekord\",\"spec\":{"
          + "\"data\":{\"hash\":{\"algorithm\":\"sha384\",\"value\":\"0a\"}},"
          + "\"signature\":{\"content\":\"AQ==\",\"publicKey\":{\"content\":\"Ag==\"}}}}";

  private static final String HASHEDREKORD_2 =
      "{\"apiVersion\":\"0.0.2\",\"kind\":\"hashedrekord\",\"spec\":{\"hashedRekordV002\":{"
          + "\"data\":{\"algorithm\":\"SHA2_512\",\"digest\":\"Cg==\"},"
          + "\"signature\":{\"content\":\"AQ==\",\"verifier\":{\"keyDetails\":\"x\","
          + "\"x509Certificate\":{\"rawBytes\":\"Ag==\"}}}}}}";

  @Test
  void read_ofEachKind_givesItsParts() throws OmsException {
    assertParts(read("dsse", "0.0.1", DSSE), LoggedSignature.Type.DSSE_1, "SHA-256");
    assertParts(
        read("hashedrekord", "0.0.1", HASHEDREKORD_1),
        LoggedSignature.Type.HASHEDREKORD_1,
        "SHA-384");
    assertParts(
        read("hashedrekord", "0.0.2", HASHEDREKORD_2),
        LoggedSignature.Type.HASHEDREKORD_2,
        "SHA-512");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"kind\" | \"k\" | field /kind is missing",
        "\"spec\" | \"s\" | spec (hash algorithm) is missing",
        "\"payloadHash\" | \"p\" | spec (hash algorithm) is missing",
        "\"value\" | \"v\" | spec (digest) is missing",
        "\"signatures\" | \"s\" | spec (signature) is missing",
        "\"verifier\" | \"v\" | spec (certificate) is missing",
        "sha256 | sha1 | payloadHash/algorithm is \"sha1\", which is not supported",
        "\"0a\" | \"0\" | is not a digest in hexadecimal digits",
        "\"kind\" | \"kind\":\"dsse\",\"kind\" | Duplicate field 'kind'",
        "}]}} | }]}}x | body of the log entry"
      })
  void read_ofAPartThatIsMissingOrMalformed_namesIt(String from, String to, String message) {
    assertRefused(
        () -> read("dsse", "0.0.1", DSSE.replace(from, to)), OmsException.Kind.MALFORMED, message);
  }

  @Test
  void read_ofSeveralSignatures_isRefused() {
    String two = DSSE.replace("[{", "[{\"signature\":\"AQ==\",\"verifier\":\"Ag==\"},{");

    assertRefused(
        () -> read("dsse", "0.0.1", two), OmsException.Kind.TOO_LARGE, "more than 1 elements");
  }

  /** What belongs to another kind does not fill in what is missing. */
  @Test
  void read_ofAnotherKind_isRefused() {
    assertRefused(
        () -> read("hashedrekord", "0.0.1", DSSE),
        OmsException.Kind.MALFORMED,
        "says that its body is of kind hashedrekord, version 0.0.1, and the body is of kind");
    assertRefused(
        () -> read("hashedrekord", "0.0.2", HASHEDREKORD_1.replace("0.0.1", "0.0.2")),
        OmsException.Kind.MALFORMED,
        "is missing");
    assertRefused(
        () -> read("intoto", "0.0.2", DSSE),
        OmsException.Kind.UNSUPPORTED_ALGORITHM,
        "The log entry is of kind 'intoto', version '0.0.2'");
  }

  private static void assertParts(LoggedSignature read, LoggedSignature.Type type, String hash) {
    assertThat(read.type()).isEqualTo(type);
    assertThat(read.hash()).isEqualTo(hash);
    assertThat(read.digest()).containsExactly(10);
    assertThat(read.signature()).containsExactly(1);
    assertThat(read.certificate()).containsExactly(2);
  }

  private static LoggedSignature read(String kind, String version, String body)
      throws OmsException {
    return LoggedSignature.read(
        new LogEntry(
            0,
            new byte[0],
            kind,
            version,
            0,
            new byte[0],
            Optional.empty(),
            body.getBytes(StandardCharsets.UTF_8)));
  }
}
