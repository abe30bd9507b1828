package dev.rowmill.dispatch;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.Mode;
import dev.rowmill.batch.SecretValues;
import dev.rowmill.batch.Submission;
import dev.rowmill.dispatch.task.BoundTask;
import dev.rowmill.dispatch.task.TaskRegistry;
import org.jspecify.annotations.Nullable;

/**
 * Represents a request for a batch with a valid form: exactly one of {@code sql} and {@code task}
 * is set, or neither for an undo.
 *
 * @param parameters parameters of the statement or task, as received
 * @param undo whether to store undo data; null for the configured policy
 * @param check a SELECT that must stay true; null for none
 * @param canaryChunks number of chunks before the first check; null for the default
 * @param mode null for the configured one
 * @param settings overrides of the configured settings
 * @param idempotencyKey the caller's, or null
 * @param requestHash hash that only an equal request shares, at most 64 ASCII characters
 * @param confirmed unusual effects that the caller confirms
 * @param submission submission, with the name of the saved statement, if any
 */
public record StartRequest(
    String project,
    @Nullable String sql,
    @Nullable String task,
    ObjectNode parameters,
    @Nullable Boolean undo,
    @Nullable String check,
    @Nullable Integer canaryChunks,
    @Nullable Mode mode,
    OnBusy onBusy,
    SettingsChange settings,
    @Nullable String reason,
    @Nullable String idempotencyKey,
    String requestHash,
    Confirmations confirmed,
    Submission submission) {

  /** Creates a request without confirmations and with an empty submission. */
  public StartRequest(
      String project,
      @Nullable String sql,
      @Nullable String task,
      ObjectNode parameters,
      @Nullable Boolean undo,
      @Nullable String check,
      @Nullable Integer canaryChunks,
      @Nullable Mode mode,
      OnBusy onBusy,
      SettingsChange settings,
      @Nullable String reason,
      @Nullable String idempotencyKey,
      String requestHash) {
    this(
        project,
        sql,
        task,
        parameters,
        undo,
        check,
        canaryChunks,
        mode,
        onBusy,
        settings,
        reason,
        idempotencyKey,
        requestHash,
        Confirmations.NONE,
        Submission.NONE);
  }

  /** Returns a copy with the SQL and the values of a saved statement. */
  public StartRequest of(String statement, ObjectNode values, boolean wholeTable) {
    return with(statement, null, values, confirmed.ofWholeTable(wholeTable), submission);
  }

  /** Returns the secret values of the parameters, to be masked in all output. */
  public SecretValues secrets() {
    return SecretValues.of(parameters, submission.secrets());
  }

  /** Returns a copy with another submission. */
  public StartRequest on(Submission others) {
    return with(sql, task, parameters, confirmed, others);
  }

  private StartRequest with(
      @Nullable String ofSql,
      @Nullable String ofTask,
      ObjectNode values,
      Confirmations confirmations,
      Submission others) {
    return new StartRequest(
        project,
        ofSql,
        ofTask,
        values,
        undo,
        check,
        canaryChunks,
        mode,
        onBusy,
        settings,
        reason,
        idempotencyKey,
        requestHash,
        confirmations,
        others);
  }

  /**
   * Returns the task of this request, with its parameters.
   *
   * @throws dev.rowmill.task.Refusal when there is no such task
   * @throws dev.rowmill.dispatch.task.InvalidParametersException when the task rejects them
   */
  BoundTask<?> bind(TaskRegistry tasks) {
    return tasks.bind(sql, task, parameters, submission.walk());
  }
}
