package dev.rowmill.upload;

import dev.rowmill.sql.run.FileChange;
import dev.rowmill.sql.run.FileChange.Action;
import dev.rowmill.sql.run.FileRun;
import dev.rowmill.sql.table.Catalog;
import dev.rowmill.sql.table.TableDefinition.Column;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.Definition;
import dev.rowmill.task.Extent;
import dev.rowmill.task.Plan;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Plans what the lines of an upload would change. For one thread. */
final class UploadPlanner {

  /** Limits the lines that are compared with the table; more are estimated from these. */
  private static final int COUNTED_LINES = 100_000;

  private static final int TIMEOUT_SECONDS = 1;
  private static final int SAMPLE = 20;
  private static final int LONGEST_SHOWN = 1000;

  private static final Set<String> NUMBERS =
      Set.of(
          "tinyint",
          "smallint",
          "mediumint",
          "int",
          "bigint",
          "decimal",
          "float",
          "double",
          "year");

  private final Upload upload;
  private final FileChange change;
  private final Connection connection;

  UploadPlanner(Upload upload, FileChange change, Connection connection) {
    this.upload = upload;
    this.change = change;
    this.connection = connection;
  }

  Plan plan(Plan.Sizing sizing, Definition definition) throws SQLException {
    var run = new FileRun(change, upload.lines());
    Optional<Extent> extent = run.extent(connection);
    Plan.Lines lines = Plan.Lines.none();
    List<Plan.Row> sample = List.of();
    long last = 0;
    if (extent.isPresent()) {
      Chunk first = run.next(connection, null, extent.get().end(), COUNTED_LINES);
      last = Long.parseLong(first.upTo());
      lines = lines(first, first.upTo().equals(extent.get().end()));
      sample = sample(last);
    }
    String sizeKey = run.sizeKey().orElseThrow();
    var all = new Plan.Count(upload.lines(), true);
    return new Plan(
        change.statement(),
        List.of(0L, last),
        null,
        null,
        null,
        all,
        new Plan.Count(
            lines.changing(change.action().inserts(), change.action() != Action.INSERT),
            lines.exact()),
        all,
        Math.max(1, -Math.floorDiv(-upload.lines(), sizing.rows(sizeKey, upload.lines()))),
        List.of(),
        List.of(),
        sample,
        new Catalog(connection).averageRowLength(change.target()),
        sizeKey,
        new Plan.Basis(definition, OptionalLong.empty()),
        lines);
  }

  private Plan.Lines lines(Chunk first, boolean exact) throws SQLException {
    try (PreparedStatement query = bound(change.counts(), Long.parseLong(first.upTo()))) {
      try (ResultSet row = query.executeQuery()) {
        row.next();
        double factor = exact ? 1 : (double) upload.lines() / Math.max(1, row.getLong(1));
        long found = scaled(row.getLong(3), factor);
        long noKey = scaled(row.getLong(2), factor);
        return new Plan.Lines(
            upload.lines(),
            found,
            upload.lines() - found - noKey,
            noKey,
            scaled(row.getLong(4), factor),
            scaled(row.getLong(5), factor),
            exact);
      }
    } catch (SQLTimeoutException e) {
      return Plan.Lines.none();
    }
  }

  private static long scaled(long count, double factor) {
    return Math.round(count * factor);
  }

  private PreparedStatement bound(String sql, long upTo) throws SQLException {
    PreparedStatement query = connection.prepareStatement(sql);
    query.setQueryTimeout(TIMEOUT_SECONDS);
    query.setLong(1, 0);
    query.setLong(2, upTo);
    return query;
  }

  private List<Plan.Row> sample(long upTo) throws SQLException {
    List<Column> columns = new Catalog(connection).columns(change.target());
    try (PreparedStatement query = bound(change.sample(columns, SAMPLE), upTo);
        ResultSet row = query.executeQuery()) {
      List<Plan.Row> rows = new ArrayList<>();
      while (row.next()) {
        row(columns, row).ifPresent(rows::add);
      }
      return rows;
    } catch (SQLTimeoutException e) {
      return List.of();
    }
  }

  /** Returns the row of a line, before and after; empty if the line changes nothing. */
  private Optional<Plan.Row> row(List<Column> columns, ResultSet row) throws SQLException {
    boolean exists = row.getBoolean(2);
    Map<String, @Nullable Object> before = new LinkedHashMap<>();
    int at = 4;
    for (Column column : columns) {
      before.put(column.name(), shown(row.getString(at++), column));
    }
    Map<String, @Nullable Object> after = new LinkedHashMap<>(exists ? before : Map.of());
    for (FileChange.Pair pair :
        Stream.concat(change.match().stream(), change.set().stream()).toList()) {
      Object value = shown(row.getString(at++), pair.column());
      if (!exists || change.set().contains(pair)) {
        after.put(pair.column().name(), value);
      }
    }
    if (!exists) {
      return change.action().inserts() ? Optional.of(new Plan.Row(null, after)) : Optional.empty();
    } else if (!row.getBoolean(3) || change.action() == Action.INSERT) {
      return Optional.empty();
    }
    return Optional.of(new Plan.Row(before, change.action() == Action.DELETE ? null : after));
  }

  private static @Nullable Object shown(@Nullable String value, Column column) {
    if (value == null) {
      return null;
    } else if (NUMBERS.contains(column.type())) {
      return new BigDecimal(value);
    }
    return value.length() > LONGEST_SHOWN ? value.substring(0, LONGEST_SHOWN) + "…" : value;
  }
}
