package dev.rowmill.rest.mcp;

import dev.rowmill.rest.http.BodyReader;
import dev.rowmill.rest.http.JsonBody;
import io.smallrye.mutiny.Uni;
import java.util.function.Function;

/**
 * Represents a tool that assistants can call.
 *
 * @param name name in the protocol, in snake case
 * @param description what it does, for the assistant
 * @param arguments record of the arguments, which {@link BodyReader} reads
 * @param effect what a call may change
 * @param call carries out a call on the request's own thread; a tool that waits returns before the
 *     end of its wait. Throws what an operation of the REST API throws
 */
record AgentTool<A extends Record>(
    String name,
    String title,
    String description,
    Class<A> arguments,
    Effect effect,
    Function<A, Uni<ToolResult>> call) {

  /** Says what a call of a tool may change. */
  enum Effect {
    /** Changes nothing. */
    READS,
    /** Changes the state of Rowmill, but no row of a table. */
    CONTROLS,
    /** Changes rows of a table. */
    CHANGES_ROWS
  }

  /** Creates a tool that does not wait. */
  static <A extends Record> AgentTool<A> of(
      String name,
      String title,
      String description,
      Class<A> arguments,
      Effect effect,
      Function<A, ToolResult> call) {
    return new AgentTool<>(
        name,
        title,
        description,
        arguments,
        effect,
        read -> Uni.createFrom().item(call.apply(read)));
  }

  /** Reads the arguments of a call, and carries it out. */
  Uni<ToolResult> call(JsonBody body) {
    A read = BodyReader.read(body, arguments);
    body.check();
    return call.apply(read);
  }
}
