package dev.rowmill.batch;

import java.util.List;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Represents a page of a list with keyset pagination.
 *
 * @param next key of its last item, by which the next page is requested; null on the last page
 */
public record Page<T>(List<T> items, @Nullable Long next) {

  /**
   * Creates a page from a result of one item more than the page holds.
   *
   * @param limit maximum number of items
   * @param key function that returns the key of an item
   */
  public static <T> Page<T> of(List<T> oneMore, int limit, ToLongFunction<T> key) {
    if (oneMore.size() <= limit) {
      return new Page<>(oneMore, null);
    }
    List<T> items = oneMore.subList(0, limit);
    return new Page<>(List.copyOf(items), key.applyAsLong(items.get(limit - 1)));
  }
}
