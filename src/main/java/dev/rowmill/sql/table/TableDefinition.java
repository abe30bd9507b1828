package dev.rowmill.sql.table;

import dev.rowmill.sql.parse.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Holds the definition of one table.
 *
 * @param temporalOffsetFixed whether the session's time zone has no clock changes
 * @param ofMariaDb whether the server is MariaDB
 */
public record TableDefinition(
    TableName name,
    List<Column> columns,
    List<Index> indexes,
    boolean temporalOffsetFixed,
    boolean ofMariaDb) {

  /** Creates a definition of which only the columns matter. */
  public TableDefinition(
      TableName name, List<Column> columns, List<Index> indexes, boolean temporalOffsetFixed) {
    this(name, columns, indexes, temporalOffsetFixed, false);
  }

  /**
   * Returns whether a unique index contains one of these columns, or a value that may be computed
   * from them.
   */
  public boolean hasUniqueKeyOf(List<String> written) {
    return indexes.stream()
        .flatMap(index -> index.parts().stream())
        .anyMatch(
            part ->
                part.column() == null
                    || columns.stream()
                        .filter(column -> column.name().equalsIgnoreCase(part.column()))
                        .anyMatch(
                            column ->
                                column.generated()
                                    || written.stream().anyMatch(column.name()::equalsIgnoreCase)));
  }

  /**
   * Holds the definition of a column.
   *
   * @param type type, such as {@code varchar}
   * @param fullType full type, such as {@code bigint(20) unsigned}
   * @param extra attributes in lower case, such as {@code auto_increment}
   */
  public record Column(
      String name,
      String type,
      String fullType,
      boolean nullable,
      @Nullable String charset,
      @Nullable String collation,
      int precision,
      int scale,
      int fraction,
      String extra,
      Version version) {

    /** Represents the role of a column in MariaDB's history of rows. */
    public enum Version {
      NONE,
      BEGIN,
      /**
       * Ends a version. It is part of every unique index, and equal in all rows that are not
       * history.
       */
      END;

      /**
       * Returns the role.
       *
       * @param expression the server's expression of the generated column
       */
      static Version of(String expression) {
        return switch (expression) {
          case "ROW START" -> BEGIN;
          case "ROW END" -> END;
          default -> NONE;
        };
      }
    }

    public boolean generated() {
      return extra.replace("default_generated", "").contains("generated")
          || extra.contains("persistent");
    }

    public boolean autoIncrement() {
      return extra.contains("auto_increment");
    }

    /** Returns whether {@code SELECT *} and an INSERT without a column list omit it. */
    public boolean hidden() {
      return extra.contains("invisible");
    }

    /** Returns whether a masking policy of MySQL may replace its values. */
    public boolean masked() {
      return extra.contains("masking policy");
    }

    public boolean changesOnUpdate() {
      return extra.contains("on update");
    }

    /**
     * Returns the number of members of an ENUM or SET; in the full type a quote within one is
     * doubled.
     */
    int members() {
      int members = 1;
      boolean quoted = false;
      for (int i = 0; i < fullType.length(); i++) {
        char c = fullType.charAt(i);
        quoted ^= c == '\'';
        members += c == ',' && !quoted ? 1 : 0;
      }
      return members;
    }
  }

  /** Describes an index. */
  public record Index(String name, boolean visible, boolean ordered, List<Part> parts) {

    /** Returns its name and parts, such as {@code PRIMARY (id)}. */
    public String describe() {
      return name
          + (visible ? "" : " invisible")
          + parts.stream()
              .map(
                  part ->
                      (part.column() == null ? "expression" : part.column())
                          + (part.prefix() ? " prefix" : "")
                          + (part.descending() ? " desc" : ""))
              .collect(Collectors.joining(", ", " (", ")"));
    }

    /** Returns whether the server can walk it in the order of a column. */
    public boolean beginsWith(String column) {
      Part first = parts.get(0);
      return visible && ordered && !first.prefix && column.equalsIgnoreCase(first.column);
    }

    /** Returns whether it has these columns, whole and in this order. */
    public boolean isOf(List<String> columns) {
      return parts.size() == columns.size()
          && IntStream.range(0, columns.size())
              .allMatch(
                  i ->
                      !parts.get(i).prefix()
                          && columns.get(i).equalsIgnoreCase(parts.get(i).column()));
    }

    /** Returns this index followed by the parts of a unique index that it lacks. */
    Index with(List<Part> unique) {
      List<Part> all = new ArrayList<>(parts);
      for (Part part : unique) {
        if (parts.stream().noneMatch(own -> Objects.equals(own.column(), part.column()))) {
          all.add(part);
        }
      }
      return new Index(name, visible, ordered, List.copyOf(all));
    }

    /**
     * Describes a part of an index.
     *
     * @param column null for an expression
     * @param prefix whether only the first characters are in the index
     */
    public record Part(@Nullable String column, boolean prefix, boolean descending) {}
  }

  public Optional<Column> column(String column) {
    return columns.stream().filter(one -> one.name().equalsIgnoreCase(column)).findFirst();
  }
}
