package dev.countersign.jobs.report;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Texts that many models of a page share, kept once and referred to by number. When there are too
 * many different ones, the rest are not shared.
 */
final class SharedTexts {

  private static final int MAX_TEXTS = 50_000;
  private static final long MAX_CHARACTERS = 16L << 20;

  private final Map<String, Integer> numbers = new HashMap<>();
  private final List<String> texts = new ArrayList<>();
  private long characters;

  /** The empty text has number 0. */
  SharedTexts() {
    var unused = number("");
  }

  /** Returns the number of a text; -1 if it is not shared. */
  int number(String text) {
    Integer known = numbers.get(text);
    if (known != null) {
      return known;
    }
    if (texts.size() >= MAX_TEXTS || characters + text.length() > MAX_CHARACTERS) {
      return -1;
    }
    characters += text.length();
    numbers.put(text, texts.size());
    texts.add(text);
    return texts.size() - 1;
  }

  /** Returns the texts by number. */
  List<String> texts() {
    return List.copyOf(texts);
  }
}
