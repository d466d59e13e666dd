package dev.countersign.options.declarations;

import static org.apache.flink.configuration.ConfigOptions.key;

import dev.countersign.options.Command;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.OptionGroup;
import dev.countersign.options.ValueType;
import java.util.EnumSet;
import java.util.List;

/** Options that name a trust policy. */
public final class PolicyOptions {

  /** The policy to verify under. */
  public static final DeclaredOption<String> POLICY =
      DeclaredOption.of(
          key("policy").stringType().noDefaultValue(),
          ValueType.text("FILE"),
          OptionGroup.POLICY,
          EnumSet.of(Command.VERIFY_POLICY, Command.RESIGN_KEY, Command.RESIGN_CERTIFICATE),
          "YAML file with the rules that say whom to trust for which model, or its URI in a store."
              + " The files that it names are relative to its folder. A model that no rule is for"
              + " is denied.");

  static final List<DeclaredOption<?>> ALL = List.of(POLICY);

  private PolicyOptions() {}
}
