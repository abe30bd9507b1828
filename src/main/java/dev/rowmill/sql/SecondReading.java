package dev.rowmill.sql;

import dev.rowmill.sql.Reading.Kind;
import dev.rowmill.task.Refusal.Reason;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import net.sf.jsqlparser.parser.CCJSqlParser;
import net.sf.jsqlparser.parser.CCJSqlParserUtil;
import net.sf.jsqlparser.parser.ParseException;
import net.sf.jsqlparser.statement.Statement;
import net.sf.jsqlparser.statement.delete.Delete;
import net.sf.jsqlparser.statement.insert.Insert;
import net.sf.jsqlparser.statement.select.Select;
import net.sf.jsqlparser.statement.update.Update;
import net.sf.jsqlparser.util.TablesNamesFinder;

/**
 * Has JSqlParser read the same statement: it must understand it, take it for the same kind, and
 * know of no table that the first reading doesn't. It gets the tokens with all literals and odd
 * names made harmless, so that the two can't disagree about quoting.
 */
final class SecondReading {

  /** Of the processor: a process that stands still, or waits its turn, reads nothing. */
  private static final long MAX_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final long LOOK_MILLIS = 100;

  /** Where the processor's time is not told, and at the very most. */
  private static final int FEW_LOOKS = 20;

  private static final int MOST_LOOKS = 600;

  private static final Pattern PLAIN = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private final Map<String, String> names = new HashMap<>();

  private SecondReading() {}

