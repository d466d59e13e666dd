package dev.countersign.options.declarations;

import static org.apache.flink.configuration.ConfigOptions.key;

import dev.countersign.options.Command;
import dev.countersign.options.CommandSets;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.DeclaredOption.Identity;
import dev.countersign.options.OptionGroup;
import dev.countersign.options.OptionSection;
import dev.countersign.options.ValueType;
import dev.countersign.verification.CertificateTime;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Options for certificates, revocation lists and timestamps. */
public final class CertificateOptions {

  private static final Set<Command> SIGN =
      EnumSet.of(
          Command.SIGN_CERTIFICATE,
          Command.SIGN_PKCS11_CERTIFICATE,
          Command.RESIGN_CERTIFICATE,
          Command.RESIGN_PKCS11_CERTIFICATE);
  private static final Set<Command> VERIFY = EnumSet.of(Command.VERIFY_CERTIFICATE);

  private static final OptionSection CERTIFICATES =
      new OptionSection(OptionGroup.CERTIFICATES, VERIFY);
  private static final OptionSection FILES =
      CERTIFICATES.commonIn(CommandSets.EACH).identifiedBy(Identity.CONTENT);

  public static final DeclaredOption<String> SIGNING_CERTIFICATE =
      FILES
          .acceptedBy(SIGN)
          .option(
              key("signing-certificate").stringType().noDefaultValue(),
              ValueType.text("FILE"),
              "Certificate of the private key, as a PEM file. Not needed if --private-key is a"
                  + " PKCS#12 key store, which contains it.");

  public static final DeclaredOption<List<String>> CERTIFICATE_CHAIN =
      FILES
          .acceptedBy(
              EnumSet.of(
                  Command.SIGN_CERTIFICATE,
                  Command.SIGN_PKCS11_CERTIFICATE,
                  Command.VERIFY_CERTIFICATE,
                  Command.RESIGN_CERTIFICATE,
                  Command.RESIGN_PKCS11_CERTIFICATE))
          .list(
              key("certificate-chain").stringType().asList().defaultValues(),
              ValueType.text("FILE"),
              "CA certificates, as a PEM file or its URI. When signing: the certificates above the"
                  + " signer's, which are added to the bundle. When verifying: the certificates"
                  + " that you trust; without the option, those in the trust store of the JDK.");

  public static final DeclaredOption<List<String>> TSA_CERTIFICATE_CHAIN =
      FILES.list(
          key("tsa-certificate-chain").stringType().asList().defaultValues(),
          ValueType.text("FILE"),
          "Certificates of trusted timestamp authorities. FILE is a PEM file or its URI. With it,"
              + " an expired certificate is accepted if a timestamp in the bundle shows that it was"
              + " valid when the model was signed.");

  public static final DeclaredOption<String> CERTIFICATE_TIME =
      CERTIFICATES.option(
          key("certificate-time").stringType().defaultValue(CertificateTime.NOW.text()),
          ValueType.CERTIFICATE_TIME,
          "Time at which certificates must be valid. now: the current time, or the time of a"
              + " trusted timestamp over the signature. Other values are weaker and recorded in the"
              + " result. not-before: the start of the signer's certificate, as other clients use."
              + " Or a time, such as 2026-03-01T12:00:00Z.");

  public static final DeclaredOption<List<String>> CRL =
      FILES.list(
          key("crl").stringType().asList().defaultValues(),
          ValueType.text("FILE"),
          "Certificate revocation list, as a file or URI. PEM or DER. Lists that certificates refer"
              + " to are never downloaded.");

  public static final DeclaredOption<Boolean> LOG_FINGERPRINTS =
      CERTIFICATES
          .acceptedBy(EnumSet.of(Command.VERIFY_CERTIFICATE, Command.VERIFY_POLICY))
          .identifiedBy(Identity.NONE)
          .toggle(
              "log-fingerprints",
              "Print SHA-256 fingerprints of certificates to standard error. These are the"
                  + " certificates that you trust and those that each model was verified with.");

  public static final DeclaredOption<String> TSA_URL =
      CERTIFICATES
          .acceptedBy(CommandSets.SIGN_WITH_KEY)
          .commonIn(SIGN)
          .option(
              key("tsa-url").stringType().noDefaultValue(),
              ValueType.text("URL"),
              "URL of a timestamp authority (RFC 3161). It is asked for a timestamp over each"
                  + " signature, which is added to the bundle.");

  public static final DeclaredOption<Duration> TSA_TIMEOUT =
      CERTIFICATES
          .acceptedBy(CommandSets.SIGN_WITH_KEY)
          .identifiedBy(Identity.NONE)
          .option(
              key("tsa-timeout").durationType().defaultValue(Duration.ofMinutes(5)),
              ValueType.TIME,
              "Maximum time for one timestamp, including all attempts. After that, the model"
                  + " fails.");

  static final List<DeclaredOption<?>> ALL = CERTIFICATES.declared();

  private CertificateOptions() {}
}
