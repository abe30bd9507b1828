package dev.rowmill.rest.batch;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.rowmill.batch.BatchView;
import dev.rowmill.dispatch.StartRequest;
import dev.rowmill.rest.http.InvalidRequestException;
import dev.rowmill.rest.http.JsonBody;
import dev.rowmill.rest.http.RequestHash;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads and validates the body of a request to undo a batch. Stateless. */
public final class UndoRequestBody {

  public static final List<String> ON_CONFLICT = List.of("skip", "stop", "overwrite");
  private static final byte[] EMPTY = "{}".getBytes(StandardCharsets.UTF_8);

  private UndoRequestBody() {}

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
    Set<String> known = new HashSet<>(StartBody.MANNER);
    known.add("onConflict");
    body.refuseUnknown(known);
    String onConflict =
        body.oneOf("onConflict", ON_CONFLICT.toArray(String[]::new), value -> value);
    StartBody.Manner manner = StartBody.manner(body);
    body.check();
    return new StartRequest(
        batch.project(),
        null,
        null,
        JsonNodeFactory.instance
            .objectNode()
            .put("batch", batch.id())
            .put("onConflict", onConflict == null ? ON_CONFLICT.get(0) : onConflict),
        manner.undo(),
        null,
        null,
        manner.mode(),
        manner.onBusy(),
        manner.settings(),
        manner.reason(),
        idempotencyKey,
        // A project's name has no space, so the hash cannot equal that of a start.
        RequestHash.of(batch.project() + " undo " + batch.id(), body.node()));
  }
}
