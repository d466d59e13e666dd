package dev.countersign.options.declarations;

import static org.apache.flink.configuration.ConfigOptions.key;

import dev.countersign.options.Command;
import dev.countersign.options.CommandSets;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.DeclaredOption.Identity;
import dev.countersign.options.OptionGroup;
import dev.countersign.options.ValueType;
import java.util.EnumSet;
import java.util.List;

/** Options that name a trust policy. */
public final class PolicyOptions {

  /** Trust policy to verify under. */
  public static final DeclaredOption<String> POLICY =
      DeclaredOption.of(
              key("policy").stringType().noDefaultValue(),
              ValueType.text("FILE"),
              OptionGroup.POLICY,
              EnumSet.of(Command.VERIFY_POLICY, Command.RESIGN_KEY, Command.RESIGN_CERTIFICATE),
              "Trust policy, as a YAML file or URI. Its rules state who is trusted for which model."
                  + " File names in it are relative to its folder. A model that no rule matches is"
                  + " denied.")
          .commonIn(CommandSets.EACH)
          .identifiedBy(Identity.CONTENT);

  static final List<DeclaredOption<?>> ALL = List.of(POLICY);

  private PolicyOptions() {}
}
