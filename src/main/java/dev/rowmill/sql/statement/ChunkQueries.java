package dev.rowmill.sql.statement;

import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.table.ChunkKey;
import dev.rowmill.sql.table.KeyColumn;
import dev.rowmill.sql.table.KeyValue;
import dev.rowmill.sql.table.WalkedRows;
import dev.rowmill.sql.value.BoundText;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Makes the SQL that walks a table and changes it.
 *
 * @param index index that finds the condition's rows if they are few: then only these rows are
 *     walked. Null to walk all rows
 */
public record ChunkQueries(ChunkableStatement statement, @Nullable String index) {

  /**
   * Holds a query on a range of the key.
   *
   * @param before values before those of the range
   * @param after values after those of the range
   */
  public record RangeQuery(String sql, List<BoundText.Value> before, List<BoundText.Value> after) {

    public RangeQuery(String sql, List<BoundText.Value> before) {
      this(sql, before, List.of());
    }

    public List<BoundText.Value> with(List<BoundText.Value> range) {
      List<BoundText.Value> all = new ArrayList<>(before);
      all.addAll(range);
      all.addAll(after);
      return all;
    }
  }

  /**
   * Returns the statement for one range.
   *
   * @param bounded whether the range has a lower end
   */
  public RangeQuery apply(boolean bounded) {
    return apply(range(bounded));
  }

  /**
   * Returns the statement for some rows.
   *
   * @param also SQL that is added to the condition of the rows
   */
  public RangeQuery apply(WalkedRows rows, String also) {
    return apply(condition(rows) + also);
  }

  private RangeQuery apply(String condition) {
    BoundText head = statement.head();
    BoundText tail = statement.tail();
    return statement.isUndivided()
        ? new RangeQuery(statement.whole().sql(), statement.whole().values())
        : new RangeQuery(
            head.sql() + "(" + condition + ")" + tail.sql(), head.values(), tail.values());
  }

  /**
   * Returns a query for the key of a row at an offset behind the lower end of a range, followed by
   * whether the row is in the range. Where all rows are walked, only this row is compared with the
   * upper end.
   */
  public String boundary(boolean bounded) {
    String last = " ORDER BY " + order(false) + " LIMIT 1 OFFSET ?";
    if (!comparesOneRow()) {
      return walk("SELECT " + keys() + ", TRUE", range(bounded) + last).sql();
    }
    String qualifier = statement.qualifier();
    return "SELECT "
        + keys()
        + ", "
        + statement.key().upTo(qualifier)
        + fromKey()
        + " WHERE "
        + (bounded ? statement.key().behind(qualifier) : "TRUE")
        + last;
  }

  /** Returns {@link #boundary(boolean)} with its values. */
  public BoundText boundary(@Nullable String after, String end, long offset) {
    ChunkKey key = statement.key();
    List<BoundText.Value> values = new ArrayList<>();
    if (comparesOneRow()) {
      values.addAll(key.boundUpTo(key.values(end)));
      if (after != null) {
        values.addAll(key.boundBehind(key.values(after)));
      }
    } else {
      values.addAll(walk("", "").with(key.bound(after, end)));
    }
    values.add(new BoundText.Value(offset));
    return new BoundText(boundary(after != null), values);
  }

  // With a range of few choices and one end, MySQL prefers to read the index from its start.
  private boolean comparesOneRow() {
    return (index == null || statement.where() == null)
        && statement.key().columns().stream().allMatch(column -> column.choices() == 0);
  }

  /**
   * Returns a query for the key of every n-th row of a range, in the order of the key. Its last
   * question mark is n.
   */
  public RangeQuery everyNth(boolean bounded) {
    String qualifier = statement.qualifier();
    RangeQuery all =
        walk(
            "SELECT "
                + statement.key().names(qualifier)
                + ", ROW_NUMBER() OVER (ORDER BY "
                + order(false)
                + ") AS `rowmill row`",
            range(bounded));
    return new RangeQuery(
        "SELECT "
            + keys()
            + " FROM ("
            + all.sql()
            + ") AS "
            + TableName.quoted(qualifier)
            + " WHERE MOD(`rowmill row`, ?) = 0 ORDER BY `rowmill row`",
        all.before(),
        all.after());
  }

  /**
   * Returns a query for the keys of all rows of a range in their order, each followed by whether
   * {@link ChunkKey#marking} has marked it.
   */
  public RangeQuery markedKeys(boolean bounded) {
    return walk(
        "SELECT " + keys() + ", " + statement.key().marked(statement.qualifier()),
        range(bounded) + " ORDER BY " + order(false));
  }

  public RangeQuery count(boolean bounded) {
    return walk("SELECT COUNT(*)", range(bounded));
  }

