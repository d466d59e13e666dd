package dev.countersign.options.declarations;

import static org.apache.flink.configuration.ConfigOptions.key;

import dev.countersign.options.Command;
import dev.countersign.options.CommandSets;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.OptionGroup;
import dev.countersign.options.ValueType;
import dev.countersign.verification.CertificateTime;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Options that name certificates, what revokes them, and who tells the time. */
public final class CertificateOptions {

  private static final Set<Command> SIGN =
      EnumSet.of(Command.SIGN_CERTIFICATE, Command.RESIGN_CERTIFICATE);
  private static final Set<Command> VERIFY = EnumSet.of(Command.VERIFY_CERTIFICATE);

  /** The signer's certificate. */
  public static final DeclaredOption<String> SIGNING_CERTIFICATE =
      DeclaredOption.of(
          key("signing-certificate").stringType().noDefaultValue(),
          ValueType.text("FILE"),
          OptionGroup.CERTIFICATES,
          SIGN,
          "PEM file with the certificate of the private key. Not needed if --private-key names a"
              + " PKCS#12 key store, which has it.");

  /** The certificates above the signer's, or those that are trusted. */
  public static final DeclaredOption<List<String>> CERTIFICATE_CHAIN =
      DeclaredOption.ofList(
          key("certificate-chain").stringType().asList().defaultValues(),
          ValueType.text("FILE"),
          OptionGroup.CERTIFICATES,
          EnumSet.of(
              Command.SIGN_CERTIFICATE, Command.VERIFY_CERTIFICATE, Command.RESIGN_CERTIFICATE),
          "PEM file with one or more certificates; repeat it for more. When signing: those above"
              + " the signer's, which go into the bundle. When verifying: those that you trust;"
              + " without it, the trust store of the JDK.");

  /** When certificates must be valid. */
  public static final DeclaredOption<String> CERTIFICATE_TIME =
      DeclaredOption.of(
          key("certificate-time").stringType().defaultValue(CertificateTime.NOW.text()),
          ValueType.CERTIFICATE_TIME,
          OptionGroup.CERTIFICATES,
          VERIFY,
          "When certificates must be valid: now, or when a trusted timestamp says that the"
              + " signature was there. Anything else is weaker, and the result says so: not-before"
              + " takes the begin of the signer's certificate, as other clients do; or give a time,"
              + " such as 2026-03-01T12:00:00Z.");

  /** Which certificates are revoked. */
  public static final DeclaredOption<List<String>> CRL =
      DeclaredOption.ofList(
          key("crl").stringType().asList().defaultValues(),
          ValueType.text("FILE"),
          OptionGroup.CERTIFICATES,
          VERIFY,
          "File with a certificate revocation list, PEM or DER, or its URI in a store. Repeat it"
              + " for more. None that a certificate names is ever fetched.");

  /** Which timestamp authorities are trusted. */
  public static final DeclaredOption<List<String>> TSA_CERTIFICATE_CHAIN =
      DeclaredOption.ofList(
          key("tsa-certificate-chain").stringType().asList().defaultValues(),
          ValueType.text("FILE"),
          OptionGroup.CERTIFICATES,
          VERIFY,
          "PEM file with certificates of timestamp authorities that you trust. With it a"
              + " certificate that has expired since still counts, if a timestamp in the bundle"
              + " says that it was valid when the model was signed. Repeat it for more.");

  /** Whether fingerprints are shown. */
  public static final DeclaredOption<Boolean> LOG_FINGERPRINTS =
      DeclaredOption.of(
          key("log-fingerprints").booleanType().defaultValue(false),
          ValueType.SWITCH,
          OptionGroup.CERTIFICATES,
          EnumSet.of(Command.VERIFY_CERTIFICATE, Command.VERIFY_POLICY),
          "Show the SHA-256 fingerprints of the certificates that you trust and of those that each"
              + " model was verified with, on standard error.");

  /** Who makes timestamps. */
  public static final DeclaredOption<String> TSA_URL =
      DeclaredOption.of(
          key("tsa-url").stringType().noDefaultValue(),
          ValueType.text("URL"),
          OptionGroup.CERTIFICATES,
          CommandSets.SIGN,
          "Timestamp authority (RFC 3161) to ask for a timestamp over each signature, which goes"
              + " into the bundle.");

  /** How long is waited for a timestamp. */
  public static final DeclaredOption<Duration> TSA_TIMEOUT =
      DeclaredOption.of(
          key("tsa-timeout").durationType().defaultValue(Duration.ofMinutes(5)),
          ValueType.TIME,
          OptionGroup.CERTIFICATES,
          CommandSets.SIGN,
          "How long one timestamp may take, with all attempts, before the model fails.");

  static final List<DeclaredOption<?>> ALL =
      List.of(
          SIGNING_CERTIFICATE,
          CERTIFICATE_CHAIN,
          TSA_CERTIFICATE_CHAIN,
          CERTIFICATE_TIME,
          CRL,
          LOG_FINGERPRINTS,
          TSA_URL,
          TSA_TIMEOUT);

  private CertificateOptions() {}
}
