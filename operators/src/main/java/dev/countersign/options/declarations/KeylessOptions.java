package dev.countersign.options.declarations;

import static org.apache.flink.configuration.ConfigOptions.key;

import dev.countersign.options.Command;
import dev.countersign.options.CommandSets;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.DeclaredOption.Identity;
import dev.countersign.options.OptionGroup;
import dev.countersign.options.OptionSection;
import dev.countersign.options.ValueType;
import dev.countersign.signing.SigningLimits;
import dev.countersign.signing.SigstoreLog;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Options for signing with a Sigstore instance. They name the places of tokens, never a token. */
public final class KeylessOptions {

  private static final Set<Command> SIGN =
      EnumSet.of(Command.SIGN_SIGSTORE, Command.RESIGN_SIGSTORE);

  private static final OptionSection TOKENS =
      new OptionSection(OptionGroup.SIGSTORE, SIGN)
          .commonIn(CommandSets.EACH)
          .identifiedBy(Identity.CONTENT);
  private static final OptionSection SERVICES = TOKENS.identifiedBy(Identity.NONE);

  public static final DeclaredOption<String> IDENTITY_TOKEN_FILE =
      TOKENS.option(
          key("identity-token-file").stringType().noDefaultValue(),
          ValueType.text("FILE"),
          "File with the signer's identity token. A token of OpenID Connect. The file is read again"
              + " for each certificate, every few minutes, so that it may be renewed while the run"
              + " goes on."
              + " Without this option and --identity-token-env, the token comes from GitHub"
              + " Actions, from a token that Kubernetes projects into"
              + " /var/run/sigstore/cosign/oidc-token, or from Google Cloud.");

  public static final DeclaredOption<String> IDENTITY_TOKEN_ENV =
      TOKENS.option(
          key("identity-token-env").stringType().noDefaultValue(),
          ValueType.text("NAME"),
          "Environment variable with the identity token. For runs that are shorter than the token"
              + " is valid.");

  public static final DeclaredOption<String> SIGNING_CONFIG =
      TOKENS.option(
          key("signing-config").stringType().noDefaultValue(),
          ValueType.text("FILE"),
          "Services of a Sigstore instance, in JSON. A signing config, together with"
              + " --trusted-root, in place of --trust-config.");

  public static final DeclaredOption<SigstoreLog> LOG =
      SERVICES
          .commonIn(Set.of())
          .option(
              key("log").enumType(SigstoreLog.class).defaultValue(SigstoreLog.NEWEST),
              ValueType.choice(SigstoreLog.class, SigstoreLog::text),
              "Transparency log that records signatures, where the instance has several. Version 1"
                  + " is sent the whole statement, version 2 a digest.");

  public static final DeclaredOption<Integer> SIGNING_CONCURRENCY =
      SERVICES
          .commonIn(Set.of())
          .option(
              key("signing-concurrency")
                  .intType()
                  .defaultValue(SigningLimits.DEFAULT.concurrency()),
              ValueType.number(1, 10_000),
              "Maximum number of signatures in progress at a time in the whole run. Each subtask"
                  + " has an equal share; those in one process use theirs together.");

  public static final DeclaredOption<Integer> SIGNING_RATE =
      SERVICES
          .commonIn(Set.of())
          .option(
              key("signing-rate").intType().noDefaultValue(),
              ValueType.number(1, 100_000),
              "Maximum number of signatures per second in the whole run. Divided like"
                  + " --signing-concurrency. Without the option, there is no such limit.");

  public static final DeclaredOption<String> CA_FILE =
      SERVICES
          .under(OptionGroup.CERTIFICATES)
          .acceptedBy(CommandSets.SERVICES)
          .commonIn(Set.of())
          .option(
              key("ca-file").stringType().noDefaultValue(),
              ValueType.text("FILE"),
              "Certificates of authorities, as a PEM file, whose TLS certificates are accepted from"
                  + " services, in addition to those in the trust store of the JDK.");

  static final List<DeclaredOption<?>> ALL = TOKENS.declared();

  private KeylessOptions() {}
}
