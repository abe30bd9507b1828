package dev.rowmill.sql.statement;

import dev.rowmill.sql.parse.Findings;
import dev.rowmill.sql.parse.ParsedStatement;
import dev.rowmill.sql.parse.ParsedStatement.Edit;
import dev.rowmill.sql.parse.ParsedStatement.ParameterUse;
import dev.rowmill.sql.parse.ParsedStatement.Position;
import dev.rowmill.sql.parse.TextSpan;
import dev.rowmill.sql.table.ValueTargets;
import dev.rowmill.sql.value.BoundText;
import dev.rowmill.sql.value.ParameterValue;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Renders the statements that run from the caller's text. Parameters become question marks,
 * comments become blanks, and the condition goes into parentheses before a key range is added.
 * Everything else stays as it was written.
 */
public final class StatementRenderer {

  /**
   * Limits the values of a statement. The server accepts 65,535 placeholders; the key range needs
   * some of them.
   */
  private static final int MAX_VALUES = 65_000;

  private final ParsedStatement parsed;
  private final Map<String, @Nullable Object> parameters;
  private final ValueTargets targets;
  private final Findings findings = new Findings();

  /** Counts the values of the rendered part; some of them are in its text. */
  private int given;

  /**
   * Holds a statement with its values.
   *
   * @param head text up to the position of its key range
   * @param tail text after the key range
   * @param where its condition; null without one
   * @param from its table list or FROM clause, without the keyword; null without one
   * @param whole the statement as the caller wrote it
   * @param query for an INSERT, the query that selects its rows
   * @param assignments for an UPDATE, its SET list without the keyword
   * @param names positions of the table names in the head: first of the INSERT's table, if any,
   *     then of the statement's own tables
   */
  public record Rendered(
      BoundText head,
      BoundText tail,
      @Nullable BoundText where,
      @Nullable BoundText from,
      BoundText whole,
      BoundText query,
      BoundText assignments,
      List<TextSpan> names) {}

  private StatementRenderer(
      ParsedStatement parsed, Map<String, @Nullable Object> parameters, ValueTargets targets) {
    this.parsed = parsed;
    this.parameters = parameters;
    this.targets = targets;
  }

  /**
   * Renders a statement with its values, each for the column that it is compared with or assigned
   * to.
   *
   * @throws Refusal if parameters and statement don't match
   */
  public static Rendered render(
      ParsedStatement parsed,
      Map<String, @Nullable Object> parameters,
      String project,
      ValueTargets targets) {
    Set<String> unused = new TreeSet<>(parameters.keySet());
    unused.removeAll(named(parsed));
    StatementRenderer renderer = of(parsed, parameters, unused, project, targets);
    Rendered rendered = renderer.rendered();
    renderer.findings.refuseIfAny();
    return rendered;
  }

  /**
   * Renders a query that runs as it is, with the values that it names.
   *
   * @throws Refusal if it names an unknown value
   */
  public static BoundText query(
      ParsedStatement parsed,
      Map<String, @Nullable Object> parameters,
      String project,
      ValueTargets targets) {
    StatementRenderer renderer = of(parsed, parameters, Set.of(), project, targets);
    BoundText whole = renderer.part(parsed.start(), parsed.sql().length()).stripped();
    renderer.findings.refuseIfAny();
    return whole;
  }

  private static StatementRenderer of(
      ParsedStatement parsed,
      Map<String, @Nullable Object> parameters,
      Set<String> unused,
      String project,
      ValueTargets targets) {
    Set<String> missing = named(parsed);
    missing.removeAll(parameters.keySet());
    if (!missing.isEmpty() || !unused.isEmpty()) {
      throw new Refusal(
          "parameter-mismatch",
          Map.of("missing", List.copyOf(missing), "unused", List.copyOf(unused)));
    }
    Map<String, @Nullable Object> all = new LinkedHashMap<>(parameters);
    all.put("project", project);
    return new StatementRenderer(parsed, all, targets);
  }

  /** Returns the names of its parameters, except the one that is always bound. */
  private static Set<String> named(ParsedStatement parsed) {
    Set<String> named = new TreeSet<>();
    for (ParameterUse use : parsed.parameters()) {
      if (!use.name().equals("project")) {
        named.add(use.name());
      }
    }
    return named;
  }

