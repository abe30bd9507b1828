package dev.rowmill.sql;

import dev.rowmill.sql.Reading.Kind;
import dev.rowmill.sql.TableDefinition.Column;
import dev.rowmill.task.Plan.Count;
import dev.rowmill.task.Plan.Warning;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds what a caller may not expect of a statement. For one thread. */
final class PlanWarnings {

  /** A chunk that looks at so many times its rows is told of. */
  private static final long MUCH = 2;

  private final PlanSession session;
  private final Reading reading;
  private final TableName target;
  private final Set<Warning> warnings = new LinkedHashSet<>();

  PlanWarnings(PlanSession session, Reading reading, TableName target) {
    this.session = session;
    this.reading = reading;
    this.target = target;
  }

  List<Warning> all() {
    return List.copyOf(warnings);
  }

  void add(List<Warning> more) {
    warnings.addAll(more);
  }

  void add(Warning warning) {
    warnings.add(warning);
  }

  void matches(Count matching, Count rows) {
    if (matching.exact() && matching.rows() == 0) {
      warnings.add(Warning.of("matches-nothing"));
    } else if (reading.where() < 0
        || (matching.exact() && rows.exact() && matching.rows() >= rows.rows())) {
      warnings.add(Warning.of("matches-whole-table"));
    }
  }

  /**
   * @param explain the server's plan for finding all that the condition matches
   */
  void condition(List<Map<String, @Nullable Object>> explain) {
    boolean bare =
        explain.stream()
            .limit(1)
            .anyMatch(row -> row.get("table") != null && row.get("possibleKeys") == null);
    if (reading.where() >= 0 && bare) {
      warnings.add(Warning.of("no-index"));
    }
  }

  /**
   * @param explain the server's plan for one chunk's statement
   * @param chunkRows that it spans
   */
  void chunk(List<Map<String, @Nullable Object>> explain, long chunkRows) {
    for (Map<String, @Nullable Object> row : explain) {
      if (row.get("rows") instanceof Long rows && rows > MUCH * chunkRows) {
        warnings.add(
            new Warning(
                "scans-more",
                Map.of(
                    "table", String.valueOf(row.get("table")),
                    "rows", Long.toString(rows),
                    "chunkRows", Long.toString(chunkRows))));
      }
    }
  }

  void setTouchesWhere() {
    if (reading.kind() != Kind.UPDATE || reading.where() < 0) {
      return;
    }
    Set<String> touched = new TreeSet<>();
    List<Token> tokens = reading.tokens();
    for (int i = reading.where(); i < tokens.size(); i++) {
      String name = tokens.get(i).name();
      if (tokens.get(i).isIdentifier() && !TokenCursor.at(tokens, i + 1).isSymbol("(")) {
        reading.assigned().stream().filter(name::equalsIgnoreCase).forEach(touched::add);
      }
    }
    if (!touched.isEmpty()) {
      warnings.add(Warning.of("set-touches-where", "columns", String.join(", ", touched)));
    }
  }

  /** Generated columns that follow one that is set. */
  void generatedColumns(List<Column> columns) throws SQLException {
    if (reading.kind() != Kind.UPDATE || columns.stream().noneMatch(Column::generated)) {
      return;
    }
    Set<String> follow = new LinkedHashSet<>();
    read(
        "SELECT COLUMN_NAME, GENERATION_EXPRESSION FROM information_schema.COLUMNS WHERE "
            + Catalog.named(target, "TABLE_SCHEMA", "TABLE_NAME"),
        row -> {
          String expression = String.valueOf(row.getString(2));
          for (String column : reading.assigned()) {
            Pattern named =
                Pattern.compile(
                    "(?<![\\w$])" + Pattern.quote(column) + "(?![\\w$])",
                    Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
            if (named.matcher(expression).find()) {
              follow.add(row.getString(1));
            }
          }
        });
    if (!follow.isEmpty()) {
      warnings.add(Warning.of("generated-columns", "columns", String.join(", ", follow)));
    }
  }

  void triggers() throws SQLException {
    List<String> names = new ArrayList<>();
    read(
        "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE "
            + Catalog.named(target, "EVENT_OBJECT_SCHEMA", "EVENT_OBJECT_TABLE")
            + " AND EVENT_MANIPULATION = '"
            + reading.kind()
            + "' ORDER BY TRIGGER_NAME",
        row -> names.add(row.getString(1)));
    if (!names.isEmpty()) {
      warnings.add(Warning.of("triggers", "triggers", String.join(", ", names)));
    }
  }

  /** Foreign keys of other tables by which they change, too. */
  void cascades() throws SQLException {
    if (reading.kind() == Kind.INSERT) {
      return;
    }
    String rule = reading.kind() == Kind.DELETE ? "r.DELETE_RULE" : "r.UPDATE_RULE";
    Set<String> tables = new TreeSet<>();
    // Of its own schema alone, as looking through all takes MariaDB long.
    read(
        "SELECT k.TABLE_SCHEMA, k.TABLE_NAME, k.REFERENCED_COLUMN_NAME"
            + " FROM information_schema.REFERENTIAL_CONSTRAINTS r"
            + " JOIN information_schema.KEY_COLUMN_USAGE k"
            + " ON k.CONSTRAINT_SCHEMA = r.CONSTRAINT_SCHEMA AND k.TABLE_NAME = r.TABLE_NAME"
            + " AND k.CONSTRAINT_NAME = r.CONSTRAINT_NAME WHERE "
            + Catalog.named(target, "r.CONSTRAINT_SCHEMA", "r.REFERENCED_TABLE_NAME")
            + " AND "
            + Catalog.named(target, "k.REFERENCED_TABLE_SCHEMA", "k.REFERENCED_TABLE_NAME")
            + " AND "
            + rule
            + " NOT IN ('RESTRICT', 'NO ACTION')",
        row -> {
          String column = row.getString(3);
          if (reading.kind() == Kind.DELETE
              || reading.assigned().stream().anyMatch(column::equalsIgnoreCase)) {
            tables.add(row.getString(1) + "." + row.getString(2));
          }
        });
    if (!tables.isEmpty()) {
      warnings.add(Warning.of("cascades", "tables", String.join(", ", tables)));
    }
  }

  private void read(String sql, Catalog.RowReader reader) throws SQLException {
    Catalog.read(session.connection(), sql, reader);
  }
}
