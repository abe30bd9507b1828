package dev.rowmill.testing;

import dev.rowmill.task.PlainContext;
import dev.rowmill.task.PlainTask;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.ConcurrentHashMap;

/** Runs the call that a test has registered under a name. */
@ApplicationScoped
public class CallTask implements PlainTask<CallTask.Parameters> {

  public record Parameters(String call) {}

  /** Represents a call of a test. */
  public interface Call {
    void run(PlainContext<Parameters> context) throws Exception;
  }

  private static final ConcurrentHashMap<String, Call> CALLS = new ConcurrentHashMap<>();

  public static void put(String name, Call call) {
    CALLS.put(name, call);
  }

  @Override
  public String name() {
    return "call";
  }

  @Override
  public String description() {
    return "Calls the code that a test has registered under a name.";
  }

  @Override
  public Class<Parameters> parametersType() {
    return Parameters.class;
  }

  @Override
  public void run(PlainContext<Parameters> context) throws Exception {
    CALLS.get(context.parameters().call()).run(context);
  }
}
