package dev.rowmill.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class BatchStatusTest {

  @Test
  void every_state_leads_to_an_end() {
    for (BatchStatus status : BatchStatus.values()) {
      assertTrue(leadsToAnEnd(status, Set.of()), () -> status + " leads nowhere");
    }
  }

  private static boolean leadsToAnEnd(BatchStatus status, Set<BatchStatus> seen) {
    if (status.isFinal()) {
      return true;
    }
    Set<BatchStatus> now = new java.util.HashSet<>(seen);
    now.add(status);
    return status.next().stream().anyMatch(n -> !now.contains(n) && leadsToAnEnd(n, now));
  }

  @Test
  void a_final_state_holds_no_project() {
    assertEquals(
        Set.of(BatchStatus.SUCCEEDED, BatchStatus.FAILED, BatchStatus.CANCELLED),
        Arrays.stream(BatchStatus.values())
            .filter(BatchStatus::isFinal)
            .filter(status -> !BatchStatus.ACTIVE.contains(status))
            .collect(Collectors.toSet()));
  }

  @Test
  void each_allowed_request_is_a_transition() {
    for (BatchStatus status : BatchStatus.values()) {
      assertTrue(status.next().containsAll(status.mayBeAskedFor()), status::text);
    }
  }

  @Test
  void a_change_is_allowed_exactly_if_the_table_has_it() {
    for (BatchStatus from : BatchStatus.values()) {
      for (BatchStatus to : BatchStatus.values()) {
        if (from.next().contains(to)) {
          Transition.check(from, to);
        } else {
          assertThrows(IllegalStateException.class, () -> Transition.check(from, to));
        }
      }
    }
    assertThrows(IllegalStateException.class, () -> Transition.check(null, BatchStatus.RUNNING));
  }
}
