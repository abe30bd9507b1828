package dev.rowmill.sql.table;

import dev.rowmill.sql.parse.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the server knows of one table.
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

  /** A definition of which only the columns matter. */
  public TableDefinition(
      TableName name, List<Column> columns, List<Index> indexes, boolean temporalOffsetFixed) {
    this(name, columns, indexes, temporalOffsetFixed, false);
  }

  /**
   * @param type such as {@code varchar}
   * @param fullType such as {@code bigint(20) unsigned}
   * @param extra such as {@code auto_increment}, in lower case
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

    /** What a column says of the version of a row that MariaDB keeps the history of. */
    public enum Version {
      NONE,
      BEGIN,
      /** It is part of every unique index, and the same in all rows that are not history. */
      END;

      /**
       * Returns it.
       *
       * @param expression what the server says that the column is generated as
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

    /** Returns whether {@code SELECT *} and an INSERT without a column list leave it out. */
    public boolean hidden() {
      return extra.contains("invisible");
    }

    /** Whether a policy of MySQL's may show something else in place of its values. */
    public boolean masked() {
      return extra.contains("masking policy");
    }

    public boolean changesOnUpdate() {
      return extra.contains("on update");
    }

    /** The members of an ENUM or SET; in the full type a quote within one is doubled. */
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

  /** An index. */
  public record Index(String name, boolean visible, boolean ordered, List<Part> parts) {

    /** Returns it with the parts of a unique index behind its own, which it doesn't have yet. */
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
     * @param column null for an expression
     * @param prefix whether only the first characters are in the index
     */
    record Part(@Nullable String column, boolean prefix, boolean descending) {}
  }

  public Optional<Column> column(String column) {
    return columns.stream().filter(one -> one.name().equalsIgnoreCase(column)).findFirst();
  }
}
