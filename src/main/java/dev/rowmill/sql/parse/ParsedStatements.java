package dev.rowmill.sql.parse;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The statements that were read lately: one that comes again with other values need not be read
 * again, as what it says depends on its text alone. Thread-safe.
 */
public final class ParsedStatements {

  static final int MOST = 200;

  /** Of a statement that is kept, in characters. */
  static final int LONGEST = 4_000;

  private final Map<String, ParsedStatement> readings =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, ParsedStatement> eldest) {
          return size() > MOST;
        }
      };

  /**
   * @throws dev.rowmill.task.Refusal when it isn't a statement that can be chunked; that is found
   *     out anew each time
   */
  public ParsedStatement read(String sql) {
    synchronized (readings) {
      ParsedStatement known = readings.get(sql);
      if (known != null) {
        return known;
      }
    }
    ParsedStatement parsed = StatementParser.parse(sql);
    if (sql.length() <= LONGEST) {
      synchronized (readings) {
        readings.put(sql, parsed);
      }
    }
    return parsed;
  }
}
