package dev.rowmill.rest.batch;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.BatchWork;
import dev.rowmill.dispatch.StartRequest;
import dev.rowmill.rest.http.BodyReader;
import dev.rowmill.rest.http.InvalidRequestException;
import dev.rowmill.rest.http.JsonBody;
import io.quarkus.runtime.annotations.RegisterForReflection;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Represents the body of a request to undo a batch. */
@RegisterForReflection
public record UndoRequestBody(
    @Schema(
            description =
                "What to do with a row that has been changed since: skip it and list it, stop,"
                    + " or overwrite it with the old value",
            defaultValue = "skip")
        @Nullable OnConflict onConflict,
    @JsonUnwrapped StartBody.Manner manner) {

  /** Selects what happens to a row that has been changed since. */
  public enum OnConflict {
    SKIP,
    STOP,
    OVERWRITE
  }

  /**
   * Reads the body of a request to undo a batch.
   *
   * @throws InvalidRequestException with all violations of the body
   */
  public static UndoRequestBody read(JsonBody body) {
    UndoRequestBody read = BodyReader.read(body, UndoRequestBody.class);
    read.manner.check(body);
    body.check();
    return read;
  }

  /**
   * Reads the body of a request to undo a chain.
   *
   * @throws InvalidRequestException with all violations of the body
   */
  static UndoRequestBody ofChain(JsonBody body) {
    ChainRequestBody.refuseOrder(body);
    return read(body);
  }

  /** Returns a request with the undo of a batch as its work, and these members over its own. */
  public StartRequest over(StartRequest base, long batch) {
    ObjectNode parameters =
        JsonNodeFactory.instance
            .objectNode()
            .put("batch", batch)
            .put("onConflict", BodyReader.text(onConflict == null ? OnConflict.SKIP : onConflict));
    BatchWork undo = BatchWork.undo(batch, parameters.toString());
    return manner.over(base.with(base.spec().with(undo)));
  }
}
