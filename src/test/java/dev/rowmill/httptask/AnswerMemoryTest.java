package dev.rowmill.httptask;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnswerMemoryTest {

  private final AnswerMemory memory = new AnswerMemory(100);
  private final List<String> resumed = new ArrayList<>();

  private AnswerMemory.Ticket waiting(String name, long bytes) {
    AnswerMemory.Ticket ticket = memory.open();
    assertFalse(ticket.reserve(bytes, () -> resumed.add(name)));
    return ticket;
  }

  private AnswerMemory.Ticket reserved(long bytes) {
    AnswerMemory.Ticket ticket = memory.open();
    assertTrue(ticket.reserve(bytes, () -> resumed.add("never")));
    return ticket;
  }

  @Test
  void responses_wait_in_their_order_until_there_is_room() {
    AnswerMemory.Ticket first = reserved(60);
    waiting("a", 50);
    waiting("b", 30);
    memory.add(10);
    memory.add(-10);
    assertEquals(List.of(), resumed);
    first.close();
    assertEquals(List.of("a", "b"), resumed);
  }

  @Test
  void answers_that_are_not_written_yet_take_room() {
    memory.add(90);
    waiting("a", 20);
    assertTrue(memory.open().mayRead());
    memory.add(10);
    assertFalse(memory.open().mayRead());
    memory.add(-20);
    assertEquals(List.of("a"), resumed);
  }

  @Test
  void the_response_that_a_lane_needs_is_read_without_room() {
    reserved(100);
    AnswerMemory.Ticket needed = waiting("a", 50);
    needed.need();
    assertEquals(List.of("a"), resumed);
    AnswerMemory.Ticket next = memory.open();
    next.need();
    assertTrue(next.mayRead());
    assertTrue(next.reserve(50, () -> resumed.add("never")));
  }

  @Test
  void a_closed_ticket_takes_no_room() {
    AnswerMemory.Ticket first = reserved(100);
    AnswerMemory.Ticket given = waiting("given up", 50);
    given.close();
    first.close();
    first.close();
    first.reserve(100, () -> resumed.add("never"));
    reserved(100);
    assertEquals(List.of(), resumed);
  }
}
