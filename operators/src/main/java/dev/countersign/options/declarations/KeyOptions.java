package dev.countersign.options.declarations;

import static org.apache.flink.configuration.ConfigOptions.key;

import dev.countersign.keys.EcCurve;
import dev.countersign.options.Command;
import dev.countersign.options.CommandSets;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.OptionGroup;
import dev.countersign.options.ValueType;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Options that name keys, and places of passphrases; never a secret itself. */
public final class KeyOptions {

  private static final Set<Command> GENERATE = EnumSet.of(Command.GENERATE_KEY_PAIR);
  private static final Set<Command> WITH_PRIVATE_KEY =
      EnumSet.of(
          Command.SIGN_KEY,
          Command.SIGN_CERTIFICATE,
          Command.GENERATE_KEY_PAIR,
          Command.RESIGN_KEY,
          Command.RESIGN_CERTIFICATE);

  /** The key to sign with. */
  public static final DeclaredOption<String> PRIVATE_KEY =
      DeclaredOption.of(
          key("private-key").stringType().noDefaultValue(),
          ValueType.text("FILE"),
          OptionGroup.KEYS,
          CommandSets.SIGN,
          "PEM file or PKCS#12 key store with the private key to sign with: EC on P-256, P-384 or"
              + " P-521, RSA of 2048 to 4096 bits, or Ed25519; in PEM as PKCS#8, SEC1 or PKCS#1. It"
              + " is read on the machine that signs and never leaves it.");

  /** The keys to verify with. */
  public static final DeclaredOption<List<String>> PUBLIC_KEY =
      DeclaredOption.ofList(
          key("public-key").stringType().asList().defaultValues(),
          ValueType.text("FILE"),
          OptionGroup.KEYS,
          EnumSet.of(Command.VERIFY_KEY, Command.SIGN_KEY, Command.RESIGN_KEY),
          "PEM file with a public key to verify with: EC on P-256, P-384 or P-521, RSA of 2048 to"
              + " 4096 bits, or Ed25519. Repeat it to accept several signers, as in the middle of a"
              + " key rotation. When signing: the signer's own, for --skip-signed and for resign"
              + " where this machine cannot read the private key.");

  /** Where the passphrase lies. */
  public static final DeclaredOption<String> PASSWORD_FILE =
      DeclaredOption.of(
          key("password-file").stringType().noDefaultValue(),
          ValueType.text("FILE"),
          OptionGroup.KEYS,
          WITH_PRIVATE_KEY,
          "File that holds the private key's passphrase and nothing else; one line end after it is"
              + " left out.");

  /** Which variable holds the passphrase. */
  public static final DeclaredOption<String> PASSWORD_ENV =
      DeclaredOption.of(
          key("password-env").stringType().noDefaultValue(),
          ValueType.text("NAME"),
          OptionGroup.KEYS,
          WITH_PRIVATE_KEY,
          "Environment variable that holds the private key's passphrase.");

  /** Where a new key pair goes. */
  public static final DeclaredOption<String> OUTPUT_KEY_PREFIX =
      DeclaredOption.of(
          key("output-key-prefix").stringType().noDefaultValue(),
          ValueType.text("PATH"),
          OptionGroup.KEYS,
          GENERATE,
          "Where the pair goes: PATH.key is the private key, readable by you alone, and PATH.pub"
              + " the public one.");

  /** The curve of a new key pair. */
  public static final DeclaredOption<EcCurve> CURVE =
      DeclaredOption.of(
          key("curve").enumType(EcCurve.class).defaultValue(EcCurve.P256),
          ValueType.choice(EcCurve.class, EcCurve::nistName),
          OptionGroup.KEYS,
          GENERATE,
          "Elliptic curve of the pair.");

  /** Whether a new key pair may replace files. */
  public static final DeclaredOption<Boolean> FORCE =
      DeclaredOption.of(
          key("force").booleanType().defaultValue(false),
          ValueType.SWITCH,
          OptionGroup.KEYS,
          GENERATE,
          "Replace PATH.key and PATH.pub if they are there. A private key that is replaced is"
              + " lost.");

  static final List<DeclaredOption<?>> ALL =
      List.of(
          PRIVATE_KEY, PUBLIC_KEY, PASSWORD_FILE, PASSWORD_ENV, OUTPUT_KEY_PREFIX, CURVE, FORCE);

  private KeyOptions() {}
}
