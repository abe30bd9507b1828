package dev.rowmill.sql.run;

import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.table.Catalog;
import dev.rowmill.task.Image;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads rows of a table before they are moved or deleted, and makes their image. For one thread.
 */
public final class MovedRows {

  private final ImageLayout layout;
  private KeyedRows rows = new KeyedRows();

  /**
   * @param layout layout of the rows as if they were only deleted
   * @param to table that they are moved to; null if they are only deleted
   */
  public MovedRows(ImageLayout layout, @Nullable TableName to) {
    this.layout = layout.movedTo(to);
  }

  /** Returns the maximum number of rows that are moved together. */
  public int mostRows() {
    return layout.mostRows();
  }

  /** Returns whether rows can be found in the other table by their keys, and compared there. */
  public boolean canComeBack(Catalog catalog) throws SQLException {
    RowImage back = layout.image().movedBack();
    return back.changedColumn(catalog).isEmpty()
        && catalog.indexes(back.table()).stream()
            .anyMatch(
                index ->
                    index.name().equals(back.index())
                        && index.isOf(back.keys().stream().map(ImageColumn::name).toList()));
  }

  /** Returns the SELECT list for {@link #read}. */
  public String select(String qualifier) {
    return KeyedRows.select(layout.image().keys(), layout.image().columns(), qualifier);
  }

  /** Reads more rows. */
  public void read(PreparedStatement query) throws SQLException {
    rows.add(query, layout.image().keys(), layout.image().columns());
  }

  /**
   * Returns the image of all rows that were read, and forgets them.
   *
   * @param tables rows of each table, in the order in which they were deleted
   */
  public static Image image(List<MovedRows> tables) throws SQLException {
    List<RowImage> images = tables.stream().map(MovedRows::take).toList();
    int count = images.stream().mapToInt(image -> image.rows().size()).sum();
    return ImageCapture.image(count, RowImage.write(images));
  }

  private RowImage take() {
    KeyedRows taken = rows;
    rows = new KeyedRows();
    return layout
        .image()
        .of(taken.rows().stream().map(row -> RowImage.deleted(row.key(), row.values())).toList());
  }
}