  private Rendered rendered() {
    int start = parsed.start();
    int end = parsed.sql().length();
    TextSpan condition = parsed.where();
    BoundText where = condition == null ? null : part(condition);
    BoundText head =
        condition == null || where == null
            ? part(start, parsed.rangeAt()).plus(" WHERE ")
            : part(start, condition.start()).plus("(").plus(where).plus(") AND ");
    TextSpan removed = parsed.orderAndLimit();
    BoundText tail =
        removed == null
            ? part(parsed.rangeAt(), end)
            : part(parsed.rangeAt(), removed.start()).plus(part(removed.end(), end));
    given = 0;
    BoundText whole = part(start, end);
    if (given > MAX_VALUES) {
      findings.reject(Reason.of("too-many-values", "limit", Integer.toString(MAX_VALUES)));
    }
    TextSpan from = parsed.from();
    TextSpan query = parsed.query();
    return new Rendered(
        head,
        tail.stripped(),
        where,
        from == null ? null : part(from),
        whole,
        query == null ? BoundText.EMPTY : part(query),
        parsed.assignments() == null ? BoundText.EMPTY : part(parsed.assignments()),
        names());
  }

  private List<TextSpan> names() {
    List<TextSpan> written = new ArrayList<>();
    if (parsed.insertName() != null) {
      written.add(parsed.insertName());
    }
    parsed.tables().forEach(use -> written.add(use.nameSpan()));
    return written.stream()
        .map(
            name -> {
              int start = part(parsed.start(), name.start()).sql().length();
              return new TextSpan(start, start + name.end() - name.start());
            })
        .toList();
  }

  private BoundText part(TextSpan span) {
    return part(span.start(), span.end());
  }

  /** Renders a part of the text. */
  private BoundText part(int start, int end) {
    StringBuilder text = new StringBuilder();
    List<BoundText.Value> values = new ArrayList<>();
    int written = start;
    int nextEdit = 0;
    int nextParameter = 0;
    List<Edit> edits = parsed.edits();
    List<ParameterUse> uses = parsed.parameters();
    while (true) {
      Edit edit = nextEdit < edits.size() ? edits.get(nextEdit) : null;
      ParameterUse use = nextParameter < uses.size() ? uses.get(nextParameter) : null;
      if (edit != null && (use == null || edit.span().start() <= use.span().start())) {
        nextEdit++;
        if (edit.span().start() >= end) {
          break;
        }
        if (edit.span().start() >= start) {
          text.append(parsed.sql(), written, edit.span().start()).append(edit.text());
          written = edit.span().end();
        }
      } else if (use != null && use.span().start() < end) {
        nextParameter++;
        if (use.span().start() >= start) {
          text.append(parsed.sql(), written, use.span().start());
          written = use.span().end();
          parameter(use, text, values);
        }
      } else {
        break;
      }
    }
    if (written < end) {
      text.append(parsed.sql(), written, end);
    }
    return new BoundText(text.toString(), List.copyOf(values));
  }

  private void parameter(ParameterUse use, StringBuilder text, List<BoundText.Value> values) {
    Object value = parameters.get(use.name());
    boolean bare = use.position() == Position.BEHIND_IN;
    text.append(bare ? "(" : "");
    if (value instanceof Collection<?> list) {
      if (use.position() == Position.VALUE) {
        findings.reject(Reason.of("list-outside-in", "parameter", use.name()));
      } else if (list.isEmpty()) {
        findings.reject(Reason.of("empty-list", "parameter", use.name()));
      }
      String separator = "";
      for (Object item : list) {
        text.append(separator);
        one(use, item, text, values);
        separator = ",";
      }
    } else {
      one(use, value, text, values);
    }
    text.append(bare ? ")" : "");
  }

  private void one(
      ParameterUse use, @Nullable Object value, StringBuilder text, List<BoundText.Value> values) {
    given++;
    ParameterValue rendered =
        ParameterValue.of(use.name(), value, targets.of(use), findings.reasons());
    if (use.position() == Position.VALUE && use.column() == null && !use.count()) {
      rendered = rendered.withType();
    }
    // Separates a keyword from the word before it, as in "AND:flag".
    if (Character.isLetter(rendered.sql().charAt(0))
        && text.length() > 0
        && Character.isLetterOrDigit(text.charAt(text.length() - 1))) {
      text.append(' ');
    }
    text.append(rendered.sql());
    values.addAll(rendered.values());
  }
}
