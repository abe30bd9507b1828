package dev.rowmill.sql.run;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.sql.parse.ParsedStatement.Kind;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.run.FileChange.Pair;
import dev.rowmill.sql.table.Catalog;
import dev.rowmill.sql.table.ChunkKey;
import dev.rowmill.sql.value.BoundText;
import dev.rowmill.sql.value.RunStatements;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkResult;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.Extent;
import dev.rowmill.task.Image;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import dev.rowmill.task.RowKey;
import dev.rowmill.task.SideReader;
import dev.rowmill.task.StatementTag;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Walks the lines of a staged file, and changes the rows of a table that they find. A cursor is the
 * number of a line.
 *
 * <p>A chunk first locks all rows that its lines find. So the rows before and after the statement
 * are exactly those that it has changed, whatever the condition and the triggers. A row that
 * another session adds in between shows as one more row, and the chunk is repeated.
 */
public final class FileRun implements ChunkedRun {

  private static final String LOCKED = " FOR UPDATE";

  private static final String CHANGED_MEANWHILE =
      "another session has added or removed rows of the chunk";

  /**
   * Holds what is stored of the rows.
   *
   * @param updated layout of the rows that exist; null if none are changed
   * @param inserted layout of new rows; null if none are added
   */
  private record Layouts(@Nullable ImageLayout updated, @Nullable ImageLayout inserted) {
    int mostRows() {
      return Stream.of(updated, inserted)
          .flatMap(Stream::ofNullable)
          .mapToInt(ImageLayout::mostRows)
          .min()
          .orElse(Integer.MAX_VALUE);
    }
  }

  private final FileChange change;
  private final long rows;
  private final RunStatements statements = new RunStatements();
  private @Nullable Layouts layouts;
  private int mostRows = Integer.MAX_VALUE;
  private List<LeftRow> left = List.of();

  /** Holds the columns of the file that updated rows get unchanged; none if that is unknown. */
  private List<ImageColumn> copied = List.of();

  /**
   * @param rows number of lines of the file
   */
  public FileRun(FileChange change, long rows) {
    this.change = change;
    this.rows = rows;
  }

  @Override
  public void mark(StatementTag mark) {
    statements.mark(mark);
  }

  @Override
  public Optional<String> sizeKey() {
    return Optional.of(change.target().written() + " by a file");
  }

  @Override
  public Optional<Extent> extent(Connection connection) throws SQLException {
    try (ResultSet row =
        statements
            .bound(
                connection, "SELECT MAX(" + line() + ") FROM " + change.file().quoted(), List.of())
            .executeQuery()) {
      row.next();
      String last = row.getString(1);
      return last == null ? Optional.empty() : Optional.of(new Extent(last, OptionalLong.of(rows)));
    }
  }

  private static String line() {
    return TableName.quoted(FileChange.LINE);
  }

  @Override
  public Chunk next(Connection connection, @Nullable String after, String end, int wanted)
      throws SQLException {
    int most = Math.min(wanted, mostRows);
    String sql =
        "SELECT MAX(%1$s), COUNT(*) FROM (SELECT %1$s FROM %2$s WHERE %1$s > ? AND %1$s <= ? ORDER BY %1$s LIMIT ?) AS `next lines`"
            .formatted(line(), change.file().quoted());
    List<BoundText.Value> values = new ArrayList<>(range(after, end));
    values.add(new BoundText.Value((long) most));
    try (ResultSet row = statements.bound(connection, sql, values).executeQuery()) {
      row.next();
      long count = row.getLong(2);
      return new Chunk(after, count < most ? end : row.getString(1), count);
    }
  }

  private static List<BoundText.Value> range(@Nullable String after, String upTo) {
    return List.of(new BoundText.Value(number(after)), new BoundText.Value(number(upTo)));
  }

  private static long number(@Nullable String cursor) {
    return cursor == null ? 0 : Long.parseLong(cursor);
  }

  /** {@inheritDoc} They are even in the numbers of lines, so no line is read. */
  @Override
  public List<String> splitPoints(
      Connection connection, @Nullable String after, String end, int parts) {
    long from = number(after);
    long span = number(end) - from;
    List<String> points = new ArrayList<>();
    for (int part = 1; part < Math.min(parts, span); part++) {
      points.add(Long.toString(from + span * part / Math.min(parts, span)));
    }
    return points;
  }

