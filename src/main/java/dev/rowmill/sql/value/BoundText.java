package dev.rowmill.sql.value;

import com.mysql.cj.MysqlType;
import dev.rowmill.database.ServerKind;
import dev.rowmill.task.Refusal.Reason;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * SQL text with a question mark for each value.
 *
 * @param values in the order of the question marks
 */
public record BoundText(String sql, List<Value> values) {

  public static final BoundText EMPTY = new BoundText("", List.of());

  /** Returns this text with more text behind it. */
  public BoundText plus(String more) {
    return new BoundText(sql + more, values);
  }

  /** Returns this text with another behind it. */
  public BoundText plus(BoundText more) {
    List<Value> all = new ArrayList<>(values);
    all.addAll(more.values);
    return new BoundText(sql + more.sql, List.copyOf(all));
  }

  /** Returns this text without white space at its end. */
  public BoundText stripped() {
    return new BoundText(sql.stripTrailing(), values);
  }

  /** Binds values to all question marks of a statement. */
  public static void bind(PreparedStatement statement, List<Value> values) throws SQLException {
    List<OffsetMoment> moments = moments(values);
    // Asked for each time: a pooled session's zone is not always the one that it was opened with.
    SessionZone zone =
        moments.isEmpty() ? null : SessionZone.of(statement.getConnection(), moments);
    for (int i = 0; i < values.size(); i++) {
      Value value = values.get(i);
      if (zone != null && value.value() instanceof OffsetMoment moment) {
        statement.setString(i + 1, zone.text(moment));
      } else {
        value.bind(statement, i + 1);
      }
    }
  }

  private static List<OffsetMoment> moments(List<Value> values) {
    return values.stream()
        .map(Value::value)
        .filter(OffsetMoment.class::isInstance)
        .map(OffsetMoment.class::cast)
        .toList();
  }

  /** Whether its values are the same whatever the server and its tables are like. */
  public boolean isSettled() {
    return values.stream().allMatch(Value::isSettled);
  }

  /** Why a server can't be given some of the values as they are; empty where it can. */
  public Set<Reason> problems(Connection connection) throws SQLException {
    List<OffsetMoment> moments = moments(values);
    Set<Reason> problems = new LinkedHashSet<>();
    if (!moments.isEmpty()) {
      problems.addAll(SessionZone.of(connection, moments).problems(moments));
    }
    for (Value value : values) {
      if (value.value() instanceof Json json
          && json.rounded()
          && !ServerKind.isMariaDb(connection)) {
        problems.add(Reason.of("parameter-json-number", "parameter", json.parameter()));
      }
    }
    return problems;
  }

  /**
   * A JSON document.
   *
   * @param parameter its name
   * @param rounded whether MySQL, which reads numbers of JSON as doubles, would round one
   */
  record Json(String parameter, String text, boolean rounded) {}

  /**
   * Bytes.
   *
   * @param base64 the bytes, as the caller gave them
   */
  public record Bytes(String base64) {}

  /**
   * A value to bind; a holder, since lists hold no nulls.
   *
   * @param value a text, a long, a decimal, a moment, a document or bytes
   */
  public record Value(@Nullable Object value) {

    void bind(PreparedStatement statement, int index) throws SQLException {
      Object bound = value;
      if (bound == null) {
        statement.setNull(index, Types.VARCHAR);
      } else if (bound instanceof Long number) {
        statement.setLong(index, number);
      } else if (bound instanceof BigDecimal number) {
        statement.setBigDecimal(index, number);
      } else if (bound instanceof Bytes bytes) {
        // As a BLOB, since the driver sends any other bytes in the connection's character set.
        statement.setObject(index, Base64.getDecoder().decode(bytes.base64()), MysqlType.BLOB);
      } else if (bound instanceof Json json) {
        statement.setString(index, json.text());
      } else if (bound instanceof String text) {
        statement.setString(index, text);
      } else {
        throw new IllegalStateException("a " + bound.getClass() + " is not bound by itself");
      }
    }

    /** What a plan shows of it: a moment as it was given, bytes in Base64. */
    public @Nullable Object shown() {
      if (value instanceof OffsetMoment moment) {
        return moment.given();
      } else if (value instanceof Json json) {
        return json.text();
      }
      return value instanceof Bytes bytes ? bytes.base64() : value;
    }

    private boolean isSettled() {
      if (value instanceof String text) {
        return !OffsetMoment.dependsOnTarget(text);
      }
      return !(value instanceof OffsetMoment) && !(value instanceof Json json && json.rounded());
    }
  }
}
