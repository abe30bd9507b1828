package dev.rowmill.batch.store;

import dev.rowmill.batch.Approval;
import dev.rowmill.batch.BatchKind;
import dev.rowmill.batch.BatchSettings;
import dev.rowmill.batch.BatchSpec;
import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.BatchWork;
import dev.rowmill.batch.Failure;
import dev.rowmill.batch.Hold;
import dev.rowmill.batch.Mode;
import dev.rowmill.batch.NewBatch;
import dev.rowmill.batch.Progress;
import dev.rowmill.batch.Safeguards;
import dev.rowmill.batch.StoredJson;
import dev.rowmill.batch.Submission;
import dev.rowmill.batch.ThrottleLimits;
import dev.rowmill.batch.Transition;
import dev.rowmill.database.StoredTime;
import jakarta.persistence.Column;
import jakarta.persistence.Convert;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Maps the row of a batch. Other packages use it as {@link BatchView}. */
@Entity
@Table(name = "batch")
public class Batch {

  @Id
  @GeneratedValue(strategy = GenerationType.IDENTITY)
  @Nullable Long id;

  @Column(nullable = false, updatable = false)
  public String project = "";

  @Enumerated(EnumType.STRING)
  @Column(nullable = false, updatable = false)
  public BatchKind kind = BatchKind.SQL;

  @Column(updatable = false)
  public @Nullable String task;

  @Column(name = "sql_text", updatable = false)
  public @Nullable String sql;

  @Column(nullable = false, updatable = false)
  public String parameters = "{}";

  @Enumerated(EnumType.STRING)
  @Column(nullable = false, updatable = false)
  public Mode mode = Mode.PARALLEL;

  @Enumerated(EnumType.STRING)
  @Column(nullable = false)
  private BatchStatus status = BatchStatus.QUEUED;

  @Column(name = "chunk_rows")
  @Nullable Integer chunkRows;

  @Column(name = "target_millis")
  @Nullable Integer targetMillis;

  int lanes = 1;

  @Column(nullable = false)
  String limits = "{}";

  /** Holds the status requested of a running batch, to be reached after the current chunk. */
  @Enumerated(EnumType.STRING)
  public @Nullable BatchStatus wanted;

  /** Marks that the requested change must cancel the current statement. */
  @Column(nullable = false)
  boolean forced;

  @Column(updatable = false)
  public @Nullable String reason;

  @Column(name = "start_key", nullable = false, updatable = false)
  String startKey = "";

  @Column(name = "request_hash", nullable = false, updatable = false)
  String requestHash = "";

  @Column(name = "trace_parent", updatable = false)
  public @Nullable String traceParent;

  public @Nullable String node;

  public int epoch;

  @Convert(converter = StoredTime.class)
  @Column(name = "created_at", nullable = false, updatable = false)
  public Instant createdAt = Instant.EPOCH;

  @Convert(converter = StoredTime.class)
  @Column(name = "started_at")
  public @Nullable Instant startedAt;

  @Convert(converter = StoredTime.class)
  @Column(name = "finished_at")
  public @Nullable Instant finishedAt;

  public @Nullable String error;

  @Column(updatable = false)
  public @Nullable Long undoes;

  @Column(name = "undone_by", insertable = false, updatable = false)
  public @Nullable Long undoneBy;

  /** Holds the reason why the batch was paused, as JSON, unless a caller requested the pause. */
  public @Nullable String hold;

  @Column(name = "submitted_by", updatable = false)
  @Nullable String submittedBy;

  @Column(name = "statement_name", updatable = false)
  @Nullable String statement;

  /** Lists the names of secret parameters, separated by commas; null for none. */
  @Column(updatable = false)
  @Nullable String secrets;

  /** Holds the safeguards as JSON; null for none. */
  @Column(updatable = false)
  @Nullable String safeguards;

  /** Names the table whose rows the statement walks through, if the caller has named it. */
  @Column(updatable = false)
  @Nullable String walk;

