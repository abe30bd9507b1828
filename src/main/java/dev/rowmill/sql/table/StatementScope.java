package dev.rowmill.sql.table;

import dev.rowmill.database.OwnTables;
import dev.rowmill.sql.grammar.SqlLexer;
import dev.rowmill.sql.parse.ParsedStatement;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.task.Refusal.Reason;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.antlr.v4.runtime.CharStreams;
import org.antlr.v4.runtime.Token;
import org.jspecify.annotations.Nullable;

/**
 * Defines the schemas, tables and functions that statements may use. Rowmill's own tables and the
 * system schemas are always excluded. Immutable.
 *
 * @param schemas schema names as the server spells them; null for every schema
 * @param functions names in lower case of functions besides the server's own
 */
public record StatementScope(@Nullable Set<String> schemas, Set<String> functions) {

  /** Applies if nothing is configured. */
  public static final StatementScope DEFAULT = new StatementScope(null, Set.of());

  /**
   * Lists the engines that store rows on this server, in no other table, and in no file with a name
   * of its own.
   */
  private static final Set<String> ENGINES =
      Set.of(
          "innodb",
          "myisam",
          "aria",
          "memory",
          "archive",
          "blackhole",
          "columnstore",
          "csv",
          "ndbcluster",
          "rocksdb",
          // MariaDB's sequence tables, such as seq_1_to_100, store no rows.
          "sequence",
          "tokudb");

  /** Lists the words that a table's name may follow in the body of a trigger. */
  private static final Set<String> BEFORE_TABLE =
      Set.of(
          "DELETE",
          "FROM",
          "IGNORE",
          "INTO",
          "JOIN",
          "LOW_PRIORITY",
          "REPLACE",
          "STRAIGHT_JOIN",
          "UPDATE");

  public StatementScope {
    functions = lowerCase(functions);
  }

  public static StatementScope of(StatementScopeConfig config) {
    return new StatementScope(config.schemas().orElse(null), config.functions().orElse(Set.of()));
  }

  private static Set<String> lowerCase(Set<String> names) {
    Set<String> lower = new LinkedHashSet<>();
    names.forEach(name -> lower.add(name.strip().toLowerCase(Locale.ROOT)));
    return Set.copyOf(lower);
  }

  public static boolean isOwn(String name) {
    return OwnTables.contains(name);
  }

  /**
   * Returns whether a table's name may be used.
   *
   * @param table table with its schema
   * @param ownSchema schema of Rowmill's tables
   */
  public boolean allows(TableName table, String ownSchema) {
    String schema = table.schema() == null ? "" : table.schema();
    return !schema.isEmpty()
        && !TableName.isSystemSchema(schema)
        && !(schema.equalsIgnoreCase(ownSchema) && isOwn(table.name()));
  }

  /** Returns whether tables of a schema may be used. */
  boolean allowsSchema(String schema) {
    return !TableName.isSystemSchema(schema) && (schemas == null || schemas.contains(schema));
  }

  /** Returns whether an existing table may be used, by its name on the server. */
  public boolean allows(TableKind kind, String ownSchema) {
    TableName table = kind.name();
    return allows(table, ownSchema) && (schemas == null || schemas.contains(table.schema()));
  }

  /** Returns why a table can't be read although its name may be used: its rows are elsewhere. */
  static Optional<Reason> isElsewhere(TableName written, TableKind kind) {
    String engine = kind.engine() == null ? "?" : kind.engine();
    return kind.type().equals("SEQUENCE") || ENGINES.contains(engine.toLowerCase(Locale.ROOT))
        ? Optional.empty()
        : Optional.of(new Reason("engine", Map.of("table", written.written(), "engine", engine)));
  }

  /** Returns reasons for the functions of a statement that it may not call. */
  public List<Reason> refused(ParsedStatement parsed) {
    List<Reason> refused = new ArrayList<>();
    for (String function : parsed.functions()) {
      if (!functions.contains(function.toLowerCase(Locale.ROOT))) {
        refused.add(Reason.of("foreign-function", "function", function));
      }
    }
    return refused;
  }

  /**
   * Returns whether a trigger names a table that no statement may use. Functions and procedures
   * that the trigger calls are not checked.
   *
   * @param schema schema of the trigger
   */
  public static boolean isNamedBy(String body, String schema, String ownSchema) {
    List<? extends Token> tokens = new SqlLexer(CharStreams.fromString(body)).getAllTokens();
    List<? extends Token> visible =
        tokens.stream().filter(token -> token.getChannel() == Token.DEFAULT_CHANNEL).toList();
    for (int i = 0; i < visible.size(); i++) {
      String before = i == 0 ? "" : visible.get(i - 1).getText();
      String name = unquoted(visible.get(i).getText());
      if (before.equals(".") || name.startsWith(".")) {
        continue;
      }
      Optional<String> behindDot = behindDot(visible, i);
      boolean named =
          behindDot.isPresent()
              ? TableName.isSystemSchema(name)
                  || (name.equalsIgnoreCase(ownSchema) && isOwn(behindDot.get()))
              : schema.equalsIgnoreCase(ownSchema)
                  && isOwn(name)
                  && BEFORE_TABLE.contains(before.toUpperCase(Locale.ROOT));
      if (named) {
        return true;
      }
    }
    return false;
  }

  /** Returns the name after the dot that follows a token. */
  private static Optional<String> behindDot(List<? extends Token> tokens, int i) {
    String next = i + 1 < tokens.size() ? tokens.get(i + 1).getText() : "";
    if (next.equals(".") && i + 2 < tokens.size()) {
      return Optional.of(unquoted(tokens.get(i + 2).getText()));
    }
    return next.length() > 1 && tokens.get(i + 1).getType() == SqlLexer.DOT_NAME
        ? Optional.of(next.substring(1))
        : Optional.empty();
  }

  private static String unquoted(String name) {
    return name.startsWith("`") && name.length() > 1
        ? name.substring(1, name.length() - 1).replace("``", "`")
        : name;
  }
}
