package dev.countersign.options.declarations;

import static org.apache.flink.configuration.ConfigOptions.key;

import dev.countersign.keys.EcCurve;
import dev.countersign.options.Command;
import dev.countersign.options.CommandSets;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.DeclaredOption.Identity;
import dev.countersign.options.OptionGroup;
import dev.countersign.options.OptionSection;
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

  private static final Set<Command> WITH_TOKEN =
      EnumSet.of(
          Command.SIGN_PKCS11_KEY,
          Command.SIGN_PKCS11_CERTIFICATE,
          Command.RESIGN_PKCS11_KEY,
          Command.RESIGN_PKCS11_CERTIFICATE);

  private static final OptionSection KEYS =
      new OptionSection(OptionGroup.KEYS, WITH_PRIVATE_KEY)
          .commonIn(CommandSets.EACH)
          .identifiedBy(Identity.CONTENT);
  private static final OptionSection NEW_PAIR =
      KEYS.acceptedBy(GENERATE).identifiedBy(Identity.VALUE);

  public static final DeclaredOption<String> PRIVATE_KEY =
      KEYS.acceptedBy(
              EnumSet.of(
                  Command.SIGN_KEY,
                  Command.SIGN_CERTIFICATE,
                  Command.RESIGN_KEY,
                  Command.RESIGN_CERTIFICATE))
          .option(
              key("private-key").stringType().noDefaultValue(),
              ValueType.text("FILE"),
              "Private key, as a PEM file or PKCS#12 key store. EC on P-256, P-384 or P-521, RSA of"
                  + " 2048 to 4096 bits, or Ed25519; in PEM as PKCS#8, SEC1 or PKCS#1. The key is"
                  + " read on the machine that signs and never leaves it.");

  public static final DeclaredOption<List<String>> PUBLIC_KEY =
      KEYS.acceptedBy(
              EnumSet.of(
                  Command.VERIFY_KEY,
                  Command.SIGN_KEY,
                  Command.SIGN_PKCS11_KEY,
                  Command.RESIGN_KEY,
                  Command.RESIGN_PKCS11_KEY))
          .commonIn(CommandSets.VERIFY)
          .list(
              key("public-key").stringType().asList().defaultValues(),
              ValueType.text("FILE"),
              "Public key to verify with, as a PEM file or its URI. EC on P-256, P-384 or P-521,"
                  + " RSA of 2048 to 4096 bits, or Ed25519. Repeat the option to accept several"
                  + " signers, for example during a key rotation. When signing: the signer's own"
                  + " public key, for --skip-signed and for resign, if this machine cannot read the"
                  + " private key.");

  public static final DeclaredOption<String> PKCS11_URI =
      KEYS.acceptedBy(WITH_TOKEN)
          .option(
              key("pkcs11-uri").stringType().noDefaultValue(),
              ValueType.text("URI"),
              "Private key in a PKCS#11 token, as a URI. By RFC 7512, for example"
                  + " 'pkcs11:token=LABEL;object=LABEL?module-path=FILE&pin-source=file:FILE'. EC"
                  + " on P-256, P-384 or P-521, or RSA of 2048 to 4096 bits. Module, token and PIN"
                  + " are looked up on the machine that signs. A pin-value is refused.");

  public static final DeclaredOption<String> PIN_ENV =
      KEYS.acceptedBy(WITH_TOKEN)
          .option(
              key("pin-env").stringType().noDefaultValue(),
              ValueType.text("NAME"),
              "Environment variable with the token's PIN. Not accepted with a pin-source in the"
                  + " URI.");

  public static final DeclaredOption<List<String>> MODULE_PATHS =
      KEYS.acceptedBy(WITH_TOKEN)
          .commonIn(Set.of())
          .list(
              key("module-paths").stringType().asList().defaultValues(),
              ValueType.text("FOLDER"),
              "Folder to search for a PKCS#11 module that the URI names with module-name. Without"
                  + " the option, the folders where systems install modules are searched.");

  public static final DeclaredOption<String> OUTPUT_KEY_PREFIX =
      NEW_PAIR.option(
          key("output-key-prefix").stringType().noDefaultValue(),
          ValueType.text("PATH"),
          "Path of the key pair, without extension. PATH.key is the private key, readable only by"
              + " you, and PATH.pub the public key.");

  public static final DeclaredOption<EcCurve> CURVE =
      NEW_PAIR.option(
          key("curve").enumType(EcCurve.class).defaultValue(EcCurve.P256),
          ValueType.choice(EcCurve.class, EcCurve::nistName),
          "Elliptic curve of the key pair.");

  public static final DeclaredOption<String> PASSWORD_FILE =
      KEYS.option(
          key("password-file").stringType().noDefaultValue(),
          ValueType.text("FILE"),
          "File with the passphrase of the private key. It must contain nothing else; one line"
              + " break at the end is ignored.");

  public static final DeclaredOption<String> PASSWORD_ENV =
      KEYS.commonIn(Set.of())
          .option(
              key("password-env").stringType().noDefaultValue(),
              ValueType.text("NAME"),
              "Environment variable with the passphrase of the private key.");

  public static final DeclaredOption<Boolean> FORCE =
      NEW_PAIR.toggle(
          "force", "Replace PATH.key and PATH.pub if they exist. A replaced private key is lost.");

  static final List<DeclaredOption<?>> ALL = KEYS.declared();

  private KeyOptions() {}
}