  @Column(name = "ran_millis")
  public long ranMillis;

  @Column(name = "approval_rows", updatable = false)
  @Nullable Long approvalRows;

  @Column(name = "approval_exact", updatable = false)
  boolean approvalExact;

  @Column(name = "approved_by")
  @Nullable String approvedBy;

  @Convert(converter = StoredTime.class)
  @Column(name = "approved_at")
  @Nullable Instant approvedAt;

  static Batch of(NewBatch start, BatchStatus status, Instant createdAt) {
    Transition.check(null, status);
    Batch batch = withStatus(status);
    BatchSpec spec = start.spec();
    batch.project = spec.project();
    batch.kind = spec.work().kind();
    batch.task = spec.work().task();
    batch.sql = spec.work().sql();
    batch.walk = spec.work().walk();
    batch.parameters = spec.work().parameters();
    batch.undoes = spec.work().undoes();
    batch.mode = spec.mode();
    batch.set(spec.settings());
    batch.safeguards = StoredJson.write(spec.safeguards());
    batch.set(spec.submission());
    Approval approval = start.approval();
    if (approval != null) {
      batch.approvalRows = approval.plannedRows();
      batch.approvalExact = approval.exact();
    }
    batch.startKey = start.startKey();
    batch.requestHash = start.requestHash();
    batch.traceParent = start.traceParent();
    batch.createdAt = createdAt;
    return batch;
  }

  /** Returns a row that was read with a status, without its other columns. */
  static Batch withStatus(BatchStatus status) {
    var batch = new Batch();
    batch.status = status;
    return batch;
  }

  public BatchStatus status() {
    return status;
  }

  /**
   * Changes the status. Every status of a stored batch is set here, while its row is locked, and
   * written by the caller's transaction.
   *
   * @throws IllegalStateException when {@link Transition#TABLE} lacks the change
   */
  void moveTo(BatchStatus to, PendingChanges noted) {
    Transition.check(status, to);
    status = to;
    noted.add(this);
  }

  private BatchSpec spec() {
    return new BatchSpec(
        project,
        new BatchWork(kind, task, sql, walk, parameters, undoes),
        mode,
        settings(),
        safeguards == null ? Safeguards.NONE : StoredJson.read(safeguards, Safeguards.class),
        new Submission(submittedBy, reason, statement, secrets()));
  }

  /** Returns the names of the secret parameters. */
  Set<String> secrets() {
    return secrets == null ? Set.of() : Set.of(secrets.split(","));
  }

  private void set(Submission submission) {
    submittedBy = submission.submittedBy();
    reason = submission.reason();
    statement = submission.statement();
    secrets =
        submission.secrets().isEmpty()
            ? null
            : String.join(",", new TreeSet<>(submission.secrets()));
  }

  public @Nullable Approval approval() {
    Long rows = approvalRows;
    return rows == null ? null : new Approval(rows, approvalExact, approvedBy, approvedAt);
  }

  public BatchSettings settings() {
    return new BatchSettings(chunkRows, targetMillis, lanes, ThrottleLimits.fromJson(limits));
  }

  void set(BatchSettings settings) {
    chunkRows = settings.chunkRows();
    targetMillis = settings.targetMillis();
    lanes = settings.lanes();
    limits = settings.limits().toJson();
  }

  public long storedId() {
    if (id == null) {
      throw new IllegalStateException("the batch is not stored yet");
    }
    return id;
  }

  /** Returns the batch as others see it. */
  BatchView view(Progress progress, Map<String, Long> waits, @Nullable Long waitingPosition) {
    return new BatchView(
        storedId(),
        spec(),
        status,
        approval(),
        ranMillis,
        undoneBy,
        wanted,
        traceParent,
        node,
        epoch,
        createdAt,
        startedAt,
        finishedAt,
        error == null ? null : Failure.fromJson(error),
        hold == null ? null : Hold.fromJson(hold),
        progress,
        Map.copyOf(waits),
        waitingPosition);
  }
}
