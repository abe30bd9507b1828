package dev.rowmill.engine;

import dev.rowmill.batch.BatchSettings;
import dev.rowmill.batch.FencedException;
import dev.rowmill.batch.LaneState;
import dev.rowmill.batch.OnError;
import dev.rowmill.batch.Progress;
import dev.rowmill.batch.UndoPolicy;
import dev.rowmill.database.DatabaseFailure;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.StatementTag;
import dev.rowmill.task.UnpreparedChunkException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Runs a lane to its end, one chunk after the other:
 *
 * <ol>
 *   <li>check for a stop, changed settings, and a request to share the rest;
 *   <li>wait while a throttle requires it, and while the check of the run is due;
 *   <li>after an error, read the actual checkpoint;
 *   <li>at the very start, find and store the end of the work;
 *   <li>run one chunk in one transaction, search meanwhile for the end of the next one, and notify
 *       the listeners;
 *   <li>on an error, decide: retry at once with fewer rows, pass over rows that fail, retry after a
 *       pause, or fail.
 * </ol>
 *
 * For one thread.
 */
final class ChunkLoop<P extends Record> {

  /** Adds the workers of a run, which take its lanes. */
  interface Crew {

    /** Adds workers up to the number of lanes that may be worked on now. */
    void call();

    /** Returns whether there are more workers here than lanes may be worked on now. */
    boolean isOverstaffed();

    /** Removes the calling worker if there are too many; returns whether it was removed. */
    boolean leave();
  }

  private final LaneContext<P> lanes;
  private final RunContext run;
  private final LaneTable table;
  private final LaneThread thread;
  private final RunConnection connection;
  private final ChunkPermit permit;
  private final LookAhead ahead;
  private final Crew crew;
  private final LaneCount count;
  private final ChunkSize size;

  /** Passes over rows that fail; null if they fail the batch. */
  private final @Nullable Salvage salvage;

  private BatchSettings settings;
  private @Nullable ChunkedRun work;

  /** Searches for the next chunk of the same work; null where that is not possible. */
  private @Nullable ChunkedRun lookAheadRun;

  /** Prepares the chunks outside of their transactions; null where they need no preparation. */
  private @Nullable PreparedChunks prepared;

  /** Stores whether the run stores undo data. */
  private boolean keepsUndo;

  private LaneState lane;
  private boolean certain = true;
  private boolean failed;
  private boolean fenced;
  private int failuresInARow;

  /** Counts the consecutive failures that the work may have caused. */
  private int tries;

  private long chunksDone;

  /** Holds the outcome that a committed chunk has led to; null while the lane continues. */
  private @Nullable RunOutcome outcome;

  ChunkLoop(LaneContext<P> lanes, LaneThread thread, Crew crew, LaneCount count, LaneState lane) {
    this.lanes = lanes;
    this.run = lanes.run();
    this.table = lanes.table();
    this.thread = thread;
    this.connection = thread.connection();
    this.permit = thread.permit();
    this.ahead = new LookAhead(thread.side(), System::nanoTime);
    this.crew = crew;
    this.count = count;
    this.lane = lane;
    settings = run.settings();
    size = new ChunkSize(settings, lane.progress().chunkRows(), run.firstRows());
    size.over(table.progress().rowsTotal());
    size.assume(lanes.rowNanos());
    OnError rules = run.batch().safeguards().onError();
    salvage =
        rules == null || rules.mode() == OnError.Mode.FAIL ? null : new Salvage(rules, run::note);
  }

  /** Returns the current lane. */
  LaneState lane() {
    return lane;
  }

  /** Runs the lane and returns its outcome; null when the lane is left for others. */
  @Nullable RunOutcome run() throws InterruptedException {
    try {
      return chunks();
    } finally {
      if (prepared != null) {
        prepared.close();
      }
      if (work != null) {
        work.close();
      }
    }
  }

