package dev.rowmill.rest.batch;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.rowmill.batch.BatchView;
import dev.rowmill.dispatch.StartRequest;
import dev.rowmill.rest.http.BodyReader;
import dev.rowmill.rest.http.InvalidRequestException;
import dev.rowmill.rest.http.JsonBody;
import dev.rowmill.rest.http.RequestHash;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.nio.charset.StandardCharsets;
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

  private static final byte[] EMPTY = "{}".getBytes(StandardCharsets.UTF_8);

  /**
   * Reads the body of a request to undo a batch.
   *
   * @param bytes empty or null for all defaults
   * @param idempotencyKey the header's valid value, or null
   * @throws InvalidRequestException with all violations of the body
   */
  static StartRequest read(
      BatchView batch, byte @Nullable [] bytes, @Nullable String idempotencyKey) {
    JsonBody body = JsonBody.of(bytes == null || bytes.length == 0 ? EMPTY : bytes);
    UndoRequestBody undo = BodyReader.read(body, UndoRequestBody.class);
    body.check();
    OnConflict onConflict = undo.onConflict == null ? OnConflict.SKIP : undo.onConflict;
    StartBody.Manner manner = undo.manner;
    return new StartRequest(
        batch.project(),
        null,
        null,
        JsonNodeFactory.instance
            .objectNode()
            .put("batch", batch.id())
            .put("onConflict", BodyReader.text(onConflict)),
        manner.undo(),
        null,
        null,
        manner.mode(),
        manner.busy(),
        manner.settings().change(body.node()),
        manner.reason(),
        idempotencyKey,
        // A project's name has no space, so the hash cannot equal that of a start.
        RequestHash.of(batch.project() + " undo " + batch.id(), body.node()));
  }
}
