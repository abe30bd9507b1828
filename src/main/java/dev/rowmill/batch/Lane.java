package dev.rowmill.batch;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/** How far a lane has come, for reading alone: {@link Checkpoints} writes it. */
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

  long chunks;

  long retries;

  @Column(name = "undo_rows")
  long undoRows;

  @Column(name = "undo_bytes")
  long undoBytes;

  @Column(name = "chunk_rows")
  @Nullable Integer chunkRows;

  Progress progress() {
    return new Progress(
        rowsTotal,
        rowsScanned,
        rowsChanged,
        chunks,
        retries,
        new Kept(undoRows, undoBytes),
        chunkRows);
  }
}