  /**
   * Returns a query for the last key of a range up to an estimated value. The estimate is of the
   * first column in which the ends of the range differ.
   *
   * @param after begin of the range, exclusive; null at the start of the walk
   * @param end end of the range, inclusive
   * @param same values of the columns before that column
   */
  public BoundText lastUpTo(
      @Nullable String after, String end, List<KeyValue> same, KeyValue estimate) {
    ChunkKey key = statement.key();
    StringBuilder condition = new StringBuilder(range(after != null));
    List<BoundText.Value> values = new ArrayList<>(key.bound(after, end));
    for (int i = 0; i <= same.size(); i++) {
      KeyColumn column = key.columns().get(i);
      String operator = i < same.size() ? "=" : "<=";
      condition.append(" AND ").append(column.compared(statement.qualifier(), operator));
      values.addAll(column.bound(i < same.size() ? same.get(i) : estimate, operator));
    }
    return new BoundText(
        "SELECT "
            + keys()
            + fromKey()
            + " WHERE "
            + condition
            + " ORDER BY "
            + order(true)
            + " LIMIT 1",
        values);
  }

  /**
   * Returns a query for the key of the last row within a LIMIT, in the order of the key. Its last
   * question mark is the number of rows before it.
   */
  public RangeQuery lastWithin() {
    RangeQuery within = within();
    return new RangeQuery(within.sql() + " LIMIT 1 OFFSET ?", within.before());
  }

  /** Returns a query for the keys of all matching rows, in the order of the key. */
  private RangeQuery within() {
    BoundText where = statement.where();
    return new RangeQuery(
        "SELECT "
            + keys()
            + fromKey()
            + (where == null ? "" : " WHERE " + where.sql())
            + " ORDER BY "
            + order(false),
        where == null ? List.of() : where.values());
  }

  /** Returns a query for the first or the last key. */
  public String end(boolean last) {
    return "SELECT " + keys() + fromKey() + " ORDER BY " + order(last) + " LIMIT 1";
  }

  /**
   * Returns a query for the last key of the walk, in the format of the others, followed by the
   * number of rows.
   */
  public RangeQuery lastAndCount() {
    String column = TableName.quoted(statement.key().columns().get(0).name());
    String key = TableName.quoted(statement.qualifier());
    RangeQuery all =
        walk(
            "SELECT MAX(" + key + "." + column + ") AS " + column + ", COUNT(*) AS `rows walked`",
            "TRUE");
    return new RangeQuery(
        "SELECT " + keys() + ", `rows walked` FROM (" + all.sql() + ") AS " + key, all.before());
  }

  /**
   * Returns a query for a key near the end of the walk; its question mark is the number of rows
   * after it.
   */
  public RangeQuery fromEnd() {
    return walk("SELECT " + keys(), "TRUE ORDER BY " + order(true) + " LIMIT 1 OFFSET ?");
  }

  /**
   * Returns a query for the keys of some matching rows, by an index that the server chooses. If the
   * statement has a LIMIT, they are the first rows.
   */
  public RangeQuery someMatching(int limit) {
    if (statement.limit().isPresent()) {
      RangeQuery within = within();
      return new RangeQuery(
          within.sql() + " LIMIT " + Math.min(limit, statement.limit().getAsLong()),
          within.before());
    }
    BoundText rows = matchingRows();
    return new RangeQuery(
        "SELECT "
            + (statement.hasSeveralSources() ? "DISTINCT " : "")
            + keys()
            + rows.sql()
            + " LIMIT "
            + limit,
        rows.values());
  }

  /** Returns a FROM with the tables that the statement reads, and a WHERE with its condition. */
  private BoundText matchingRows() {
    BoundText sources = statement.from();
    BoundText rows =
        sources == null || !statement.hasSeveralSources()
            ? new BoundText(from(), List.of())
            : new BoundText(" FROM " + sources.sql(), sources.values());
    BoundText where = statement.where();
    BoundText matching = where == null ? rows : rows.plus(" WHERE (").plus(where).plus(")");
    return countsKeys()
        // An outer join may return NULLs in place of the row that would be changed.
        ? matching
            .plus(where == null ? " WHERE " : " AND ")
            .plus(statement.key().columns().get(0).in(statement.qualifier()) + " IS NOT NULL")
        : matching;
  }

  /** Returns a query that counts all rows of the walk. */
  public RangeQuery countAll() {
    BoundText where = statement.where();
    return index == null || where == null
        ? new RangeQuery("SELECT COUNT(*)" + from(), List.of())
        : countMatching();
  }

  /** Returns a query that counts the matching rows, by an index that the server chooses. */
  public RangeQuery countMatching() {
    if (selectsUndivided()) {
      return countSelected("");
    }
    if (statement.where() == null && !statement.hasSeveralSources()) {
      return countAll();
    }
    BoundText rows = matchingRows();
    return countsKeys()
        ? new RangeQuery(
            "SELECT COUNT(*) FROM (SELECT DISTINCT "
                + statement.key().names(statement.qualifier())
                + rows.sql()
                + ") AS `rows matching`",
            rows.values())
        : new RangeQuery("SELECT COUNT(*)" + rows.sql(), rows.values());
  }