  @Override
  public Optional<ChunkedRun> lookAheadRun() {
    var lookAheadRun = new FileRun(change, rows);
    lookAheadRun.mostRows = mostRows;
    return Optional.of(lookAheadRun);
  }

  @Override
  public List<LeftRow> leftRows() {
    return left;
  }

  @Override
  public long apply(Connection connection, Chunk chunk) throws SQLException {
    try (var ignored = WritingSession.strict(connection)) {
      return applyStrictly(connection, chunk);
    }
  }

  private long applyStrictly(Connection connection, Chunk chunk) throws SQLException {
    List<BoundText.Value> range = range(chunk.after(), chunk.upTo());
    if (!change.expect().isEmpty()) {
      try (ResultSet row =
          statements
              .bound(connection, "SELECT COUNT(*) FROM " + change.joined() + LOCKED, range)
              .executeQuery()) {
        row.next();
      }
    }
    left = unexpected(connection, range, List.of(), new KeyedRows());
    return switch (change.action()) {
      case DELETE -> run(connection, change.delete(), range);
      case UPDATE -> run(connection, change.update(), range);
      case INSERT -> run(connection, change.insert(), range);
      case UPSERT ->
          run(connection, change.update(), range) + run(connection, change.insert(), range);
    };
  }

  private long run(Connection connection, String sql, List<BoundText.Value> range)
      throws SQLException {
    return statements.bound(connection, sql, range).executeLargeUpdate();
  }

  @Override
  public Optional<Refusal> undoRefusal(Connection connection, boolean secret) throws SQLException {
    Optional<Refusal> refused = undoRefusal(connection, change);
    if (refused.isEmpty()) {
      Layouts all = layouts(connection, change);
      layouts = all;
      mostRows = all.mostRows();
      copied = copied(connection, all);
    }
    return refused;
  }

  /** Returns the reasons why no undo data can be stored for a change; empty if it can. */
  public static Optional<Refusal> undoRefusal(Connection connection, FileChange change)
      throws SQLException {
    ChunkKey key = change.key();
    String table = change.target().written();
    List<Reason> reasons = new ArrayList<>();
    if (key == null) {
      reasons.add(Reason.of("undo-no-key", "table", table));
    } else if (change.action().updates()
        && change.set().stream()
            .anyMatch(
                pair ->
                    key.columns().stream()
                        .anyMatch(part -> part.name().equalsIgnoreCase(pair.column().name())))) {
      reasons.add(Reason.of("undo-key-changes", "key", key.index()));
    } else {
      Layouts all = layouts(connection, change);
      Stream.of(all.updated(), all.inserted())
          .flatMap(Stream::ofNullable)
          .map(ImageLayout::refused)
          .flatMap(Stream::ofNullable)
          .flatMap(refused -> refused.reasons().stream())
          .distinct()
          .forEach(reasons::add);
    }
    return reasons.isEmpty()
        ? Optional.empty()
        : Optional.of(new Refusal("undo-impossible", Map.of(), reasons));
  }

  /**
   * Returns the columns of the file in the order of the image's columns, if the rows get exactly
   * their values: no trigger and no other rule of the table changes them. Else none.
   */
  private List<ImageColumn> copied(Connection connection, Layouts all) throws SQLException {
    ImageLayout updated = all.updated();
    if (updated == null
        || change.action() != FileChange.Action.UPDATE
        || updated.image().columns().size() != change.set().size()
        || !new Catalog(connection).isGranted("TRIGGER", change.target())) {
      return List.of();
    }
    List<ImageColumn> sources = new ArrayList<>();
    for (ImageColumn column : updated.image().columns()) {
      change.set().stream()
          .filter(pair -> pair.column().name().equals(column.name()))
          .map(
              pair ->
                  new ImageColumn(
                      pair.source(),
                      column.form(),
                      column.type(),
                      column.charset(),
                      column.collation()))
          .forEach(sources::add);
    }
    return sources.size() == change.set().size() ? sources : List.of();
  }

