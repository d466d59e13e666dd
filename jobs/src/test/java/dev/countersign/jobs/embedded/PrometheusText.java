package dev.countersign.jobs.embedded;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A strict reader of Prometheus's text format, version 0.0.4, for tests: it throws an {@link
 * AssertionError} for what a scraper may refuse or what breaks the conventions for names. It reads
 * what a page may have that has one label at most.
 */
public final class PrometheusText {

  private static final Pattern COMMENT =
      Pattern.compile("# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)");

  private static final Pattern SAMPLE =
      Pattern.compile(
          "([a-zA-Z_:][a-zA-Z0-9_:]*)"
              + "(\\{([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\\\\\"\\n]|\\\\[\\\\\"n])*)\"\\})?"
              + " (NaN|[+-]?Inf|[+-]?[0-9]+(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)");

  private final Map<String, String> types = new LinkedHashMap<>();
  private final Map<String, Double> samples = new LinkedHashMap<>();
  private final Map<String, TreeMap<Double, Double>> buckets = new HashMap<>();
  private final List<String> closed = new ArrayList<>();
  private String family = "";
  private boolean hasHelp;

  /** Reads a page. */
  public static PrometheusText parse(String page) {
    PrometheusText text = new PrometheusText();
    if (!page.endsWith("\n")) {
      throw new AssertionError("the last line does not end");
    }
    for (String line : page.substring(0, page.length() - 1).split("\n", -1)) {
      if (line.startsWith("#")) {
        text.comment(line);
      } else {
        text.sample(line);
      }
    }
    text.checkHistograms();
    return text;
  }

  /** Returns the type of each metric, by name. */
  public Map<String, String> types() {
    return types;
  }

  /** Returns each value, by the name with its label as it stands on the page. */
  public Map<String, Double> samples() {
    return samples;
  }

  /** Returns one value. */
  public double value(String sample) {
    Double value = samples.get(sample);
    if (value == null) {
      throw new AssertionError("no " + sample + " in " + samples.keySet());
    }
    return value;
  }

  private void comment(String line) {
    Matcher comment = COMMENT.matcher(line);
    if (!comment.matches()) {
      throw new AssertionError("neither HELP nor TYPE: " + line);
    }
    String name = comment.group(2);
    if (comment.group(1).equals("HELP")) {
      if (types.containsKey(name) || closed.contains(name)) {
        throw new AssertionError("a metric in two places: " + line);
      }
      closed.add(family);
      family = name;
      hasHelp = true;
      if (Pattern.compile("\\\\(?![\\\\n])").matcher(comment.group(3)).find()) {
        throw new AssertionError("a backslash that is not escaped: " + line);
      }
      return;
    }
    if (!name.equals(family) || !hasHelp || types.containsKey(name)) {
      throw new AssertionError("TYPE does not follow HELP: " + line);
    }
    if (!List.of("counter", "gauge", "histogram").contains(comment.group(3))) {
      throw new AssertionError("no type: " + line);
    }
    if (comment.group(3).equals("counter") != name.endsWith("_total")) {
      throw new AssertionError("counters, and they alone, end with _total: " + line);
    }
    types.put(name, comment.group(3));
  }

  private void sample(String line) {
    Matcher sample = SAMPLE.matcher(line);
    if (!sample.matches()) {
      throw new AssertionError("no sample: " + line);
    }
    String name = sample.group(1);
    String type = types.get(family);
    if (type == null) {
      throw new AssertionError("a sample before its TYPE: " + line);
    }
    double value = number(sample.group(5));
    boolean isBucket = false;
    if (type.equals("histogram")) {
      isBucket = name.equals(family + "_bucket");
      if (!isBucket && !name.equals(family + "_sum") && !name.equals(family + "_count")) {
        throw new AssertionError("not of the histogram " + family + ": " + line);
      }
    } else if (!name.equals(family)) {
      throw new AssertionError("not of " + family + ": " + line);
    }
    if (isBucket != "le".equals(sample.group(3))) {
      throw new AssertionError("le is the label of buckets, and of them alone: " + line);
    }
    if (isBucket) {
      buckets
          .computeIfAbsent(family, unseen -> new TreeMap<>())
          .put(number(sample.group(4)), value);
    }
    if (!type.equals("gauge") && !(value >= 0)) {
      throw new AssertionError("a count below 0: " + line);
    }
    if (samples.put(name + (sample.group(2) == null ? "" : sample.group(2)), value) != null) {
      throw new AssertionError("a sample twice: " + line);
    }
  }

  private void checkHistograms() {
    types.forEach(
        (name, type) -> {
          if (!type.equals("histogram")) {
            return;
          }
          TreeMap<Double, Double> bounds = buckets.get(name);
          double before = 0;
          for (double count : bounds.values()) {
            if (count < before) {
              throw new AssertionError("buckets of " + name + " are not cumulative: " + bounds);
            }
            before = count;
          }
          if (bounds.lastKey() != Double.POSITIVE_INFINITY
              || bounds.lastEntry().getValue() != value(name + "_count")) {
            throw new AssertionError("the last bucket of " + name + " is not its count");
          }
          value(name + "_sum");
        });
  }

  private static double number(String text) {
    return switch (text) {
      case "+Inf", "Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(text);
    };
  }
}
