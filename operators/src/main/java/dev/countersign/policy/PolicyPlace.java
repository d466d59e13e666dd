package dev.countersign.policy;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import org.jspecify.annotations.Nullable;

/**
 * A place in a policy, for messages.
 *
 * @param file the policy's file as the user named it
 * @param rule the rule's name; empty outside of rules, or before its name is known
 */
record PolicyPlace(String file, String rule) {

  /** Returns the place of a rule of the same policy. */
  PolicyPlace inRule(String name) {
    return new PolicyPlace(file, name);
  }

  /**
   * Returns the exception for something at this place.
   *
   * @param line the line, from 1; 0 if it is not known
   * @param problem what is wrong and what to do, in sentences
   * @param arguments parts of the problem; escaped
   */
  @FormatMethod
  PolicyException refuse(int line, @FormatString String problem, @Nullable Object... arguments) {
    return new PolicyException(
        Message.of(
            "The policy %s%s%s: %s",
            Printable.of(file),
            line == 0 ? "" : ", line " + line,
            rule.isEmpty() ? "" : ", rule '" + Printable.of(rule) + "'",
            Message.of(problem, arguments)));
  }
}
