package dev.rowmill.testing;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the metrics page says, taken apart. */
public final class Metrics {

  private static final Pattern LINE =
      Pattern.compile("([a-zA-Z_:][\\w:]*)(?:\\{(.*)})? ([-+.\\w]+)");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

  /** The value of each series, by its name and labels as they stand there. */
  private final Map<String, Double> series = new TreeMap<>();

  private final Set<String> names = new TreeSet<>();
  private final Map<String, Set<String>> labels = new TreeMap<>();

  /**
   * @param page as Prometheus gets it
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

  /** The names of all series, {@code _bucket} and {@code _total} with them. */
  public Set<String> names() {
    return names;
  }

  /** The values of each label. */
  public Map<String, Set<String>> labels() {
    return labels;
  }

  /** The series, by name and labels. */
  public Set<String> series() {
    return series.keySet();
  }

  /**
   * The value of a series.
   *
   * @param name such as {@code rowmill_batches{status="running"}}
   */
  public double value(String name) {
    Double value = series.get(name);
    if (value == null) {
      throw new IllegalArgumentException("no " + name + " among " + names);
    }
    return value;
  }
}
