package dev.countersign.options;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Predicate;

/** Groups of commands that take the same options. */
public final class CommandSets {

  /** Commands that sign models. */
  public static final Set<Command> SIGN = all(Command::signs);

  /** Commands that sign models with a key that the signer keeps. */
  public static final Set<Command> SIGN_WITH_KEY =
      all(
          command ->
              command.signs()
                  && command != Command.SIGN_SIGSTORE
                  && command != Command.RESIGN_SIGSTORE);

  /** Commands that sign models again. */
  public static final Set<Command> RESIGN = all(Command::resigns);

  /** Commands that sign models whether they were signed before or not. */
  public static final Set<Command> SIGN_FIRST =
      all(command -> command.signs() && !command.resigns());

  /** Commands that work on models and let the caller say what belongs to one. */
  public static final Set<Command> CHOOSE =
      all(command -> command.worksOnModels() && !command.resigns());

  /** Commands that verify models. */
  public static final Set<Command> VERIFY = all(Command::verifies);

  /** Commands that trust the signers whom a policy names. */
  public static final Set<Command> POLICY =
      all(command -> command.resigns() || command == Command.VERIFY_POLICY);

  /** Commands that may need the trusted root of a Sigstore instance. */
  public static final Set<Command> SIGSTORE_INSTANCE =
      all(
          command ->
              POLICY.contains(command)
                  || command == Command.SIGN_SIGSTORE
                  || command == Command.VERIFY_SIGSTORE);

  /** Commands that may call services other than stores. */
  public static final Set<Command> SERVICES =
      all(command -> command.signs() || SIGSTORE_INSTANCE.contains(command));

  /** Commands that decide how models are hashed. */
  public static final Set<Command> HASH =
      all(command -> command.worksOnModels() && !command.verifies());

  /** Commands that work on models. */
  public static final Set<Command> RUNS = all(Command::worksOnModels);

  /** Commands that read bundles. */
  public static final Set<Command> BUNDLES =
      all(command -> command.signs() || command.verifies() || command == Command.INSPECT);

  /** Commands that read what somebody else wrote, models or bundles. */
  public static final Set<Command> READ =
      all(command -> command.worksOnModels() || command == Command.INSPECT);

  /** Commands whose arguments may be read from standard input. */
  public static final Set<Command> NAMES =
      all(
          command ->
              READ.contains(command)
                  || command == Command.CATALOG
                  || command == Command.POLICY_CHECK);

  /** Commands that look into models. */
  public static final Set<Command> FOLDERS =
      all(command -> command.worksOnModels() || command == Command.CATALOG);

  /** Commands that read from stores. */
  public static final Set<Command> STORES =
      all(
          command ->
              READ.contains(command)
                  || command == Command.CATALOG
                  || command == Command.REPORT
                  || command == Command.POLICY_CHECK);

  /** Commands that print results, as text or JSON. */
  public static final Set<Command> PRINT =
      all(command -> READ.contains(command) || command == Command.POLICY_CHECK);

  /** All commands. */
  public static final Set<Command> EACH = all(command -> true);

  private CommandSets() {}

  private static Set<Command> all(Predicate<Command> wanted) {
    Set<Command> commands = EnumSet.noneOf(Command.class);
    Arrays.stream(Command.values()).filter(wanted).forEach(commands::add);
    return Collections.unmodifiableSet(commands);
  }
}
