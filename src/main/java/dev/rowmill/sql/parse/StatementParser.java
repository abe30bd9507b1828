package dev.rowmill.sql.parse;

import dev.rowmill.sql.grammar.SqlLexer;
import dev.rowmill.sql.grammar.SqlParser;
import dev.rowmill.sql.parse.ParsedStatement.Edit;
import dev.rowmill.sql.parse.ParsedStatement.Kind;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.antlr.v4.runtime.BailErrorStrategy;
import org.antlr.v4.runtime.CharStreams;
import org.antlr.v4.runtime.CommonTokenStream;
import org.antlr.v4.runtime.ListTokenSource;
import org.antlr.v4.runtime.RecognitionException;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.atn.PredictionMode;
import org.antlr.v4.runtime.misc.ParseCancellationException;
import org.jspecify.annotations.Nullable;

/**
 * Parses the text of a statement by the grammar {@code Sql.g4}, and rejects what no statement may
 * contain. Text outside the grammar is rejected, never guessed. Stateless.
 */
public final class StatementParser {

  /** Limits the length of a statement, in characters. */
  static final int MAX_LENGTH = 65_536;

  private static final int MAX_DEPTH = 64;

  /** Lists hints that affect more than the statement's own plan. */
  private static final List<String> FORBIDDEN_HINTS = List.of("SET_VAR", "RESOURCE_GROUP");

  /** Represents what a text has to be. */
  private enum Form {
    CHANGE,
    CHECK,
    ROWS,
    EXCHANGE;

    /** Returns the kind of a query for rows; null for anything else. */
    @Nullable Kind rows() {
      return this == ROWS ? Kind.SELECT : this == EXCHANGE ? Kind.EXCHANGE : null;
    }
  }

  private final String sql;
  private final Findings findings = new Findings();
  private final List<Edit> edits = new ArrayList<>();
  private final SourceText text;

  private StatementParser(String sql) {
    this.sql = sql;
    this.text = new SourceText(sql);
  }

  /**
   * Parses one UPDATE, DELETE, INSERT … SELECT or REPLACE … SELECT.
   *
   * @throws Refusal {@code unsupported-statement} if it is anything else, or contains what no
   *     statement may contain
   */
  public static ParsedStatement parse(String sql) {
    return new StatementParser(sql).run(Form.CHANGE);
  }

  /**
   * Parses a check: one SELECT that changes and locks nothing.
   *
   * @throws Refusal {@code unsupported-statement} if it is anything else
   */
  public static ParsedStatement parseCheck(String sql) {
    return new StatementParser(sql).run(Form.CHECK);
  }

  /**
   * Parses a query for rows that are walked by their key: one SELECT of columns of one table.
   *
   * @throws Refusal {@code unsupported-statement} if it is anything else
   */
  public static ParsedStatement parseRows(String sql) {
    return new StatementParser(sql).run(Form.ROWS);
  }

  /**
   * Parses a query as {@link #parseRows} does, whose rows others then change.
   *
   * @throws Refusal {@code unsupported-statement} if it is anything else
   */
  public static ParsedStatement parseExchange(String sql) {
    return new StatementParser(sql).run(Form.EXCHANGE);
  }

  public static Refusal refusal(Set<Reason> reasons) {
    return new Refusal("unsupported-statement", Map.of(), List.copyOf(reasons));
  }

  private ParsedStatement run(Form form) {
    boolean query = form != Form.CHANGE;
    if (sql.length() > MAX_LENGTH) {
      throw refusal(
          Set.of(Reason.of("too-long", "limit", String.format(Locale.ROOT, "%d", MAX_LENGTH))));
    }
    List<Token> tokens = tokens();
    findings.refuseIfAny();
    if (!begins(tokens, query)) {
      throw refusal(Set.of(notOf(form)));
    }
    SqlParser.StatementContext tree = tree(tokens);
    if (query != (tree.query() != null)) {
      throw refusal(Set.of(notOf(form)));
    }
    ParsedStatement parsed = StatementAnalyzer.analyze(text, tree, edits, findings, form.rows());
    findings.refuseIfAny();
    return parsed;
  }

  private static Reason notOf(Form form) {
    return Reason.of(
        switch (form) {
          case CHANGE -> "not-a-change";
          case CHECK -> "not-a-select";
          case ROWS, EXCHANGE -> StatementAnalyzer.SELECT_FORM;
        });
  }

  /** Returns whether the first word can begin such a statement. */
  private static boolean begins(List<Token> tokens, boolean query) {
    if (tokens.isEmpty()) {
      return false;
    }
    return switch (tokens.get(0).getType()) {
      case SqlLexer.WITH -> true;
      case SqlLexer.SELECT, SqlLexer.LPAREN -> query;
      case SqlLexer.UPDATE, SqlLexer.DELETE, SqlLexer.INSERT, SqlLexer.REPLACE -> !query;
      default -> false;
    };
  }

  // Tokens

