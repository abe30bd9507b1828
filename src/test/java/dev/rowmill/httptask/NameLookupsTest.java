package dev.rowmill.httptask;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class NameLookupsTest {

  @Test
  void a_slow_name_delays_only_its_own_calls() throws Exception {
    var release = new CountDownLatch(1);
    var slow = new AtomicInteger();
    var names =
        new NameLookups(
            host -> {
              if (host.startsWith("slow")) {
                slow.incrementAndGet();
                await(release);
              }
              return new InetAddress[] {InetAddress.getLoopbackAddress()};
            });
    try {
      CompletableFuture<InetAddress[]> first = names.find("slow.example.com");
      for (int i = 0; i < 100; i++) {
        assertSame(first, names.find("slow.example.com"));
        names.find("slow" + i % 5 + ".example.com");
      }
      // Ends if the fast name waits for the slow ones.
      assertEquals(1, names.find("fast.example.com").get(1, TimeUnit.MINUTES).length);
      assertFalse(first.isDone());
      release.countDown();
      assertEquals(1, first.get().length);
      assertEquals(6, slow.get());
      assertEquals(1, names.find("slow.example.com").get().length);
      assertEquals(7, slow.get());
    } finally {
      names.close();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void a_name_without_an_address_is_looked_up_again() {
    var times = new AtomicInteger();
    var names =
        new NameLookups(
            host -> {
              times.incrementAndGet();
              throw new UnknownHostException(host);
            });
    try {
      for (int i = 1; i <= 2; i++) {
        var failure =
            assertThrows(ExecutionException.class, () -> names.find("none.example.com").get());
        assertInstanceOf(UnknownHostException.class, failure.getCause());
        assertEquals(i, times.get());
      }
    } finally {
      names.close();
    }
  }
}
