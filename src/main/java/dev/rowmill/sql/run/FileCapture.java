package dev.rowmill.sql.run;

import dev.rowmill.sql.value.BoundText;
import dev.rowmill.sql.value.RunStatements;
import dev.rowmill.task.ChunkResult;
import dev.rowmill.task.ChunkedRun.LeftRow;
import dev.rowmill.task.Image;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Changes the rows of a range of lines, and captures their images. For one chunk.
 *
 * <p>First locks all rows that the lines find, and reads which of them are as the file expects. The
 * statement changes exactly these, as no other session can change them meanwhile. A row that
 * another session adds in between shows as one more row, and the chunk is repeated.
 */
final class FileCapture {

  private static final String CHANGED_MEANWHILE =
      "another session has added or removed rows of the chunk";

  /** Represents whether a row is as the file expects it. */
  private static final ImageColumn EXPECTED =
      new ImageColumn("expected", ImageColumn.Form.INTEGER, "int", null, null);

  private static final byte[] TRUE = {'1'};

  private final FileChange change;
  private final RunStatements statements;
  private final UnexpectedRows unexpected;
  private final List<ImageColumn> copied;
  private final Connection connection;
  private final List<BoundText.Value> range;
  private List<LeftRow> left = List.of();

  /**
   * @param copied columns of the file that updated rows get unchanged; none if that is unknown
   */
  FileCapture(
      FileChange change,
      RunStatements statements,
      List<ImageColumn> copied,
      Connection connection,
      List<BoundText.Value> range) {
    this.change = change;
    this.statements = statements;
    unexpected = new UnexpectedRows(change, statements);
    this.copied = copied;
    this.connection = connection;
    this.range = range;
  }

  /** Changes the rows, and returns their images. */
  ChunkResult run(FileLayouts layouts) throws SQLException {
    ImageLayout updated = layouts.updated();
    if (updated == null) {
      return inserted(layouts.inserted());
    } else if (change.action() == FileChange.Action.DELETE) {
      return deleted(updated.image());
    }
    return updated(updated.image(), layouts.inserted());
  }

  /** Returns the lines whose rows were not as the file expects them. */
  List<LeftRow> left() {
    return left;
  }

  private long run(String sql) throws SQLException {
    return statements.bound(connection, sql, range).executeLargeUpdate();
  }

  private ChunkResult deleted(RowImage image) throws SQLException {
    LockedRows before = locked(image, List.of());
    long changed = run(change.delete());
    if (change.expect().isEmpty()) {
      check(changed == before.size());
      return new ChunkResult(
          changed, changed == 0 ? null : new Image((int) changed, RowImage.write(image, before)));
    }
    List<RowImage.Row> rows =
        before.keyed().rows().stream()
            .filter(FileCapture::isExpected)
            .map(row -> RowImage.deleted(row.key(), valuesOf(image, row)))
            .toList();
    check(changed == rows.size());
    left =
        changed == before.size()
            ? List.of()
            : unexpected.read(connection, range, List.of(), new KeyedRows());
    return result(rows.isEmpty() ? List.of() : List.of(image.of(rows)));
  }

  private static boolean isExpected(KeyedRows.Row row) {
    return Arrays.equals(row.values()[row.values().length - 1], TRUE);
  }

  private static byte[][] valuesOf(RowImage image, KeyedRows.Row row) {
    return Arrays.copyOf(row.values(), image.columns().size());
  }

  private ChunkResult updated(RowImage image, @Nullable ImageLayout adding) throws SQLException {
    List<ImageColumn> sources = adding == null ? copied : List.of();
    int columns = image.columns().size();
    KeyedRows locked = locked(image, sources).keyed();
    KeyedRows expected =
        change.expect().isEmpty()
            ? locked
            : new KeyedRows(locked.rows().stream().filter(FileCapture::isExpected).toList());
    List<RowImage.Row> changes = new ArrayList<>();
    if (!sources.isEmpty()) {
      for (KeyedRows.Row row : expected.rows()) {
        byte[][] was = valuesOf(image, row);
        byte[][] becomes = Arrays.copyOfRange(row.values(), columns, columns + sources.size());
        if (!KeyedRows.equal(was, becomes)) {
          changes.add(RowImage.updated(row.key(), was, becomes));
        }
      }
    }
    PreparedStatement update = statements.bound(connection, change.update(), range);
    update.executeLargeUpdate();
    List<Long> counted = IgnoredRows.messageNumbers(update);
    boolean all = expected.size() == locked.size();
    // The rows that are locked and as expected have matched. By their number, no others have.
    if (!sources.isEmpty()
        && counted.get(0) == expected.size()
        && counted.get(1) == changes.size()) {
      left = all ? List.of() : unexpected.read(connection, range, image.keys(), expected);
      return result(changes.isEmpty() ? List.of() : List.of(image.of(changes)));
    }
    return compared(image, adding, locked, all);
  }

