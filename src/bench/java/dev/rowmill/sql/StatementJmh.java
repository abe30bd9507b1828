package dev.rowmill.sql;

import dev.rowmill.sql.parse.ParsedStatement;
import dev.rowmill.sql.parse.StatementParser;
import dev.rowmill.sql.statement.StatementRenderer;
import dev.rowmill.sql.table.ChunkKey;
import dev.rowmill.sql.table.KeyValue;
import dev.rowmill.sql.table.ValueTargets;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Measures parsing a statement at each start, and the cursors of each chunk. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
public class StatementJmh {

  private static final String SQL =
      "UPDATE shop.item SET price = ROUND(price * :factor, 2), changed_at = NOW() WHERE status ="
          + " 'active' AND category IN (:categories) AND price BETWEEN 1.5 AND 99";

  private static final Map<String, Object> PARAMETERS =
      Map.of("factor", 1.05, "categories", List.of(3, 5, 8));

  private final ParsedStatement reading = StatementParser.parse(SQL);
  private final ChunkKey key = new ChunkKey("PRIMARY", List.of());
  private final List<KeyValue> values = List.of(KeyValue.text("123456789"));

  @Benchmark
  public Object read() {
    return StatementParser.parse(SQL);
  }

  @Benchmark
  public Object render() {
    return StatementRenderer.render(reading, PARAMETERS, "p1", ValueTargets.NONE);
  }

  @Benchmark
  public Object cursor() {
    return key.cursor(values);
  }
}
