package dev.rowmill.task;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Holds the result of planning work without doing it.
 *
 * @param statement as it will run on a range of the key, with a question mark for each value
 * @param values of the question marks, in their order, for one of the ranges
 * @param key along which the rows are walked; null where the work is not divided
 * @param first the first range; null when there is none, or finding it took too long
 * @param last the last range; null as for {@code first}
 * @param rows number of rows in the table
 * @param matching rows that the work covers
 * @param walked rows that are walked to find the matching ones
 * @param chunks estimated number of chunks
 * @param explain the server's plan for the statement on one range, its columns by their names
 * @param warnings what the caller may not expect
 * @param sample some of the rows, before and after
 * @param rowBytes estimated bytes of a row on average
 * @param sizeKey what the size of a chunk depends on, see {@link ChunkedRun#sizeKey}
 * @param basis data that the plan depends on
 * @param lines what the lines of a file find; null where the work is not done by a file
 */
public record Plan(
    String statement,
    List<@Nullable Object> values,
    @Nullable Key key,
    @Nullable Chunk first,
    @Nullable Chunk last,
    Count rows,
    Count matching,
    Count walked,
    long chunks,
    List<Map<String, @Nullable Object>> explain,
    List<Warning> warnings,
    List<Row> sample,
    long rowBytes,
    String sizeKey,
    Basis basis,
    @Nullable Lines lines) {

  /**
   * Counts the lines of a file.
   *
   * @param lines number of lines
   * @param matched lines that find a row
   * @param missing lines that find none
   * @param noKey lines with NULL in a column to match, which find none
   * @param unexpected lines whose row is not as the file expects it
   * @param unchanged lines whose row already has the values of the file
   * @param exact whether all lines were compared; else some were, and the rest is estimated
   */
  public record Lines(
      long lines,
      long matched,
      long missing,
      long noKey,
      long unexpected,
      long unchanged,
      boolean exact) {

    /** Returns the counts of a file of which nothing is known. */
    public static Lines none() {
      return new Lines(0, 0, 0, 0, 0, 0, false);
    }

    /**
     * Returns the number of lines that change a row.
     *
     * @param adding whether lines that find no row add one
     * @param changing whether lines that find a row change it
     */
    public long changing(boolean adding, boolean changing) {
      return (adding ? missing : 0) + (changing ? matched - unexpected - unchanged : 0);
    }
  }

  /**
   * Holds a number of rows.
   *
   * @param exact whether they were counted; else the server estimates them
   */
  public record Count(long rows, boolean exact) {}

  /**
   * @param why code of the reason for the choice of this key
   */
  public record Key(String name, List<String> columns, Warning why) {}

  /** Represents a text for the caller, identified by its code. */
  public record Warning(String code, Map<String, String> arguments) {
    public Warning {
      arguments = Map.copyOf(arguments);
    }

    public static Warning of(String code) {
      return new Warning(code, Map.of());
    }

    public static Warning of(String code, String name, String value) {
      return new Warning(code, Map.of(name, value));
    }
  }

  /**
   * Holds one row of the sample, its values by column; null where there is no such row, or where it
   * is unknown.
   */
  public record Row(
      @Nullable Map<String, @Nullable Object> before,
      @Nullable Map<String, @Nullable Object> after) {}

  /**
   * Holds the data that a plan depends on. The plan is valid while they stay unchanged.
   *
   * @param definition whole definition of the tables
   * @param matching rows that the work covers; empty where they were not counted
   */
  public record Basis(Definition definition, OptionalLong matching) {}

  /** Decides how large chunks will be. */
  @FunctionalInterface
  public interface Sizing {

    /**
     * @param sizeKey see {@link ChunkedRun#sizeKey}
     * @param walked estimated number of rows to walk
     * @return rows of a chunk, 1 or more
     */
    int rows(String sizeKey, long walked);
  }
}
