package dev.rowmill.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class UsualRowsTest {

  private static Optional<UsualRows> of(String factor, Long... rows) {
    return UsualRows.of(List.of(rows), new BigDecimal(factor));
  }

  @Test
  void two_runs_are_too_few() {
    assertEquals(Optional.empty(), of("5", 1L, 2L));
    assertEquals(2, of("5", 1L, 2L, 3L).orElseThrow().median());
  }

  @Test
  void one_outlier_moves_the_median_little() {
    assertEquals(200, of("5", 100L, 900_000L, 200L).orElseThrow().median());
    assertEquals(250, of("5", 300L, 900_000L, 200L, 100L).orElseThrow().median());
  }

  @Test
  void the_bound_is_the_factor_times_the_median_but_not_of_few_rows() {
    assertEquals(250, of("2.50", 100L, 100L, 100L).orElseThrow().most());
    assertEquals(252, of("2.50", 101L, 101L, 101L).orElseThrow().most());
    assertEquals(50, of("5", 0L, 0L, 0L).orElseThrow().most());
    long huge = Long.MAX_VALUE;
    assertEquals(huge, of("5", huge, huge, huge).orElseThrow().most());
    assertEquals(huge, of("5", huge, huge, huge, huge).orElseThrow().median());
  }
}
