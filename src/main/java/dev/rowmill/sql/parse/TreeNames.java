package dev.rowmill.sql.parse;

import dev.rowmill.sql.grammar.SqlParser;
import dev.rowmill.sql.grammar.SqlParser.ExpressionContext;
import dev.rowmill.sql.parse.ParsedStatement.ColumnName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.tree.ParseTree;
import org.antlr.v4.runtime.tree.TerminalNode;
import org.jspecify.annotations.Nullable;

/** Reads names and expressions of a single value from parts of the tree. Stateless. */
final class TreeNames {

  private TreeNames() {}

  static ColumnName column(SqlParser.ColumnNameContext context) {
    List<String> parts = parts(context);
    String name = parts.get(parts.size() - 1);
    return switch (parts.size()) {
      case 1 -> new ColumnName(null, name);
      case 2 -> new ColumnName(new TableName(null, parts.get(0)), name);
      default ->
          new ColumnName(
              new TableName(parts.get(parts.size() - 3), parts.get(parts.size() - 2)), name);
    };
  }

  static TableName table(SqlParser.TableNameContext context) {
    List<String> parts = parts(context);
    return parts.size() == 1
        ? new TableName(null, parts.get(0))
        : new TableName(parts.get(0), parts.get(1));
  }

  /** Returns the names of a qualified name, without quotes and dots. */
  static List<String> parts(ParserRuleContext qualified) {
    List<String> parts = new ArrayList<>();
    for (ParseTree child : qualified.children) {
      if (child instanceof TerminalNode node) {
        if (node.getSymbol().getType() == SqlParser.DOT_NAME) {
          parts.add(node.getText().substring(1));
        }
      } else {
        parts.add(unquoted(child));
      }
    }
    return parts;
  }

  static String unquoted(ParseTree identifier) {
    String text = identifier.getText();
    return text.startsWith("`") ? text.substring(1, text.length() - 1).replace("``", "`") : text;
  }

  /** Returns the primary of an expression that consists only of it; null otherwise. */
  static SqlParser.@Nullable PrimaryContext only(ExpressionContext expression) {
    if (expression.children.size() != 1 || !expression.term(0).prefix().isEmpty()) {
      return null;
    }
    return expression.term(0).primary();
  }

  /** Returns the column of an expression that consists only of it; empty otherwise. */
  static Optional<ColumnName> onlyColumn(ExpressionContext expression) {
    return only(expression) instanceof SqlParser.ColumnValueContext column
        ? Optional.of(column(column.columnName()))
        : Optional.empty();
  }
}
