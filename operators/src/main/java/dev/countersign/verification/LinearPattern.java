package dev.countersign.verification;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.countersign.text.Message;

/**
 * A regular expression in RE2's syntax that must match the whole of a text. Matching takes time in
 * proportion to the text, whatever the expression; {@code .} stands for every character, the line
 * feed too, since names may hold one and must not slip through by it. Immutable and thread safe.
 */
public final class LinearPattern {

  /** The longest pattern, in characters. */
  public static final int MAX_LENGTH = 1_000;

  /**
   * The most that repetitions may make of a pattern, in steps, before it is compiled: each counts
   * as if it stood within all others.
   */
  private static final long MAX_EXPANDED = 200_000;

  /** The most steps of a compiled pattern: several thousand pieces of text. */
  private static final int MAX_STEPS = 10_000;

  private static final String TOO_LARGE =
      "its repetitions make it too large. Use smaller counts, or * and +";

  private final Pattern pattern;

  private LinearPattern(Pattern pattern) {
    this.pattern = pattern;
  }

  /**
   * Compiles a pattern.
   *
   * @throws IllegalArgumentException if it is none, or too large; the message is a clause that says
   *     why and what to do, and quotes nothing that is not printable
   */
  public static LinearPattern compile(String regex) {
    if (regex.isEmpty()) {
      throw new IllegalArgumentException("it is empty, and would match nothing. Write one");
    }
    if (regex.length() > MAX_LENGTH) {
      throw new IllegalArgumentException(
          Message.of("it is longer than %,d characters. Cut it into several patterns", MAX_LENGTH));
    }
    if (expanded(regex) > MAX_EXPANDED) {
      throw new IllegalArgumentException(TOO_LARGE);
    }
    Pattern pattern;
    try {
      pattern = Pattern.compile(regex, Pattern.DOTALL);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          Message.of(
              "%s. Write it in the syntax of RE2, which has no back-references and no"
                  + " lookaround",
              e.getDescription()),
          e);
    } catch (RuntimeException | StackOverflowError e) {
      throw new IllegalArgumentException("it cannot be read. Write it in the syntax of RE2", e);
    }
    if (pattern.programSize() > MAX_STEPS) {
      throw new IllegalArgumentException(TOO_LARGE);
    }
    return new LinearPattern(pattern);
  }

  /** Returns whether the whole of {@code text} matches. */
  public boolean matches(String text) {
    return pattern.matches(text);
  }

  /** Returns no less than the steps that a pattern may be compiled to. */
  private static long expanded(String regex) {
    long steps = regex.length();
    int at = regex.indexOf('{');
    while (at >= 0 && steps <= MAX_EXPANDED) {
      int end = at + 1;
      while (end < regex.length() && isOfCount(regex.charAt(end))) {
        end++;
      }
      long greatest = greatest(regex.substring(at + 1, end));
      if (greatest > 1) {
        steps *= greatest;
      }
      at = regex.indexOf('{', end);
    }
    return steps;
  }

  private static boolean isOfCount(char character) {
    return (character >= '0' && character <= '9') || character == ',';
  }

  /** Returns the greater of the counts in {@code n}, {@code n,} or {@code n,m}. */
  private static long greatest(String counts) {
    long greatest = 0;
    for (String count : counts.split(",", -1)) {
      // RE2 takes 1000 at most.
      boolean counted = !count.isEmpty() && count.length() <= 4;
      greatest = Math.max(greatest, counted ? Long.parseLong(count) : 0);
    }
    return greatest;
  }
}
