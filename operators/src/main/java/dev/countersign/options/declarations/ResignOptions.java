package dev.countersign.options.declarations;

import static org.apache.flink.configuration.ConfigOptions.key;

import dev.countersign.options.CommandSets;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.OptionGroup;
import dev.countersign.options.ValueType;
import java.util.List;

/** Options of signing again. */
public final class ResignOptions {

  /** Where bundles go that are replaced. */
  public static final DeclaredOption<String> KEEP_PREVIOUS =
      DeclaredOption.of(
          key("keep-previous").stringType().noDefaultValue(),
          ValueType.text("DIR"),
          OptionGroup.SIGNATURES,
          CommandSets.RESIGN,
          "Folder that keeps each bundle that is replaced, as DIR/SHA256.sig, before the new one"
              + " takes its place. Nothing in it is ever overwritten. A path or URI outside the"
              + " models.");

  /** Whether content is read. */
  public static final DeclaredOption<Boolean> TRUST_PREVIOUS_DIGESTS =
      DeclaredOption.of(
          key("trust-previous-digests").booleanType().defaultValue(false),
          ValueType.SWITCH,
          OptionGroup.SIGNATURES,
          CommandSets.RESIGN,
          "Sign models again for the digests that their bundles state, without reading the content,"
              + " where the policy's rule allows that too. Signature, policy, names and the sizes"
              + " of shards are checked. The result says so.");

  /** Whether models without a bundle are signed. */
  public static final DeclaredOption<Boolean> SIGN_UNSIGNED =
      DeclaredOption.of(
          key("sign-unsigned").booleanType().defaultValue(false),
          ValueType.SWITCH,
          OptionGroup.SIGNATURES,
          CommandSets.RESIGN,
          "Sign models that have no bundle, where the policy's rule says 'unsigned: allow' and"
              + " 'sign-unsigned: allow'. Nothing vouches for their content. The result says so.");

  static final List<DeclaredOption<?>> ALL =
      List.of(KEEP_PREVIOUS, TRUST_PREVIOUS_DIGESTS, SIGN_UNSIGNED);

  private ResignOptions() {}
}