  private static Layouts layouts(Connection connection, FileChange change) throws SQLException {
    return new Layouts(
        change.action() == FileChange.Action.INSERT
            ? null
            : layout(
                connection,
                change,
                change.action() == FileChange.Action.DELETE ? Kind.DELETE : Kind.UPDATE),
        change.action().inserts() ? layout(connection, change, Kind.INSERT) : null);
  }

  private static ImageLayout layout(Connection connection, FileChange change, Kind kind)
      throws SQLException {
    ChunkKey key = change.key();
    if (key == null) {
      throw new IllegalStateException("the table has no key");
    }
    return ImageLayout.of(
        connection,
        kind,
        change.target(),
        change.set().stream().map(pair -> pair.column().name()).toList(),
        key);
  }

  @Override
  public ChunkResult applyAndCapture(Connection connection, Chunk chunk, SideReader sideReader)
      throws SQLException {
    try (var ignored = WritingSession.strict(connection)) {
      return applyAndCapture(connection, chunk);
    }
  }

  private ChunkResult applyAndCapture(Connection connection, Chunk chunk) throws SQLException {
    Layouts stored = layouts;
    if (stored == null) {
      throw new IllegalStateException("undoRefusal was not called, or refused");
    }
    var captured = new Captured(connection, range(chunk.after(), chunk.upTo()));
    ImageLayout updated = stored.updated();
    ImageLayout inserted = stored.inserted();
    if (updated == null) {
      return captured.inserted(inserted);
    } else if (change.action() == FileChange.Action.DELETE) {
      return captured.deleted(updated.image());
    }
    return captured.updated(updated.image(), inserted);
  }

  /** Changes the rows of a range of lines, and captures their images. */
  private final class Captured {
    private final Connection connection;
    private final List<BoundText.Value> range;

    Captured(Connection connection, List<BoundText.Value> range) {
      this.connection = connection;
      this.range = range;
    }

    ChunkResult deleted(RowImage image) throws SQLException {
      LockedRows before = read(image, image.columns(), List.of(), LOCKED);
      long changed = run(connection, change.delete(), range);
      if (changed == before.size()) {
        left = List.of();
        return new ChunkResult(
            changed, changed == 0 ? null : new Image((int) changed, RowImage.write(image, before)));
      }
      // The rows that are not as expected are still there.
      KeyedRows others = read(image, List.of(), List.of(), "").keyed();
      left = unexpected(connection, range, image.keys(), new KeyedRows());
      List<RowImage.Row> rows = new ArrayList<>();
      for (KeyedRows.Row row : before.keyed().rows()) {
        if (others.find(row.key(), 0) == null) {
          rows.add(RowImage.deleted(row.key(), row.values()));
        }
      }
      check(rows.size() == changed);
      return result(rows.isEmpty() ? List.of() : List.of(image.of(rows)));
    }

    ChunkResult updated(RowImage image, @Nullable ImageLayout adding) throws SQLException {
      List<ImageColumn> sources = adding == null ? copied : List.of();
      int columns = image.columns().size();
      KeyedRows locked = read(image, image.columns(), sources, LOCKED).keyed();
      List<RowImage.Row> changes = new ArrayList<>();
      if (!sources.isEmpty()) {
        for (KeyedRows.Row row : locked.rows()) {
          byte[][] was = Arrays.copyOf(row.values(), columns);
          byte[][] becomes = Arrays.copyOfRange(row.values(), columns, row.values().length);
          if (!KeyedRows.equal(was, becomes)) {
            changes.add(RowImage.updated(row.key(), was, becomes));
          }
        }
      }
      PreparedStatement update = statements.bound(connection, change.update(), range);
      update.executeLargeUpdate();
      List<Long> counted = IgnoredRows.messageNumbers(update);
      boolean all = counted.get(0) == locked.size();
      if (!sources.isEmpty() && all && counted.get(1) == changes.size()) {
        left = List.of();
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
      long added = adding == null ? 0 : run(connection, change.insert(), range);
      // A new row is compared as a whole, and an old one by its written columns.
      RowImage whole = added == 0 || adding == null ? image : adding.image();
      int[] written =
          image.columns().stream().mapToInt(column -> whole.columns().indexOf(column)).toArray();
      KeyedRows after = read(whole, whole.columns(), List.of(), "").keyed();
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
        byte[][] old = Arrays.copyOf(was.values(), written.length);
        if (!KeyedRows.equal(old, now)) {
          changes.add(RowImage.updated(was.key(), old, now));
          changed.add(is);
        }
      }
      check(news.size() == added);
      left = all ? List.of() : unexpected(connection, range, image.keys(), new KeyedRows(changed));
      List<RowImage> images = new ArrayList<>();
      if (!changes.isEmpty()) {
        images.add(image.of(changes));
      }
      if (!news.isEmpty()) {
        images.add(whole.of(news));
      }
      return result(images);
    }

