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
  void every_status_leads_to_a_final_one() {
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
  void a_final_status_frees_the_project() {
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
      assertTrue(status.next().containsAll(status.requestable()), status::text);
    }
  }

  @Test
  void exactly_the_transitions_of_the_table_are_allowed() {
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
