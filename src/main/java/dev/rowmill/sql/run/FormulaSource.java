package dev.rowmill.sql.run;

import dev.rowmill.sql.parse.ParsedStatement;
import dev.rowmill.sql.run.ImageColumn.Form;
import dev.rowmill.sql.statement.ChunkableStatement;
import dev.rowmill.sql.table.Catalog;
import dev.rowmill.sql.table.ForeignKeys;
import dev.rowmill.sql.table.TableDefinition.Column;
import dev.rowmill.sql.value.BoundText;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Makes the formulas of an UPDATE whose new values depend on the old row alone. For one thread. */
final class FormulaSource {

  private static final Logger LOG = Logger.getLogger(FormulaSource.class);

  /** Limits the characters of a SET list and its values, which each chunk stores. */
  private static final int LONGEST = 4_000;

  private final Formula formula;

  /** Lists the written columns with a new value that is equal in all rows, by their index. */
  private final List<Integer> constant;

  private final List<ImageColumn> columns;
  private @Nullable Connection connection;
  private Map<String, String> session = Map.of();

  private FormulaSource(Formula formula, List<Integer> constant, List<ImageColumn> columns) {
    this.formula = formula;
    this.constant = constant;
    this.columns = columns;
  }

  /**
   * Holds what the server says about the formulas of a statement.
   *
   * @param possible whether new values may be computed again
   * @param columns columns that the assignments read, besides the key and the written columns
   */
  private record Inputs(boolean possible, List<ImageColumn> columns) {

    private static final Inputs IMPOSSIBLE = new Inputs(false, List.of());
  }

  /**
   * Returns the source for a statement; empty if its new values must be stored.
   *
   * @param image image of its rows
   */
  static Optional<FormulaSource> of(
      Connection connection, ChunkableStatement statement, RowImage image) throws SQLException {
    ParsedStatement parsed = statement.parsed();
    Optional<BoundText> assignments = statement.assignments().ofAnySession();
    if (!parsed.assignmentsOfRowAlone()
        // What reads the time that is written before it can't be computed again.
        || !Collections.disjoint(parsed.currentTimes(), parsed.assignmentColumns())
        || assignments.isEmpty()
        || assignments.get().length() > LONGEST) {
      return Optional.empty();
    }
    Inputs inputs = statement.derived().get(Inputs.class);
    if (inputs == null) {
      inputs = inputs(connection, statement, image);
      statement.derived().set(inputs);
    }
    if (!inputs.possible()) {
      return Optional.empty();
    }
    List<Integer> constant =
        IntStream.range(0, image.columns().size())
            .filter(i -> !isComputed(statement, image.columns().get(i)))
            .boxed()
            .toList();
    return Optional.of(
        new FormulaSource(
            formula(statement, assignments.get(), inputs.columns()),
            constant,
            Stream.concat(image.columns().stream(), inputs.columns().stream()).toList()));
  }

  private static Formula formula(
      ChunkableStatement statement, BoundText assignments, List<ImageColumn> inputs) {
    return new Formula(inputs, statement.qualifier(), assignments, Map.of(), Map.of());
  }

  private static Inputs inputs(Connection connection, ChunkableStatement statement, RowImage image)
      throws SQLException {
    ParsedStatement parsed = statement.parsed();
    var catalog = new Catalog(connection);
    List<Column> all = catalog.columns(image.table());
    Set<String> read = new HashSet<>(parsed.assignmentColumns());
    List<ImageColumn> inputs = new ArrayList<>();
    for (Column column : all) {
      String name = column.name().toLowerCase(Locale.ROOT);
      boolean isRead = read.remove(name);
      boolean isWritten = image.keysAndColumns().stream().anyMatch(ImageColumn.of(column)::equals);
      if ((isRead || parsed.conditionColumns().contains(name)) && column.type().equals("time")) {
        // The servers add the current date to a TIME where a date is required.
        return Inputs.IMPOSSIBLE;
      }
      if (isWritten
          && column.type().equals("timestamp")
          && !column.nullable()
          && isComputed(statement, ImageColumn.of(column))) {
        // With explicit_defaults_for_timestamp=OFF, NULL means the current time.
        return Inputs.IMPOSSIBLE;
      }
      if (!isRead) {
        continue;
      }
      ImageColumn input = ImageColumn.of(column);
      if (column.generated() || column.masked() || input.form() == Form.TYPED_JSON) {
        return Inputs.IMPOSSIBLE;
      }
      if (!isWritten) {
        if (input.mayBeLarge()) {
          return Inputs.IMPOSSIBLE;
        }
        inputs.add(input);
      }
    }
    if (!read.isEmpty()
        || !catalog.isGranted("TRIGGER", image.table())
        || !catalog.beforeUpdateTriggers(image.table()).isEmpty()
        || new ForeignKeys(connection)
            .changedAlong(Set.of(image.table()), false)
            .contains(image.table())) {
      return Inputs.IMPOSSIBLE;
    }
    try {
      Recomputation.test(
          connection, image.with(formula(statement, BoundText.EMPTY, List.copyOf(inputs))));
    } catch (SQLException e) {
      LOG.debugf(
          "%s: new values are stored, because no temporary table can be made: %s",
          image.table().name(), e.getMessage());
      return Inputs.IMPOSSIBLE;
    }
    return new Inputs(true, List.copyOf(inputs));
  }

  /** Returns whether the new values of a written column follow from the rows. */
  private static boolean isComputed(ChunkableStatement statement, ImageColumn column) {
    return statement.assigned().stream().anyMatch(column.name()::equalsIgnoreCase)
        && !statement.parsed().currentTimes().contains(column.name().toLowerCase(Locale.ROOT));
  }

  /** Returns the columns whose old values an image stores: the written ones, then the inputs. */
  List<ImageColumn> columns() {
    return columns;
  }

  /** Returns the written columns whose new value is equal in all rows. */
  List<ImageColumn> constantColumns() {
    return constant.stream().map(columns::get).toList();
  }

  /**
   * Returns the formula of a chunk.
   *
   * @param current connection of the chunk
   * @param values new values of {@link #constantColumns}
   */
  Formula formula(Connection current, byte[] @Nullable [] values) throws SQLException {
    if (connection != current) {
      session = Formula.session(current);
      connection = current;
    }
    Map<Integer, byte @Nullable []> constants = new TreeMap<>();
    for (int i = 0; i < values.length; i++) {
      constants.put(constant.get(i), values[i]);
    }
    return new Formula(
        formula.inputs(), formula.qualifier(), formula.assignments(), session, constants);
  }
}
