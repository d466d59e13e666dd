package dev.countersign.options.declarations;

import static org.apache.flink.configuration.ConfigOptions.key;

import dev.countersign.keys.EcCurve;
import dev.countersign.options.Command;
import dev.countersign.options.CommandSets;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.DeclaredOption.Identity;
import dev.countersign.options.OptionGroup;
import dev.countersign.options.ValueType;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Options that name keys and the location of passphrases, never a secret itself. */
public final class KeyOptions {

  private static final Set<Command> GENERATE = EnumSet.of(Command.GENERATE_KEY_PAIR);
  private static final Set<Command> WITH_PRIVATE_KEY =
      EnumSet.of(
          Command.SIGN_KEY,
          Command.SIGN_CERTIFICATE,
          Command.GENERATE_KEY_PAIR,
          Command.RESIGN_KEY,
          Command.RESIGN_CERTIFICATE);

  /** Key to sign with. */
  public static final DeclaredOption<String> PRIVATE_KEY =
      DeclaredOption.of(
              key("private-key").stringType().noDefaultValue(),
              ValueType.text("FILE"),
              OptionGroup.KEYS,
              CommandSets.SIGN,
              "Private key, as a PEM file or PKCS#12 key store. EC on P-256, P-384 or P-521, RSA of"
                  + " 2048 to 4096 bits, or Ed25519; in PEM as PKCS#8, SEC1 or PKCS#1. The key is"
                  + " read on the machine that signs and never leaves it.")
          .commonIn(CommandSets.SIGN)
          .identifiedBy(Identity.CONTENT);

  /** Keys to verify with. */
  public static final DeclaredOption<List<String>> PUBLIC_KEY =
      DeclaredOption.ofList(
              key("public-key").stringType().asList().defaultValues(),
              ValueType.text("FILE"),
              OptionGroup.KEYS,
              EnumSet.of(Command.VERIFY_KEY, Command.SIGN_KEY, Command.RESIGN_KEY),
              "Public key to verify with, as a PEM file. EC on P-256, P-384 or P-521, RSA of 2048"
                  + " to 4096 bits, or Ed25519. Repeat the option to accept several signers, for"
                  + " example during a key rotation. When signing: the signer's own public key, for"
                  + " --skip-signed and for resign, if this machine cannot read the private key.")
          .commonIn(CommandSets.VERIFY)
          .identifiedBy(Identity.CONTENT);

  /** File that contains the passphrase. */
  public static final DeclaredOption<String> PASSWORD_FILE =
      DeclaredOption.of(
              key("password-file").stringType().noDefaultValue(),
              ValueType.text("FILE"),
              OptionGroup.KEYS,
              WITH_PRIVATE_KEY,
              "File with the passphrase of the private key. It must contain nothing else; one line"
                  + " break at the end is ignored.")
          .commonIn(WITH_PRIVATE_KEY)
          .identifiedBy(Identity.CONTENT);

  /** Environment variable that contains the passphrase. */
  public static final DeclaredOption<String> PASSWORD_ENV =
      DeclaredOption.of(
              key("password-env").stringType().noDefaultValue(),
              ValueType.text("NAME"),
              OptionGroup.KEYS,
              WITH_PRIVATE_KEY,
              "Environment variable with the passphrase of the private key.")
          .identifiedBy(Identity.CONTENT);

  /** Path of a new key pair. */
  public static final DeclaredOption<String> OUTPUT_KEY_PREFIX =
      DeclaredOption.of(
              key("output-key-prefix").stringType().noDefaultValue(),
              ValueType.text("PATH"),
              OptionGroup.KEYS,
              GENERATE,
              "Path of the key pair, without extension. PATH.key is the private key, readable only"
                  + " by you, and PATH.pub the public key.")
          .commonIn(GENERATE);

  /** Curve of a new key pair. */
  public static final DeclaredOption<EcCurve> CURVE =
      DeclaredOption.of(
              key("curve").enumType(EcCurve.class).defaultValue(EcCurve.P256),
              ValueType.choice(EcCurve.class, EcCurve::nistName),
              OptionGroup.KEYS,
              GENERATE,
              "Elliptic curve of the key pair.")
          .commonIn(GENERATE);

  /** Whether a new key pair may replace files. */
  public static final DeclaredOption<Boolean> FORCE =
      DeclaredOption.of(
              key("force").booleanType().defaultValue(false),
              ValueType.SWITCH,
              OptionGroup.KEYS,
              GENERATE,
              "Replace PATH.key and PATH.pub if they exist. A replaced private key is lost.")
          .commonIn(GENERATE);

  static final List<DeclaredOption<?>> ALL =
      List.of(
          PRIVATE_KEY, PUBLIC_KEY, OUTPUT_KEY_PREFIX, CURVE, PASSWORD_FILE, PASSWORD_ENV, FORCE);

  private KeyOptions() {}
}
