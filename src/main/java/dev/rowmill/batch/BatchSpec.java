package dev.rowmill.batch;

/**
 * Specifies a batch: its work, and the rules under which it runs. A request to start one, a stored
 * plan and a stored batch share it, with all defaults filled in. Immutable.
 */
public record BatchSpec(
    String project,
    BatchWork work,
    Mode mode,
    BatchSettings settings,
    Safeguards safeguards,
    Submission submission) {

  /** Returns the secret values of the parameters, to be masked in all output. */
  public SecretValues secrets() {
    return SecretValues.of(this);
  }

  public BatchSpec with(BatchWork other) {
    return new BatchSpec(project, other, mode, settings, safeguards, submission);
  }

  public BatchSpec with(BatchSettings changed) {
    return new BatchSpec(project, work, mode, changed, safeguards, submission);
  }

  public BatchSpec with(Safeguards others) {
    return new BatchSpec(project, work, mode, settings, others, submission);
  }

  public BatchSpec with(Submission other) {
    return new BatchSpec(project, work, mode, settings, safeguards, other);
  }
}