    ChunkResult inserted(@Nullable ImageLayout layout) throws SQLException {
      if (layout == null) {
        throw new IllegalStateException("no rows are added");
      }
      RowImage image = layout.image();
      long added = run(connection, change.insert(), range);
      KeyedRows after = read(image, image.columns(), List.of(), "").keyed();
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
     * Reads the rows that the lines find.
     *
     * @param columns columns of the rows
     * @param sources columns of the lines, whose values follow
     */
    private LockedRows read(
        RowImage image, List<ImageColumn> columns, List<ImageColumn> sources, String tail)
        throws SQLException {
      List<ImageColumn> ofRow = Stream.concat(image.keys().stream(), columns.stream()).toList();
      List<ImageColumn> values = Stream.concat(columns.stream(), sources.stream()).toList();
      if (AggregatedRows.isPossible(Stream.concat(ofRow.stream(), sources.stream()).toList())) {
        Optional<AggregatedRows> rows =
            AggregatedRows.read(
                statements,
                connection,
                image.keys(),
                values,
                Stream.concat(
                        AggregatedRows.listed(ofRow, FileChange.ROW).stream(),
                        AggregatedRows.listed(sources, FileChange.FILE).stream())
                    .toList(),
                select -> rows(select, tail));
        if (rows.isPresent()) {
          return rows.get();
        }
      }
      String select =
          Stream.concat(
                  ofRow.stream().map(column -> column.selected(FileChange.ROW)),
                  sources.stream().map(column -> column.selected(FileChange.FILE)))
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

  /**
   * Returns the lines whose row is not as the file expects it; the rows must be locked.
   *
   * @param keys key of the rows; empty if none are changed yet
   * @param changed rows that the chunk has changed, which were as expected
   */
  private List<LeftRow> unexpected(
      Connection connection, List<BoundText.Value> range, List<ImageColumn> keys, KeyedRows changed)
      throws SQLException {
    if (change.expect().isEmpty()) {
      return List.of();
    }
    List<LeftRow> found = new ArrayList<>();
    List<ImageColumn> shown = change.matchColumns();
    PreparedStatement query =
        statements.bound(
            connection,
            change.unexpected(Stream.concat(keys.stream(), shown.stream()).toList()),
            range);
    try (ResultSet row = query.executeQuery()) {
      while (row.next()) {
        int column = 2 + change.expect().size();
        byte[][] key = new byte[keys.size()][];
        for (int i = 0; i < key.length; i++) {
          key[i] = keys.get(i).read(row, column);
          column += keys.get(i).width();
        }
        if (changed.size() > 0 && changed.find(key, 0) != null) {
          continue;
        }
        String line = row.getString(1);
        ObjectNode json = JsonNodeFactory.instance.objectNode().put(FileChange.LINE, line);
        for (ImageColumn part : shown) {
          json.put(part.name(), part.shown(part.read(row, column)));
          column += part.width();
        }
        found.add(new LeftRow(new RowKey(line, json.toString()), reason(row)));
      }
    }
    return found;
  }

  private String reason(ResultSet row) throws SQLException {
    List<String> different = new ArrayList<>();
    for (int i = 0; i < change.expect().size(); i++) {
      Pair pair = change.expect().get(i);
      if (!row.getBoolean(2 + i)) {
        different.add(pair.column().name());
      }
    }
    return "not as the file expects: " + String.join(", ", different);
  }
}
