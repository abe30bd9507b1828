package dev.rowmill.batch;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/** The row of a lane, for reading alone: {@link Checkpoints} and {@link BatchStore} write it. */
@Entity
@Table(name = "lane")
@IdClass(Lane.Key.class)
class Lane {

  record Key(long batch, int lane) implements Serializable {}

  @Id long batch;

  @Id int lane;

  int epoch;

  @Column(name = "extent_known")
  boolean extentKnown;

  @Column(name = "after_cursor")
  @Nullable String after;

  @Column(name = "end_cursor")
  @Nullable String end;

  @Column(name = "rows_total")
  @Nullable Long rowsTotal;

  @Column(name = "rows_scanned")
  long rowsScanned;

  @Column(name = "rows_changed")
  long rowsChanged;

  long chunks;

  long retries;

  @Column(name = "chunk_rows")
  @Nullable Integer chunkRows;

  LaneState state() {
    return new LaneState(batch, lane, epoch, extentKnown, after, end, progress());
  }

  Progress progress() {
    return new Progress(rowsTotal, rowsScanned, rowsChanged, chunks, retries, chunkRows);
  }
}
