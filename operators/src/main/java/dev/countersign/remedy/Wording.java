package dev.countersign.remedy;

/**
 * Name of each setting for those who read a message. The wording of a program is found through
 * {@link java.util.ServiceLoader}; a library that is used without one names settings by their keys.
 */
@FunctionalInterface
public interface Wording {

  /** Returns what a message calls a setting, such as a flag of a command line. */
  String of(Setting setting);
}