  private List<Token> tokens() {
    SqlLexer lexer = new SqlLexer(CharStreams.fromString(sql));
    lexer.removeErrorListeners();
    List<Token> visible = new ArrayList<>();
    for (Token token : lexer.getAllTokens()) {
      if (token.getChannel() == Token.HIDDEN_CHANNEL) {
        hidden(token);
      } else {
        visible.add(token);
      }
    }
    dropLastSemicolon(visible);
    int depth = 0;
    int deepest = 0;
    boolean balanced = true;
    for (int i = 0; i < visible.size(); i++) {
      Token token = visible.get(i);
      int type = token.getType();
      if (type == SqlLexer.OTHER && "'\"`".contains(token.getText())) {
        // It is unknown whether the rest is text or SQL.
        findings.reject(Reason.of("unclosed-quote", "near", text.near(token)));
        break;
      } else if (type == SqlLexer.OTHER) {
        other(visible, i);
      } else if (type == SqlLexer.SLASH && isNext(visible, i, SqlLexer.STAR)) {
        findings.reject(Reason.of("unclosed-comment", "near", text.near(token)));
      } else if (type == SqlLexer.NUMBER && isNameNext(visible, i)) {
        // Servers differ in how they read 1.e( or 1.5x.
        findings.reject(text.notUnderstood(token));
      }
      depth += type == SqlLexer.LPAREN ? 1 : type == SqlLexer.RPAREN ? -1 : 0;
      deepest = Math.max(deepest, depth);
      balanced &= depth >= 0;
    }
    loneSurrogates();
    if (deepest > MAX_DEPTH) {
      findings.reject(Reason.of("too-deep", "limit", Integer.toString(MAX_DEPTH)));
    }
    if ((depth != 0 || !balanced) && findings.reasons().isEmpty()) {
      findings.reject(Reason.of("unbalanced-parentheses"));
    }
    return visible;
  }

  /** Removes comments from the rendered statement; optimizer hints stay. */
  private void hidden(Token token) {
    String comment = token.getText();
    if (token.getType() == SqlLexer.HINT) {
      String upper = comment.toUpperCase(Locale.ROOT);
      FORBIDDEN_HINTS.stream()
          .filter(upper::contains)
          .forEach(hint -> findings.reject(Reason.of("hint", "hint", hint)));
    } else if (token.getType() == SqlLexer.COMMENT) {
      if (comment.startsWith("/*!") || comment.startsWith("/*M!")) {
        findings.reject(Reason.of("executable-comment"));
      }
      comment
          .chars()
          .filter(c -> (c < ' ' && "\t\r\n".indexOf(c) < 0) || c == 0x7f)
          .forEach(this::controlCharacter);
      edits.add(new Edit(text.span(token), " "));
    }
  }

  private void dropLastSemicolon(List<Token> tokens) {
    int last = tokens.size() - 1;
    if (last >= 0 && isText(tokens.get(last), ";")) {
      edits.add(new Edit(text.span(tokens.get(last)), " "));
      tokens.remove(last);
    }
  }

  private void other(List<Token> tokens, int i) {
    Token token = tokens.get(i);
    char c = token.getText().charAt(0);
    switch (c) {
      case '@' -> findings.reject(Reason.of("user-variable"));
      case '?' -> findings.reject(Reason.of("placeholder"));
      case ';' -> findings.reject(Reason.of("stacked-statements"));
      case ':' ->
          findings.reject(
              isNext(tokens, i, SqlLexer.EQ)
                  ? Reason.of("user-variable")
                  : text.notUnderstood(token));
      default -> {
        if (c < ' ' || c == 0x7f) {
          controlCharacter(c);
        } else {
          findings.reject(text.notUnderstood(token));
        }
      }
    }
  }

  private void controlCharacter(int c) {
    findings.reject(Reason.of("control-character", "code", String.format("U+%04X", c)));
  }

  private void loneSurrogates() {
    sql.codePoints()
        .filter(c -> c <= Character.MAX_VALUE && Character.isSurrogate((char) c))
        .forEach(
            c ->
                findings.reject(
                    Reason.of("control-character", "code", String.format("U+%04X", c))));
  }

  private boolean isNext(List<Token> tokens, int i, int type) {
    return i + 1 < tokens.size()
        && tokens.get(i + 1).getType() == type
        && tokens.get(i + 1).getStartIndex() == tokens.get(i).getStopIndex() + 1;
  }

  private boolean isNameNext(List<Token> tokens, int i) {
    return i + 1 < tokens.size()
        && isNext(tokens, i, tokens.get(i + 1).getType())
        && Character.isLetter(tokens.get(i + 1).getText().codePointAt(0));
  }

  private static boolean isText(Token token, String text) {
    return token.getText().equals(text);
  }

  // The tree

  private SqlParser.StatementContext tree(List<Token> tokens) {
    CommonTokenStream stream = new CommonTokenStream(new ListTokenSource(tokens));
    SqlParser parser = new SqlParser(stream);
    parser.removeErrorListeners();
    parser.setErrorHandler(new BailErrorStrategy());
    try {
      // Tries the faster mode first, and the full one if that fails.
      parser.getInterpreter().setPredictionMode(PredictionMode.SLL);
      try {
        return parser.statement();
      } catch (ParseCancellationException e) {
        stream.seek(0);
        parser.reset();
        parser.getInterpreter().setPredictionMode(PredictionMode.LL);
        return parser.statement();
      }
    } catch (ParseCancellationException e) {
      throw refusal(Set.of(unread(e, tokens)));
    } catch (SqlParser.TooDeepException e) {
      throw refusal(Set.of(Reason.of("too-complex")));
    }
  }

  /** Returns the reason for text that is outside the grammar. */
  private Reason unread(ParseCancellationException e, List<Token> tokens) {
    Token token =
        e.getCause() instanceof RecognitionException recognition
            ? Objects.requireNonNull(recognition.getOffendingToken())
            : tokens.get(0);
    int type = token.getType();
    if (type == SqlLexer.INTO) {
      return Reason.of("select-into");
    }
    if (tokens.get(0).getType() == SqlLexer.DELETE
        && tokens.size() > 1
        && tokens.get(1).getText().equalsIgnoreCase("HISTORY")) {
      return Reason.of("delete-history");
    }
    boolean inserts =
        tokens.get(0).getType() == SqlLexer.INSERT || tokens.get(0).getType() == SqlLexer.REPLACE;
    if (inserts && (type == SqlLexer.SET || type == SqlLexer.VALUE)) {
      return Reason.of("insert-values");
    }
    return text.notUnderstood(token);
  }
}
