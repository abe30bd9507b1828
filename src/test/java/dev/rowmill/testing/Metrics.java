package dev.rowmill.testing;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Parses the metrics page. */
public final class Metrics {

  private static final Pattern LINE =
      Pattern.compile("([a-zA-Z_:][\\w:]*)(?:\\{(.*)})? ([-+.\\w]+)");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

  /** Maps each series, as name and labels, to its value. */
  private final Map<String, Double> series = new TreeMap<>();

  private final Set<String> names = new TreeSet<>();
  private final Map<String, Set<String>> labels = new TreeMap<>();

  /**
   * Parses a page.
   *
   * @param page text in the Prometheus format
   */
  public Metrics(String page) {
    page.lines()
        .filter(line -> !line.startsWith("#"))
        .forEach(
            line -> {
              Matcher matcher = LINE.matcher(line);
              if (!matcher.matches()) {
                throw new IllegalArgumentException(line);
              }
              names.add(matcher.group(1));
              String all = matcher.group(2) == null ? "" : matcher.group(2);
              series.put(
                  matcher.group(1) + (all.isEmpty() ? "" : "{" + all + "}"),
                  matcher.group(3).equals("+Inf")
                      ? Double.POSITIVE_INFINITY
                      : Double.parseDouble(matcher.group(3)));
              Matcher label = LABEL.matcher(all);
              while (label.find()) {
                labels.computeIfAbsent(label.group(1), name -> new TreeSet<>()).add(label.group(2));
              }
            });
  }

  /** Returns the names of all series, with suffixes such as {@code _bucket} and {@code _total}. */
  public Set<String> names() {
    return names;
  }

  /** Returns the values of each label. */
  public Map<String, Set<String>> labels() {
    return labels;
  }

  /** Returns all series, as names and labels. */
  public Set<String> series() {
    return series.keySet();
  }

  /**
   * Returns the value of a series.
   *
   * @param name name with labels, such as {@code rowmill_batches{status="running"}}
   */
  public double value(String name) {
    Double value = series.get(name);
    if (value == null) {
      throw new IllegalArgumentException("no " + name + " among " + names);
    }
    return value;
  }
}
