package dev.rowmill.httptask;

import dev.rowmill.task.Preparation.Hold;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Brings the rows of a chunk to a worker. Thread-safe. */
interface CallChannel {

  /**
   * Represents a request.
   *
   * @param key identifies the rows: the same for each try
   * @param attempt number of the try, from 1
   * @param body JSON in UTF-8
   * @param answer reserves the room for the answer; the channel closes it
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Request(
      HttpTask task,
      String project,
      long batch,
      String key,
      int attempt,
      byte[] body,
      AnswerMemory.Ticket answer) {}

  /**
   * Begins a call. Cancelling the future abandons it.
   *
   * @return never completes with an exception, except that of a cancellation
   */
  CompletableFuture<CallOutcome> send(Request request);

  /** Returns why the calls of a batch wait; empty for no reason worth to be shown. */
  default Optional<Hold> hold(long batch) {
    return Optional.empty();
  }
}
