package dev.rowmill.sql.run;

import dev.rowmill.sql.parse.ParsedStatement.Kind;
import dev.rowmill.sql.table.Catalog;
import dev.rowmill.sql.table.ChunkKey;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Holds what is stored of the rows that a file changes, so that they can be restored. Immutable.
 *
 * @param updated layout of the rows that exist; null if none are changed
 * @param inserted layout of new rows; null if none are added
 */
record FileLayouts(
    FileChange change, @Nullable ImageLayout updated, @Nullable ImageLayout inserted) {

  /** Returns the layouts of a change of a table that has a key. */
  static FileLayouts of(Connection connection, FileChange change) throws SQLException {
    return new FileLayouts(
        change,
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

  /** Returns the reasons why no undo data can be stored for a change; empty if it can. */
  static Optional<Refusal> undoRefusal(Connection connection, FileChange change)
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
      FileLayouts all = of(connection, change);
      Stream.of(all.updated, all.inserted)
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

  /** Returns the number of rows that an image can have. */
  int mostRows() {
    return Stream.of(updated, inserted)
        .flatMap(Stream::ofNullable)
        .mapToInt(ImageLayout::mostRows)
        .min()
        .orElse(Integer.MAX_VALUE);
  }

  /**
   * Returns the columns of the file in the order of the image's columns, if the rows get exactly
   * their values: no trigger and no other rule of the table changes them. Else none.
   */
  List<ImageColumn> copied(Connection connection) throws SQLException {
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
}
