package dev.countersign.options.declarations;

import static org.apache.flink.configuration.ConfigOptions.key;

import dev.countersign.options.CommandSets;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.DeclaredOption.Identity;
import dev.countersign.options.OptionGroup;
import dev.countersign.options.OptionSection;
import dev.countersign.options.ValueType;
import java.util.List;

/** Options that name a trust policy, and those for signing again under one. */
public final class PolicyOptions {

  private static final OptionSection RESIGN =
      new OptionSection(OptionGroup.SIGNATURES, CommandSets.RESIGN);

  public static final DeclaredOption<String> POLICY =
      RESIGN
          .under(OptionGroup.POLICY)
          .acceptedBy(CommandSets.POLICY)
          .commonIn(CommandSets.EACH)
          .identifiedBy(Identity.CONTENT)
          .option(
              key("policy").stringType().noDefaultValue(),
              ValueType.text("FILE"),
              "Trust policy, as a YAML file or URI. Its rules state who is trusted for which model."
                  + " File names in it are relative to its folder. A model that no rule matches is"
                  + " denied.");

  public static final DeclaredOption<String> KEEP_PREVIOUS =
      RESIGN
          .commonIn(CommandSets.EACH)
          .option(
              key("keep-previous").stringType().noDefaultValue(),
              ValueType.text("DIR"),
              "Folder to keep replaced bundles in. Each is stored as DIR/SHA256.sig before the new"
                  + " bundle takes its place. Existing files are never overwritten. A path or URI"
                  + " outside the models.");

  public static final DeclaredOption<Boolean> TRUST_PREVIOUS_DIGESTS =
      RESIGN.toggle(
          "trust-previous-digests",
          "Sign the digests in the existing bundles without reading the content. The policy's rule"
              + " must allow this, too. Signature, policy, names and the sizes of shards are"
              + " checked. Recorded in the result.");

  public static final DeclaredOption<Boolean> SIGN_UNSIGNED =
      RESIGN.toggle(
          "sign-unsigned",
          "Sign models that have no bundle. The policy's rule must contain 'unsigned: allow' and"
              + " 'sign-unsigned: allow'. The content of these models is not verified. Recorded in"
              + " the result.");

  static final List<DeclaredOption<?>> ALL = RESIGN.declared();

  private PolicyOptions() {}
}
