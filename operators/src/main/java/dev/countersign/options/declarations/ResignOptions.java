package dev.countersign.options.declarations;

import static org.apache.flink.configuration.ConfigOptions.key;

import dev.countersign.options.CommandSets;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.OptionGroup;
import dev.countersign.options.ValueType;
import java.util.List;

/** Options for signing again. */
public final class ResignOptions {

  /** Folder for replaced bundles. */
  public static final DeclaredOption<String> KEEP_PREVIOUS =
      DeclaredOption.of(
              key("keep-previous").stringType().noDefaultValue(),
              ValueType.text("DIR"),
              OptionGroup.SIGNATURES,
              CommandSets.RESIGN,
              "Folder to keep replaced bundles in. Each is stored as DIR/SHA256.sig before the new"
                  + " bundle takes its place. Existing files are never overwritten. A path or URI"
                  + " outside the models.")
          .commonIn(CommandSets.RESIGN);

  /** Whether models are signed again without being read. */
  public static final DeclaredOption<Boolean> TRUST_PREVIOUS_DIGESTS =
      DeclaredOption.of(
          key("trust-previous-digests").booleanType().defaultValue(false),
          ValueType.SWITCH,
          OptionGroup.SIGNATURES,
          CommandSets.RESIGN,
          "Sign the digests in the existing bundles without reading the content. The policy's rule"
              + " must allow this, too. Signature, policy, names and the sizes of shards are"
              + " checked. Recorded in the result.");

  /** Whether models without a bundle are signed. */
  public static final DeclaredOption<Boolean> SIGN_UNSIGNED =
      DeclaredOption.of(
          key("sign-unsigned").booleanType().defaultValue(false),
          ValueType.SWITCH,
          OptionGroup.SIGNATURES,
          CommandSets.RESIGN,
          "Sign models that have no bundle. The policy's rule must contain 'unsigned: allow' and"
              + " 'sign-unsigned: allow'. The content of these models is not verified. Recorded in"
              + " the result.");

  static final List<DeclaredOption<?>> ALL =
      List.of(KEEP_PREVIOUS, TRUST_PREVIOUS_DIGESTS, SIGN_UNSIGNED);

  private ResignOptions() {}
}