  /**
   * Returns a query that evaluates the condition for one row; empty if the condition contains no
   * bytes, or uses several tables.
   */
  public Optional<RangeQuery> conditionOfOneRow() {
    BoundText where = statement.where();
    boolean bytes =
        where != null
            && (statement.parsed().holdsBytes()
                || where.values().stream()
                    .anyMatch(value -> value.value() instanceof BoundText.Bytes));
    return where == null || !bytes || statement.hasSeveralSources()
        ? Optional.empty()
        : Optional.of(
            new RangeQuery("SELECT (" + where.sql() + ")" + from() + " LIMIT 1", where.values()));
  }

  /** Returns a query that counts the matching rows of the join of all tables. */
  public RangeQuery countJoined() {
    BoundText rows = matchingRows();
    return new RangeQuery("SELECT COUNT(*)" + rows.sql(), rows.values());
  }

  /** Returns whether a row may match several times although it is changed once. */
  public boolean countsKeys() {
    return statement.hasSeveralSources()
        && !statement.parsed().kind().inserts()
        && statement.walkedBy() != null;
  }

  /** Returns a query that counts the matching rows, but stops one row above a maximum. */
  public RangeQuery countMatchingUpTo(long most) {
    if (selectsUndivided()) {
      return countSelected(" LIMIT " + (Math.min(most, Long.MAX_VALUE - 1) + 1));
    }
    BoundText rows = matchingRows();
    return new RangeQuery(
        "SELECT COUNT(*) FROM (SELECT "
            + (countsKeys() ? "DISTINCT " + statement.key().names(statement.qualifier()) : "1")
            + rows.sql()
            + " LIMIT "
            + (Math.min(most, Long.MAX_VALUE - 1) + 1)
            + ") AS `rows matching`",
        rows.values());
  }

  /** Returns whether the query of an INSERT may select other rows than those of its first table. */
  private boolean selectsUndivided() {
    return statement.isUndivided() && statement.parsed().kind().inserts();
  }

  /**
   * Returns a query that counts the rows that the query of an INSERT selects.
   *
   * @param limit a LIMIT, or nothing
   */
  private RangeQuery countSelected(String limit) {
    // Its columns need not have different names, and MariaDB can't name those of a derived table.
    String columns =
        IntStream.rangeClosed(1, statement.assigned().size())
            .mapToObj(i -> "c" + i)
            .collect(Collectors.joining(", "));
    BoundText query = statement.rendered().query();
    return new RangeQuery(
        "WITH `rows selected` ("
            + columns
            + ") AS ("
            + query.sql()
            + ") SELECT COUNT(*) FROM (SELECT 1 FROM `rows selected`"
            + limit
            + ") AS `rows matching`",
        query.values());
  }

  /** Returns a query that counts the matching rows along the key. */
  public RangeQuery countMatchingByKey() {
    BoundText where = statement.where();
    return where == null || statement.hasSeveralSources()
        ? countMatching()
        : new RangeQuery("SELECT COUNT(*)" + fromKey() + " WHERE " + where.sql(), where.values());
  }

  public String empty() {
    return "SELECT NOT EXISTS (SELECT 1" + from() + ")";
  }

  /**
   * Returns a query for some rows.
   *
   * @param select SELECT list, with the word SELECT
   * @param matching whether to read only rows that match the condition
   */
  public RangeQuery rows(String select, WalkedRows rows, boolean matching) {
    BoundText where = statement.where();
    if (where == null || !matching) {
      return new RangeQuery(select + fromKey() + " WHERE " + condition(rows), List.of());
    }
    String by = index == null ? TableName.quoted(statement.key().index()) : index;
    return matching(select, by, where, condition(rows));
  }

  private RangeQuery walk(String select, String range) {
    BoundText where = statement.where();
    return index == null || where == null
        ? new RangeQuery(select + fromKey() + " WHERE " + range, List.of())
        : matching(select, index, where, range);
  }

  private RangeQuery matching(String select, String by, BoundText where, String range) {
    return new RangeQuery(
        select + from() + " FORCE INDEX (" + by + ") WHERE (" + where.sql() + ") AND " + range,
        where.values());
  }

  private String range(boolean bounded) {
    return statement.isUndivided() ? "TRUE" : statement.key().range(statement.qualifier(), bounded);
  }

  private String condition(WalkedRows rows) {
    return statement.isUndivided() ? "TRUE" : rows.sql(statement.key(), statement.qualifier());
  }

  private String keys() {
    return statement.key().selected(statement.qualifier());
  }

  private String order(boolean backwards) {
    return statement.key().order(statement.qualifier(), backwards);
  }

  /** Returns a FROM with the walked table, under its alias. */
  String from() {
    String alias = statement.alias();
    return " FROM "
        + statement.table().quoted()
        + (statement.partitions().isEmpty() ? "" : " " + statement.partitions())
        + (alias == null ? "" : " AS " + TableName.quoted(alias));
  }

  // Without the hint, MySQL used a secondary index and a sort, which took four times as long.
  private String fromKey() {
    return from() + " FORCE INDEX (" + TableName.quoted(statement.key().index()) + ")";
  }
}
