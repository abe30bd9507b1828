package dev.rowmill.testing;

/** Generates integers on the server, to fill tables quickly. */
public final class Sequence {

  private Sequence() {}

  /**
   * Returns a query for the integers {@code i} from {@code from}, inclusive, to {@code to},
   * exclusive.
   */
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