  private @Nullable RunOutcome chunks() throws InterruptedException {
    while (!(certain && lane.isDone())) {
      if (run.control().stop().isRequested() || table.isOver()) {
        return new RunOutcome.Stopped();
      }
      follow(run.settings());
      if (thread.mayLeave() && certain && crew.leave()) {
        return null;
      }
      if (certain) {
        RunOutcome end =
            lane.extentKnown()
                ? permit.await(this::rest, thread::releaseConnections, this::isToLeave)
                : permit.awaitBounds(thread::releaseConnections);
        if (end != null || run.control().stop().isRequested()) {
          return end == null ? new RunOutcome.Stopped() : end;
        }
        if (isToLeave()) {
          continue;
        }
        if (prepared != null && lane.extentKnown()) {
          end = permit.awaitPrepared(prepared, thread::releaseConnections, this::isToLeave);
          if (end != null) {
            return end;
          }
          if (run.control().stop().isRequested() || isToLeave()) {
            continue;
          }
        }
      }
      boolean known = certain;
      if (known && !lanes.checkGate().enter(table::isOver)) {
        return new RunOutcome.Stopped();
      }
      thread.shift().chunkBegins();
      long began = System.nanoTime();
      try {
        step();
        if (outcome != null) {
          return outcome;
        }
      } catch (ChunkFailedException e) {
        connection.close();
        if (isOfServer(e)) {
          // The next connection may be to another server; reads on the side must see its state.
          thread.side().close();
        }
        thread.shift().chunkEnds();
        RunOutcome end = decide(e, Duration.ofNanos(System.nanoTime() - began));
        if (end != null) {
          return end;
        }
      } finally {
        thread.shift().chunkEnds();
        if (known) {
          lanes.checkGate().leave();
        }
      }
    }
    return new RunOutcome.Succeeded(List.of(lane));
  }

  private void rest() {
    if (prepared != null) {
      prepared.rest();
    }
  }

  private boolean isToLeave() {
    return thread.mayLeave() && crew.isOverstaffed();
  }

  private static boolean isOfServer(ChunkFailedException e) {
    return DatabaseFailure.of(e.reason())
        .filter(sort -> sort.isAway() || sort == DatabaseFailure.LOST_CONNECTION)
        .isPresent();
  }

  private void follow(BatchSettings now) {
    if (!now.equals(settings)) {
      settings = now;
      size.change(now);
    }
    count.follow();
    size.among(count.now());
    if (lane.extentKnown()) {
      crew.call();
    }
  }

  private void step() throws ChunkFailedException, InterruptedException {
    ChunkedRun opened = open();
    if (opened == null) {
      return;
    }
    if (!certain) {
      findOut();
    } else if (!lane.extentKnown()) {
      // A small batch runs in one transaction, unless something holds it back.
      boolean withFirstChunk = !failed && prepared == null && count.now() == 1 && permit.isOpen();
      findExtent(opened, withFirstChunk);
      if (withFirstChunk) {
        chunk(opened);
      }
    } else if (chunksDone > 0 && lanes.isToShare(lane)) {
      share(opened);
    } else {
      chunk(opened);
    }
  }

  private void chunk(ChunkedRun opened) throws ChunkFailedException, InterruptedException {
    String end = lane.end();
    if (end != null) {
      LaneState before = lane;
      long started = System.nanoTime();
      String sizeKey = size.hasLearned() ? lanes.sizeKey(opened) : null;
      Chunk chunk = next(opened, end);
      if (chunk == null) {
        // Opening the work has begun a transaction, which must not last while it is prepared.
        connection.close();
        return;
      }
      ChunkTransaction.Done done =
          ChunkTransaction.run(
              borrow(),
              opened,
              sized(),
              chunk,
              sizeKey,
              size.rowNanos(),
              keepsUndo ? thread.side() : null,
              salvage != null && salvage.hasBegun() ? salvage : null,
              rows -> run.bounds().changed(lane.lane(), rows, table::progress));
      connection.committed();
      lane = done.lane();
      chunkDone(before, Duration.ofNanos(System.nanoTime() - started), done.commit());
      if (done.end() != null) {
        outcome = run.failed(done.end(), chunk);
      }
    }
  }

