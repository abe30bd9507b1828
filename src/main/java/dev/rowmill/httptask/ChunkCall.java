package dev.rowmill.httptask;

import dev.rowmill.database.Digests;
import dev.rowmill.task.Chunk;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Sends rows of one chunk to the service. Thread-safe. */
final class ChunkCall implements CallQueue.Call {

  private static final int KEY_BYTES = 16;
  private static final byte[] BEGIN = {'['};
  private static final byte[] COMMA = {','};
  private static final byte[] END = {']'};

  /** Receives the outcome of a call. */
  interface Receiver {
    void received(ChunkCall call, CallOutcome outcome);

    /** Returns whether no call may begin now. */
    boolean isResting();
  }

  /**
   * Holds what all calls of a lane have in common.
   *
   * @param parameters JSON object
   */
  record Origin(
      HttpTask task,
      CallChannel channel,
      RowMemory rows,
      AnswerMemory answers,
      String project,
      long batch,
      int lane,
      String parameters) {}

  private final Origin origin;
  private final List<SentChunk.Row> rows;
  private final String head;
  private final String key;
  private final Receiver receiver;

  // Guarded by this.
  private AnswerMemory.@Nullable Ticket answer;
  private boolean needed;

  ChunkCall(Origin origin, Chunk chunk, List<SentChunk.Row> rows, Receiver receiver) {
    this.origin = origin;
    this.rows = rows;
    this.receiver = receiver;
    var digest = Digests.sha256();
    digest.update(
        (origin.task().name() + " " + origin.batch() + " ").getBytes(StandardCharsets.UTF_8));
    parts().forEach(digest::update);
    key = HexFormat.of().formatHex(digest.digest(), 0, KEY_BYTES);
    head =
        "{\"batch\":"
            + origin.batch()
            + ",\"lane\":"
            + origin.lane()
            + ",\"chunk\":{\"from\":"
            + (chunk.after() == null ? "null" : JsonText.quoted(chunk.after()))
            + ",\"to\":"
            + JsonText.quoted(chunk.upTo())
            + "},\"attempt\":";
  }

  List<SentChunk.Row> rows() {
    return rows;
  }

  /** Lets the answer be read at any time, because the lane waits for it. */
  synchronized void need() {
    needed = true;
    if (answer != null) {
      answer.need();
    }
  }

  @Override
  public boolean isResting() {
    return receiver.isResting();
  }

  @Override
  public synchronized boolean isHeldBack() {
    return answer != null && answer.isHeldBack();
  }

  private synchronized AnswerMemory.Ticket ticket() {
    AnswerMemory.Ticket fresh = origin.answers().open();
    answer = fresh;
    if (needed) {
      fresh.need();
    }
    return fresh;
  }

  @Override
  public CompletableFuture<CallOutcome> send(int attempt) {
    return origin
        .channel()
        .send(
            new CallChannel.Request(
                origin.task(),
                origin.project(),
                origin.batch(),
                key,
                attempt,
                body(attempt),
                ticket()));
  }

  private byte[] body(int attempt) {
    var out = new ByteArrayOutputStream();
    out.writeBytes(
        (head
                + attempt
                + ",\"idempotencyKey\":\""
                + key
                + "\",\"parameters\":"
                + origin.parameters()
                + ",\"rows\":")
            .getBytes(StandardCharsets.UTF_8));
    parts().forEach(out::writeBytes);
    out.write('}');
    return out.toByteArray();
  }

  /** Returns the parts of the JSON array of the rows. */
  private Stream<byte[]> parts() {
    return Stream.concat(
        IntStream.range(0, rows.size())
            .boxed()
            .flatMap(i -> Stream.of(i == 0 ? BEGIN : COMMA, rows.get(i).sent.json())),
        Stream.of(END));
  }

  @Override
  public void done(CallOutcome outcome) {
    receiver.received(this, outcome);
  }
}
