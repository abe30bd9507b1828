package dev.rowmill.dispatch;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.Mode;
import dev.rowmill.batch.SecretValues;
import dev.rowmill.batch.Submission;
import dev.rowmill.dispatch.task.BoundTask;
import dev.rowmill.dispatch.task.TaskRegistry;
import org.jspecify.annotations.Nullable;

/**
 * A request for a batch, its form checked: exactly one of {@code sql} and {@code task} is set, or
 * none for an undo.
 *
 * @param parameters of the statement or task, as they came
 * @param undo whether to keep what is needed to undo the batch; null for the configured way
 * @param check a SELECT that must stay true; null for none
 * @param canaryChunks after how many chunks the check is first made; null for the default
 * @param mode null for the configured one
 * @param settings what differs from the configured ones
 * @param idempotencyKey the caller's, or null
 * @param requestHash the same for the same request only, of 64 ASCII characters at most
 * @param confirmed what is meant although it is unusual
 * @param terms with the name of the saved statement, where there is one
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
    Submission terms) {

  /** One that confirms nothing and says nothing of terms. */
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

  /** The same with the work that a saved statement stands for. */
  public StartRequest of(String statement, ObjectNode values, boolean wholeTableMeant) {
    return with(statement, null, values, confirmed.ofWholeTable(wholeTableMeant), terms);
  }

  /** Values that nobody is to see. */
  public SecretValues secrets() {
    return SecretValues.of(parameters, terms.secrets());
  }

  /** The same on other terms. */
  public StartRequest on(Submission others) {
    return with(sql, task, parameters, confirmed, others);
  }

  private StartRequest with(
      @Nullable String ofSql,
      @Nullable String ofTask,
      ObjectNode values,
      Confirmations meant,
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
        meant,
        others);
  }

  /**
   * Returns the task of this request, with its parameters.
   *
   * @throws dev.rowmill.task.Refusal when there is no such task
   * @throws dev.rowmill.dispatch.task.InvalidParametersException when the task rejects them
   */
  BoundTask<?> bind(TaskRegistry tasks) {
    return tasks.bind(sql, task, parameters, terms.walk());
  }
}