  /** Returns the next chunk; null when it has yet to be prepared. */
  private @Nullable Chunk next(ChunkedRun opened, String end)
      throws ChunkFailedException, InterruptedException {
    if (prepared != null) {
      try {
        return prepared.take();
      } catch (SQLException | RuntimeException e) {
        throw new ChunkFailedException(null, e);
      }
    }
    int rows = size.rows();
    Optional<Chunk> found = ahead.take(lane.after(), end, rows);
    Chunk chunk =
        found.isPresent() ? found.get() : ChunkTransaction.next(borrow(), opened, lane, end, rows);
    ChunkedRun own = lookAheadRun;
    // Many batches have one or two chunks, which need one connection only.
    if (own != null && chunksDone > 0 && !chunk.upTo().equals(end)) {
      ahead.begin(own, chunk.upTo(), end, rows);
    }
    return chunk;
  }

  private void findExtent(ChunkedRun opened, boolean withFirstChunk) throws ChunkFailedException {
    boolean choose = settings.targetMillis() != null && settings.chunkRows() == null;
    take(
        ChunkTransaction.findExtent(
            borrow(),
            opened,
            sized(),
            choose ? lanes.sizeKey(opened) : null,
            count.now(),
            withFirstChunk));
    Integer rows = lane.progress().chunkRows();
    if (rows != null) {
      size.begin(rows);
    }
  }

  private LaneState sized() {
    return lane.withChunkRows(size.lasting());
  }

  private void findOut() throws ChunkFailedException {
    LaneState before = lane;
    take(ChunkTransaction.findOut(borrow(), before));
    certain = true;
    fenced = false;
    if (lane.progress().chunks() > before.progress().chunks()) {
      // The chunk was committed; only its response was lost.
      chunkDone(before, Duration.ZERO, Duration.ZERO);
    }
  }

  /** Takes this lane as it is stored, and reports other lanes that were split from it. */
  private void take(List<LaneState> stored) {
    for (LaneState each : stored) {
      if (each.lane() == lane.lane()) {
        lane = each;
      }
    }
    run.bounds().settled(lane.lane(), () -> table.moved(lane));
    table.learn(stored);
    size.over(table.progress().rowsTotal());
  }

  private void share(ChunkedRun opened) throws ChunkFailedException {
    List<LaneState> both =
        LaneTable.left(lane) < 2L * size.rows()
            ? List.of()
            : ChunkTransaction.split(borrow(), opened, sized(), lanes::nextNumber);
    if (both.isEmpty()) {
      lanes.markIndivisible(lane);
    } else {
      take(both);
    }
  }

  private void chunkDone(LaneState before, Duration took, Duration commit) {
    long rows = lane.progress().rowsScanned() - before.progress().rowsScanned();
    size.done(rows, took);
    lanes.rowNanos(size.rowNanos());
    permit.chunkDone(rows, took, commit);
    lanes.checkGate().chunkDone();
    failuresInARow = 0;
    tries = 0;
    chunksDone++;
    long changed = lane.progress().rowsChanged() - before.progress().rowsChanged();
    long skipped = lane.progress().rowsSkipped() - before.progress().rowsSkipped();
    Progress progress = run.bounds().settled(lane.lane(), () -> table.moved(lane));
    run.chunkDone(progress, new ChunkDone(lane.lane(), rows, changed, skipped, took));
    count.chunkDone(lane.lane(), rows, commit, progress);
  }

