package dev.rowmill.testing;

import dev.rowmill.task.PlainContext;
import dev.rowmill.task.PlainTask;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/** Blocks its thread until the test opens the gate, or a stop is requested. */
@ApplicationScoped
public class GateTask implements PlainTask<GateTask.Parameters> {

  public record Parameters(String gate) {}

  private static final ConcurrentHashMap<String, CountDownLatch> GATES = new ConcurrentHashMap<>();

  /** Releases all current and future waiters of a gate. */
  public static void open(String gate) {
    latch(gate).countDown();
  }

  private static CountDownLatch latch(String gate) {
    return GATES.computeIfAbsent(gate, g -> new CountDownLatch(1));
  }

  @Override
  public String name() {
    return "gate";
  }

  @Override
  public String description() {
    return "Waits for a gate to open.";
  }

  @Override
  public Class<Parameters> parametersType() {
    return Parameters.class;
  }

  @Override
  public void run(PlainContext<Parameters> context) throws InterruptedException {
    latch(context.parameters().gate()).await();
  }
}
