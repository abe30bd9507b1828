package dev.rowmill.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class LaneBudgetTest {

  private static LaneBudget budget(int lanes) {
    return new LaneBudget(lanes, 3);
  }

  @Test
  void no_more_lanes_are_taken_than_it_has() {
    LaneBudget budget = budget(2);
    assertTrue(budget.take());
    assertTrue(budget.take());
    assertFalse(budget.take());
    budget.release(1);
    assertTrue(budget.take());
    assertEquals(2, budget.used());
  }

  @Test
  void a_budget_of_0_allows_no_further_lane() {
    assertFalse(budget(0).take());
  }
}
