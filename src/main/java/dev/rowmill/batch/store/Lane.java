package dev.rowmill.batch.store;

import dev.rowmill.batch.Progress;
import dev.rowmill.batch.UndoUsage;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/** Maps the progress of a lane, read-only: {@link Checkpoints} writes it. */
@Entity
@Table(name = "lane")
@IdClass(Lane.Key.class)
class Lane {

  record Key(long batch, int lane) implements Serializable {}

  @Id long batch;

  @Id int lane;

  @Column(name = "rows_total")
  @Nullable Long rowsTotal;

  @Column(name = "rows_scanned")
  long rowsScanned;

  @Column(name = "rows_changed")
  long rowsChanged;

  @Column(name = "rows_ignored")
  @Nullable Long rowsIgnored;

  long chunks;

  long retries;

  @Column(name = "undo_rows")
  long undoRows;

  @Column(name = "undo_bytes")
  long undoBytes;

  @Column(name = "chunk_rows")
  @Nullable Integer chunkRows;

  @Column(name = "limit_reached")
  boolean limitReached;

  Progress progress() {
    return new Progress(
        rowsTotal,
        rowsScanned,
        rowsChanged,
        rowsIgnored,
        chunks,
        retries,
        new UndoUsage(undoRows, undoBytes),
        chunkRows,
        limitReached);
  }
}
