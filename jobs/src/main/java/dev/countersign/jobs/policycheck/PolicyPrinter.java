package dev.countersign.jobs.policycheck;

import dev.countersign.policy.PolicyWarnings;
import dev.countersign.verification.PolicyRule;
import dev.countersign.verification.PolicyRules;
import dev.countersign.verification.PolicySettings;
import java.util.List;

/** Prints policies and what they say of models. */
interface PolicyPrinter {

  /** Prints the rules of a policy and what is odd about them. */
  void print(PolicySettings policy, List<PolicyWarnings.Warning> warnings);

  /**
   * Prints which rule decides about a model.
   *
   * @param passedOver the rules before that one
   */
  void print(String model, PolicyRules.Choice choice, List<PolicyRule> passedOver);

  /**
   * Prints that no rule is for a model.
   *
   * @param message why and what to do, escaped
   * @param passedOver all rules
   */
  void deny(String model, String message, List<PolicyRule> passedOver);
}
