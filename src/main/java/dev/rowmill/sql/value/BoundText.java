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
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Holds SQL text with a question mark for each value.
 *
 * @param values values in the order of the question marks
 */
public record BoundText(String sql, List<Value> values) {

  public static final BoundText EMPTY = new BoundText("", List.of());

  /** Returns this text followed by more text. */
  public BoundText plus(String more) {
    return new BoundText(sql + more, values);
  }

  /** Returns this text followed by another. */
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
    // Read each time: a pooled session's time zone may have changed since it was opened.
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

  /** Returns whether its values are independent of the server and its tables. */
  public boolean isSettled() {
    return values.stream().allMatch(Value::isSettled);
  }

  /**
   * Returns this text with values that are the same in any session; empty if a moment is among
   * them, which is the local time of a session.
   */
  public Optional<BoundText> ofAnySession() {
    return moments(values).isEmpty()
        ? Optional.of(
            new BoundText(
                sql,
                values.stream()
                    .map(each -> each.value() instanceof Json json ? new Value(json.text()) : each)
                    .toList()))
        : Optional.empty();
  }

  /** Returns the number of characters of the text and its values. */
  public int length() {
    return sql.length()
        + values.stream().mapToInt(each -> String.valueOf(each.shown()).length()).sum();
  }

  /** Returns why the server can't accept some of the values unchanged; empty if it can. */
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
   * Holds a JSON document.
   *
   * @param parameter name of the parameter
   * @param rounded whether MySQL, which reads numbers of JSON as doubles, would round one
   */
  record Json(String parameter, String text, boolean rounded) {}

  /**
   * Holds bytes.
   *
   * @param base64 bytes as the caller encoded them
   */
  public record Bytes(String base64) {

    /** Returns the bytes of hexadecimal digits. */
    public static Bytes ofHex(String digits) {
      return new Bytes(Base64.getEncoder().encodeToString(HexFormat.of().parseHex(digits)));
    }
  }

  /**
   * Holds a value to bind, since lists hold no nulls.
   *
   * @param value a text, a long, a decimal, a moment, a document, bytes, or null for NULL
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
        // As a BLOB, since the driver sends other byte types in the connection's character set.
        statement.setObject(index, Base64.getDecoder().decode(bytes.base64()), MysqlType.BLOB);
      } else if (bound instanceof Json json) {
        statement.setString(index, json.text());
      } else if (bound instanceof String text) {
        statement.setString(index, text);
      } else {
        throw new IllegalStateException("a " + bound.getClass() + " is not bound by itself");
      }
    }

    /** Returns the value as a plan shows it: a moment as the caller wrote it, bytes in Base64. */
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