  /** Returns the work; null when a stop was requested while it was prepared. */
  private @Nullable ChunkedRun open() throws ChunkFailedException {
    ChunkedRun opened = work;
    if (opened == null) {
      try {
        if (!lane.extentKnown()) {
          lanes.prepare();
          if (run.control().stop().isRequested()) {
            return null;
          }
        }
        opened = lanes.open(connection.get());
        keepsUndo = keepsUndo(opened);
        opened.mark(mark());
        work = opened;
        lookAheadRun = opened.lookAheadRun().orElse(null);
        if (lookAheadRun != null) {
          lookAheadRun.mark(mark());
        }
        prepared =
            opened
                .preparation()
                .map(it -> new PreparedChunks(it, thread.side(), () -> lane, size::rows))
                .orElse(null);
      } catch (SQLException | RuntimeException | Error e) {
        throw new ChunkFailedException(null, e);
      }
    }
    return opened;
  }

  private StatementTag mark() {
    return new StatementTag(run.batch().id(), lane.lane());
  }

  private boolean keepsUndo(ChunkedRun opened) throws SQLException {
    UndoPolicy keep = run.batch().safeguards().keep();
    if (keep == UndoPolicy.NO) {
      return false;
    }
    Optional<Refusal> nothing =
        opened.undoRefusal(connection.get(), !run.batch().secrets().isEmpty());
    if (nothing.isEmpty()) {
      permit.keep();
      return true;
    }
    // Once undo data is stored, all lanes must store theirs: an incomplete undo is useless.
    if (keep == UndoPolicy.YES || table.progress().undo().rows() > 0) {
      throw nothing.get();
    }
    return false;
  }

  private Connection borrow() throws ChunkFailedException {
    try {
      return connection.get(lane);
    } catch (SQLException | RuntimeException e) {
      throw new ChunkFailedException(null, e);
    }
  }

  /** Decides what follows an error; returns null to try again. */
  private @Nullable RunOutcome decide(ChunkFailedException failure, Duration took)
      throws InterruptedException {
    Throwable error = failure.reason();
    if (error instanceof UnpreparedChunkException) {
      // It was not committed. Its rows are read again, and prepared once more.
      return null;
    }
    certain = false;
    failed = true;
    if (run.control().stop().isForced()) {
      // The statement was killed, and is rolled back.
      return new RunOutcome.Stopped();
    }
    if (error instanceof FencedException) {
      // MariaDB may report that a killed statement matched no row, so read the lane again first.
      boolean again = fenced;
      fenced = true;
      return again ? run.overtaken(error) : null;
    }
    Chunk chunk = failure.chunk();
    DatabaseFailure sort = DatabaseFailure.of(error).orElse(DatabaseFailure.PERMANENT);
    if (sort == DatabaseFailure.DATA && chunk != null && narrow(chunk)) {
      run.retried(lane.lane(), sort, error, chunk, took);
      return null;
    }
    failuresInARow++;
    tries += sort.isAway() ? 0 : 1;
    if (!sort.isTransient() || tries >= run.maxAttempts()) {
      return run.failed(error, chunk);
    }
    run.retried(lane.lane(), sort, error, chunk, took);
    count.retried();
    if (sort.isAway()) {
      permit.show(sort, failuresInARow);
    }
    if (sort.isOfSize()) {
      size.halve(chunk == null ? size.rows() : chunk.rows());
    }
    rest();
    return run.pause(sort.isAway() ? failuresInARow : tries, sort)
        ? new RunOutcome.Stopped()
        : null;
  }

  /**
   * Continues with fewer rows after an error that one row of a chunk may have caused; returns false
   * if that is not possible.
   */
  private boolean narrow(Chunk chunk) {
    if (salvage != null && !salvage.hasBegun() && work != null) {
      salvage.begin(work, chunk);
      return true;
    }
    if (chunk.rows() > 1 && size.rows() > 1) {
      // The rows before it are committed, and the error names only it.
      size.halve(chunk.rows());
      return true;
    }
    return false;
  }
}
