package dev.rowmill.batch;

import java.util.List;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A keyset page.
 *
 * @param next key of its last item, to ask for the next page by; null on the last
 */
public record Page<T>(List<T> items, @Nullable Long next) {

  /**
   * Makes a page of what was found by asking for one more than it holds.
   *
   * @param limit items at most
   * @param key of an item
   */
  public static <T> Page<T> of(List<T> oneMore, int limit, ToLongFunction<T> key) {
    if (oneMore.size() <= limit) {
      return new Page<>(oneMore, null);
    }
    List<T> items = oneMore.subList(0, limit);
    return new Page<>(List.copyOf(items), key.applyAsLong(items.get(limit - 1)));
  }
}
