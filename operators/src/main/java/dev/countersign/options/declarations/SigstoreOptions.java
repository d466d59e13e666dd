package dev.countersign.options.declarations;

import static org.apache.flink.configuration.ConfigOptions.key;

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

/** Options that say which instance of Sigstore is used, and who is trusted under it. */
public final class SigstoreOptions {

  private static final Set<Command> VERIFY = EnumSet.of(Command.VERIFY_SIGSTORE);

  private static final Set<Command> WITH_IDENTITY =
      EnumSet.of(Command.VERIFY_SIGSTORE, Command.SIGN_SIGSTORE, Command.RESIGN_SIGSTORE);

  private static final OptionSection IDENTITIES =
      new OptionSection(OptionGroup.SIGSTORE, VERIFY).commonIn(CommandSets.EACH);
  private static final OptionSection INSTANCE =
      IDENTITIES
          .acceptedBy(CommandSets.SIGSTORE_INSTANCE)
          .commonIn(EnumSet.of(Command.VERIFY_SIGSTORE, Command.SIGN_SIGSTORE))
          .identifiedBy(Identity.CONTENT);

  public static final DeclaredOption<List<String>> IDENTITY =
      IDENTITIES
          .acceptedBy(WITH_IDENTITY)
          .commonIn(VERIFY)
          .list(
              key("identity").stringType().asList().defaultValues(),
              ValueType.text("TEXT"),
              "Identity that is trusted to sign. Exactly as it is in the certificate: a mail"
                  + " address, or a URI such as that of a workflow. Repeat the option to accept"
                  + " several, each with its own --identity-provider. When signing: the identity"
                  + " that the signer must have; needed for --skip-signed and for resign.");

  public static final DeclaredOption<List<String>> IDENTITY_REGEXP =
      IDENTITIES.list(
          key("identity-regexp").stringType().asList().defaultValues(),
          ValueType.text("REGEXP"),
          "RE2 expression for the whole identity. In place of --identity. Unlike with cosign, a"
              + " match of a part is not enough.");

  public static final DeclaredOption<List<String>> IDENTITY_PROVIDER =
      IDENTITIES
          .acceptedBy(WITH_IDENTITY)
          .commonIn(VERIFY)
          .list(
              key("identity-provider").stringType().asList().defaultValues(),
              ValueType.text("URL"),
              "Provider that must vouch for the identity. The URL of an identity provider, exactly"
                  + " as it is in the certificate. One for each --identity or --identity-regexp, in"
                  + " the same order.");

  public static final DeclaredOption<String> TRUST_CONFIG =
      INSTANCE.option(
          key("trust-config").stringType().noDefaultValue(),
          ValueType.text("FILE"),
          "Client trust config (default: public Sigstore). A file in JSON or its URI. It contains"
              + " the instance's trusted root and signing config. If no instance is named, the"
              + " public one is used; its trusted root comes from its TUF repository.");

  public static final DeclaredOption<String> TRUSTED_ROOT =
      INSTANCE.option(
          key("trusted-root").stringType().noDefaultValue(),
          ValueType.text("FILE"),
          "Sigstore instance, as a trusted root. A file in JSON or its URI, with the instance's"
              + " keys and certificates. In place of --trust-config.");

  public static final DeclaredOption<Boolean> USE_STAGING =
      INSTANCE
          .commonIn(Set.of())
          .identifiedBy(Identity.VALUE)
          .toggle(
              "use-staging",
              "Use the staging instance of the public one. For tests only: its signatures prove"
                  + " nothing.");

  public static final DeclaredOption<Boolean> OFFLINE =
      INSTANCE
          .commonIn(Set.of())
          .identifiedBy(Identity.NONE)
          .toggle(
              "offline",
              "Send no request for the trusted root of the public instance. The copy that an"
                  + " earlier run left in the user's cache is used, however old it is.");

  static final List<DeclaredOption<?>> ALL = IDENTITIES.declared();

  private SigstoreOptions() {}
}