  /**
   * Returns the differences between the rows before and after.
   *
   * @param before rows before, whose values begin with those of the image's columns
   * @param all whether all of them were as the file expects
   */
  private ChunkResult compared(
      RowImage image, @Nullable ImageLayout adding, KeyedRows before, boolean all)
      throws SQLException {
    long added = adding == null ? 0 : run(change.insert());
    // A new row is compared as a whole, and an old one by its written columns.
    RowImage whole = added == 0 || adding == null ? image : adding.image();
    int[] written =
        image.columns().stream().mapToInt(column -> whole.columns().indexOf(column)).toArray();
    KeyedRows after = read(whole).keyed();
    check(after.size() == before.size() + added);
    List<RowImage.Row> changes = new ArrayList<>();
    List<KeyedRows.Row> changed = new ArrayList<>();
    List<RowImage.Row> news = new ArrayList<>();
    for (int i = 0; i < after.size(); i++) {
      KeyedRows.Row is = after.rows().get(i);
      KeyedRows.Row was = before.find(is.key(), i);
      if (was == null) {
        news.add(RowImage.inserted(is.key(), is.values()));
        changed.add(is);
        continue;
      }
      byte[][] now = new byte[written.length][];
      Arrays.setAll(now, column -> is.values()[written[column]]);
      byte[][] old = valuesOf(image, was);
      if (!KeyedRows.equal(old, now)) {
        changes.add(RowImage.updated(was.key(), old, now));
        changed.add(is);
      }
    }
    check(news.size() == added);
    left =
        all ? List.of() : unexpected.read(connection, range, image.keys(), new KeyedRows(changed));
    List<RowImage> images = new ArrayList<>();
    if (!changes.isEmpty()) {
      images.add(image.of(changes));
    }
    if (!news.isEmpty()) {
      images.add(whole.of(news));
    }
    return result(images);
  }

  private ChunkResult inserted(@Nullable ImageLayout layout) throws SQLException {
    if (layout == null) {
      throw new IllegalStateException("no rows are added");
    }
    RowImage image = layout.image();
    long added = run(change.insert());
    KeyedRows after = read(image).keyed();
    check(after.size() == added);
    return result(
        added == 0
            ? List.of()
            : List.of(
                image.of(
                    after.rows().stream()
                        .map(row -> RowImage.inserted(row.key(), row.values()))
                        .toList())));
  }

  private ChunkResult result(List<RowImage> images) {
    int changed = images.stream().mapToInt(image -> image.rows().size()).sum();
    return new ChunkResult(
        changed, changed == 0 ? null : new Image(changed, RowImage.write(images)));
  }

  /**
   * Locks the rows that the lines find, and reads them: the values of the image's columns, then
   * those of columns of the lines, and last whether a row is as the file expects it, if it expects
   * any.
   */
  private LockedRows locked(RowImage image, List<ImageColumn> sources) throws SQLException {
    return read(image, sources, !change.expect().isEmpty(), FileChange.LOCKED);
  }

  /** Reads the rows that the lines find. */
  private LockedRows read(RowImage image) throws SQLException {
    return read(image, List.of(), false, "");
  }

  private LockedRows read(RowImage image, List<ImageColumn> sources, boolean expected, String tail)
      throws SQLException {
    List<ImageColumn> ofRow =
        Stream.concat(image.keys().stream(), image.columns().stream()).toList();
    Stream<ImageColumn> last = expected ? Stream.of(EXPECTED) : Stream.of();
    List<String> lastSql = expected ? List.of("(" + change.expected() + ")") : List.of();
    List<ImageColumn> values =
        Stream.of(image.columns().stream(), sources.stream(), last)
            .flatMap(columns -> columns)
            .toList();
    if (AggregatedRows.isPossible(Stream.concat(ofRow.stream(), sources.stream()).toList())) {
      Optional<AggregatedRows> rows =
          AggregatedRows.read(
              statements,
              connection,
              image.keys(),
              values,
              Stream.of(
                      AggregatedRows.listed(ofRow, FileChange.ROW),
                      AggregatedRows.listed(sources, FileChange.FILE),
                      lastSql)
                  .flatMap(List::stream)
                  .toList(),
              select -> rows(select, tail));
      if (rows.isPresent()) {
        return rows.get();
      }
    }
    String select =
        Stream.of(
                ofRow.stream().map(column -> column.selected(FileChange.ROW)),
                sources.stream().map(column -> column.selected(FileChange.FILE)),
                lastSql.stream())
            .flatMap(columns -> columns)
            .collect(Collectors.joining(", ", "SELECT ", ""));
    BoundText query = rows(select, tail);
    return KeyedRows.read(
        statements.bound(connection, query.sql(), query.values()), image.keys(), values);
  }

  private BoundText rows(String select, String tail) {
    return new BoundText(select + " FROM " + change.joined() + tail, range);
  }

  private void check(boolean same) throws SQLException {
    if (!same) {
      throw new SQLTransactionRollbackException(CHANGED_MEANWHILE, "40001");
    }
  }
}