  static void compare(Reading reading, Set<Reason> reasons) {
    SecondReading second = new SecondReading();
    String neutral = second.neutral(reading.tokens());
    AtomicReference<CCJSqlParser> parsing = new AtomicReference<>();
    // A thread of its own, since only that can be left when the time is up or the stack is full.
    AtomicReference<Thread> reader = new AtomicReference<>();
    ExecutorService thread =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread made = new Thread(null, task, "rowmill-sql-reading", 4 << 20);
              made.setDaemon(true);
              reader.set(made);
              return made;
            });
    try {
      Future<Set<String>> tables =
          thread.submit(
              () -> {
                Statement statement = parse(neutral, parsing);
                return sameKind(statement, reading.kind())
                    ? new TablesNamesFinder<Void>().getTables(statement)
                    : Set.of("");
              });
      Set<String> known = second.known(reading);
      for (String table : await(tables, Objects.requireNonNull(reader.get()))) {
        if (!known.contains(table.replace("`", "").toLowerCase(Locale.ROOT))) {
          reasons.add(new Reason("not-understood", Map.of("position", "0", "near", table)));
        }
      }
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      reasons.add(reason(cause == null ? e : cause, neutral));
    } catch (TimeoutException e) {
      reasons.add(Reason.of("too-complex"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      reasons.add(Reason.of("too-complex"));
    } finally {
      thread.shutdownNow();
      CCJSqlParser parser = parsing.get();
      if (parser != null) {
        parser.interrupted = true;
      }
    }
  }

  private static Set<String> await(Future<Set<String>> tables, Thread reader)
      throws ExecutionException, InterruptedException, TimeoutException {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    boolean told = threads.isThreadCpuTimeSupported() && threads.isThreadCpuTimeEnabled();
    long before = told ? threads.getThreadCpuTime(reader.getId()) : 0;
    for (int looks = 1; ; looks++) {
      try {
        return tables.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        if (looks == (told ? MOST_LOOKS : FEW_LOOKS)
            || (told && threads.getThreadCpuTime(reader.getId()) - before > MAX_NANOS)) {
          throw e;
        }
      }
    }
  }

  /** Its simple grammar first: the other takes twice the time for each pair of parentheses. */
  private static Statement parse(String neutral, AtomicReference<CCJSqlParser> parsing)
      throws ParseException {
    try {
      CCJSqlParser simple = CCJSqlParserUtil.newParser(neutral);
      simple.withAllowComplexParsing(false);
      parsing.set(simple);
      return simple.Statement();
    } catch (ParseException e) {
      CCJSqlParser complex = CCJSqlParserUtil.newParser(neutral);
      complex.withAllowComplexParsing(true);
      parsing.set(complex);
      if (Thread.currentThread().isInterrupted()) {
        complex.interrupted = true;
      }
      return complex.Statement();
    }
  }

  private static Reason reason(Throwable cause, String neutral) {
    if (cause instanceof StackOverflowError) {
      return Reason.of("too-complex");
    }
    int position = 0;
    if (cause instanceof ParseException e
        && e.currentToken != null
        && e.currentToken.next != null) {
      position = Math.max(0, e.currentToken.next.beginColumn - 1);
    }
    return new Reason(
        "not-understood",
        Map.of("position", Integer.toString(position), "near", SqlLexer.near(neutral, position)));
  }

  private static boolean sameKind(Statement statement, Kind kind) {
    return switch (kind) {
      case UPDATE -> statement instanceof Update;
      case DELETE -> statement instanceof Delete;
      case INSERT -> statement instanceof Insert;
      case SELECT -> statement instanceof Select;
    };
  }

  private Set<String> known(Reading reading) {
    Set<String> known = new HashSet<>();
    for (TableName table : reading.subqueryTables()) {
      known.add(neutral(table));
    }
    for (String name : reading.withNames()) {
      known.add(neutral(new TableName(null, name)));
    }
    known.add(neutral(reading.target()));
    known.add(neutral(reading.walked()));
    return known;
  }

  private String neutral(TableName table) {
    String name = neutralName(table.name());
    String full = table.schema() == null ? name : neutralName(table.schema()) + "." + name;
    return full.toLowerCase(Locale.ROOT);
  }

  private String neutralName(String name) {
    if (PLAIN.matcher(name).matches()) {
      return name;
    }
    return names.computeIfAbsent(name, odd -> "odd_name_" + names.size());
  }

  private String neutral(List<Token> tokens) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < tokens.size(); i++) {
      Token token = tokens.get(i);
      Token before = TokenCursor.at(tokens, i - 1);
      if (i > 0 && (token.start() > before.end() || gapNeeded(before, token))) {
        text.append(' ');
      }
      text.append(neutral(token, before, TokenCursor.at(tokens, i + 1)));
    }
    return text.toString();
  }

  private static boolean gapNeeded(Token before, Token token) {
    return before.kind() == Token.Kind.SYMBOL
        && token.kind() == Token.Kind.SYMBOL
        && !before.isSymbol("(")
        && !token.isSymbol(")");
  }

  private String neutral(Token token, Token before, Token after) {
    return switch (token.kind()) {
      case STRING -> before.kind() == Token.Kind.STRING ? "" : "'s'";
      case NUMBER -> "1";
      case PARAMETER -> before.isWord("IN") ? "(?)" : "?";
      case NAME -> "`" + neutralName(token.name()) + "`";
      case SYMBOL -> token.text();
      case WORD -> word(token, before, after);
    };
  }

  /** Some of MySQL's words that JSqlParser doesn't know, by others of the same grammar. */
  private String word(Token token, Token before, Token after) {
    String word = token.text();
    boolean introducer =
        word.startsWith("_")
            && (after.kind() == Token.Kind.STRING || after.kind() == Token.Kind.NUMBER);
    if (introducer || (token.isWord("SOUNDS") && after.isWord("LIKE"))) {
      return "";
    }
    if (token.isWord("MOD") && !after.isSymbol("(")) {
      return "%";
    }
    if (token.isWord("BINARY")
        && !after.isSymbol("(")
        && !after.isSymbol(")")
        && !before.isWord("AS")
        && !before.isWord("SET")) {
      return "";
    }
    if (token.isWord("USING") && !after.isSymbol("(")) {
      return ",";
    }
    if (token.isWord("MEMBER") && after.isWord("OF")) {
      return "IN";
    }
    if (token.isWord("OF") && before.isWord("MEMBER")) {
      return "";
    }
    return PLAIN.matcher(word).matches() ? word : "`" + neutralName(word) + "`";
  }
}
