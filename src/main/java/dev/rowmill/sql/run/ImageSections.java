package dev.rowmill.sql.run;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;

/** Divides undo images into sections, which are read one by one. For one thread at a time. */
public final class ImageSections {

  /** Limits the rows of a section. */
  private static final int MOST_ROWS = 5_000;

  /** Limits the stored bytes of a section of several rows. */
  private static final long MOST_BYTES = 2L << 20;

  private final boolean newestFirst;
  private final KeyFilter keys;

  /** Holds the rows that are left, in the order in which they are read. */
  private final Deque<RowImage> left = new ArrayDeque<>();

  /**
   * @param newestFirst whether the last rows of an image come first
   * @param keys rows to read
   */
  public ImageSections(boolean newestFirst, KeyFilter keys) {
    this.newestFirst = newestFirst;
    this.keys = keys;
  }

  /**
   * Begins with the image of another chunk.
   *
   * @param image image that a run of SQL has stored
   * @param undone number of its rows, counted from the end, that are left out
   */
  public void open(byte[] image, int undone) {
    left.clear();
    List<RowImage> images = RowImage.read(image);
    int size = images.stream().mapToInt(each -> each.rows().size()).sum() - undone;
    for (RowImage each : images) {
      List<RowImage.Row> rows = each.rows().subList(0, Math.min(size, each.rows().size()));
      size -= rows.size();
      if (keys.isOfAll() || rows.isEmpty()) {
        add(each, rows);
      } else {
        Predicate<byte[]> selected = keys.of(each.keys().get(0));
        add(each, rows.stream().filter(row -> selected.test(row.key()[0])).toList());
      }
    }
  }

  private void add(RowImage image, List<RowImage.Row> rows) {
    List<RowImage.Row> inOrder = new ArrayList<>(rows);
    if (newestFirst) {
      Collections.reverse(inOrder);
      left.addFirst(image.with(inOrder));
    } else {
      left.addLast(image.with(inOrder));
    }
  }

  /** Returns whether all rows of the image have been returned. */
  public boolean isDone() {
    return left.isEmpty();
  }

  /** Returns the rows that were not returned yet, in an image for each table or kind of change. */
  public List<RowImage> left() {
    return List.copyOf(left);
  }

  /**
   * Returns the next rows of the image, of which there must be some, and none if no row of a part
   * of the image is selected.
   */
  public RowImage next() {
    RowImage image = left.removeFirst();
    int size = section(image.rows());
    if (size < image.rows().size()) {
      left.addFirst(image.with(image.rows().subList(size, image.rows().size())));
    }
    return image.with(image.rows().subList(0, size));
  }

  /** Returns how many rows the next section has. */
  private static int section(List<RowImage.Row> rows) {
    long bytes = 0;
    int size = 0;
    while (size < rows.size() && size < MOST_ROWS) {
      bytes += JsonRowTable.characters(rows.get(size).before());
      if (bytes > MOST_BYTES && size > 0) {
        break;
      }
      size++;
    }
    return size;
  }
}
