package dev.rowmill.sql.parse;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Caches recently parsed statements. One that is used again with other values need not be parsed
 * again, as the result depends only on its text. Thread-safe.
 */
public final class ParsedStatements {

  static final int MOST = 200;

  /** Limits the text of a cached statement, in characters. */
  static final int LONGEST = 4_000;

  private final Map<String, ParsedStatement> readings =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, ParsedStatement> eldest) {
          return size() > MOST;
        }
      };

  /**
   * Returns the parsed statement.
   *
   * @throws dev.rowmill.task.Refusal if it isn't a statement that can be chunked; the refusal is
   *     not cached
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
