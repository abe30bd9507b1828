package dev.rowmill.testing;

/** Whole numbers that the server makes by itself, to fill tables fast. */
public final class Sequence {

  private Sequence() {}

  /** A query for the whole numbers {@code i} from one up to another, which is not among them. */
  public static String sql(int from, int to) {
    String digit =
        "(SELECT 0 d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4"
            + " UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8"
            + " UNION ALL SELECT 9) ";
    int digits = Math.max(1, Integer.toString(to - from - 1).length());
    StringBuilder sum = new StringBuilder(Integer.toString(from));
    StringBuilder tables = new StringBuilder();
    for (int place = 0, weight = 1; place < digits; place++, weight *= 10) {
      sum.append(" + ").append(weight).append(" * t").append(place).append(".d");
      tables.append(place == 0 ? "" : ", ").append(digit).append("t").append(place);
    }
    return "SELECT %1$s AS i FROM %2$s WHERE %1$s < %3$d".formatted(sum, tables, to);
  }
}
