package dev.rowmill.batch;

import java.time.Instant;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Describes how a batch was submitted. Immutable.
 *
 * @param submittedBy name of the caller; null where callers are not identified
 * @param contentBy names of the callers who stored what the batch changes, if the submission only
 *     names it: those of its schedule, or of the batch whose skipped rows it retries
 * @param reason reason for the batch, in the caller's words
 * @param statement name of the saved statement that it runs; null for none
 * @param secrets names of the parameters whose values are never shown, and are deleted when the
 *     batch ends
 * @param labels the caller's own labels
 * @param schedule name of the schedule that started it; null for none
 * @param startAt time before which it does not start; null for none
 */
public record Submission(
    @Nullable String submittedBy,
    Set<String> contentBy,
    @Nullable String reason,
    @Nullable String statement,
    Set<String> secrets,
    Labels labels,
    @Nullable String schedule,
    @Nullable Instant startAt) {

  /** Describes a submission by an unidentified caller. */
  public static final Submission NONE =
      new Submission(null, Set.of(), null, null, Set.of(), Labels.NONE, null, null);

  public Submission {
    contentBy = Set.copyOf(contentBy);
    secrets = Set.copyOf(secrets);
  }

  /** Returns the names of all callers whom it is by. None of them may approve the batch. */
  public SortedSet<String> authors() {
    SortedSet<String> authors = new TreeSet<>(contentBy);
    if (submittedBy != null) {
      authors.add(submittedBy);
    }
    return authors;
  }

  /** Returns the submission of content that these callers stored. */
  public Submission withContentBy(Set<String> names) {
    return new Submission(
        submittedBy, names, reason, statement, secrets, labels, schedule, startAt);
  }

  /** Returns the submission with its caller. */
  public Submission by(@Nullable String caller) {
    return new Submission(caller, contentBy, reason, statement, secrets, labels, schedule, startAt);
  }

  public Submission because(String other) {
    return new Submission(
        submittedBy, contentBy, other, statement, secrets, labels, schedule, startAt);
  }

  /** Returns the submission of a saved statement. */
  public Submission of(String name) {
    return new Submission(submittedBy, contentBy, reason, name, secrets, labels, schedule, startAt);
  }

  /** Returns the submission with the secret parameters of its saved statement. */
  public Submission hiding(Set<String> names) {
    return new Submission(
        submittedBy, contentBy, reason, statement, names, labels, schedule, startAt);
  }

  /** Returns the submission with other labels. */
  public Submission labelled(Labels others) {
    return new Submission(
        submittedBy, contentBy, reason, statement, secrets, others, schedule, startAt);
  }

  /** Returns the submission of a schedule. */
  public Submission ofSchedule(String name) {
    return new Submission(
        submittedBy, contentBy, reason, statement, secrets, labels, name, startAt);
  }

  /** Returns the submission of another batch of the same work: of no schedule, and at once. */
  public Submission again() {
    return new Submission(submittedBy, contentBy, reason, statement, secrets, labels, null, null);
  }

  /** Returns the submission with the time at which it starts. */
  public Submission at(Instant time) {
    return new Submission(
        submittedBy, contentBy, reason, statement, secrets, labels, schedule, time);
  }
}
