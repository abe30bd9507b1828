package dev.rowmill.export;

import dev.rowmill.database.Digests;
import dev.rowmill.files.FileFormat;
import dev.rowmill.files.RowWriter;
import dev.rowmill.sql.parse.TableName;
import dev.rowmill.sql.run.ImageColumn;
import dev.rowmill.task.Chunk;
import dev.rowmill.task.StatementTag;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Writes the rows of one chunk to a file. For one thread. */
public final class PartFile implements Closeable {

  private static final int BUFFER = 64 << 10;
  private static final int ATTEMPT_CHARACTERS = 8;

  private final FileFormat format;
  private final ExportTarget.NewFile written;
  private final String columns;
  private final MessageDigest digest = Digests.sha256();
  private final OutputStream file;
  private final RowWriter writer;
  private final Map<String, Long> lost = new LinkedHashMap<>();
  private long rows;

  /** Begins a file, which is not visible in its place before {@link #publish}. */
  public PartFile(ExportTarget target, FileFormat format, List<ImageColumn> columns)
      throws IOException {
    this.format = format;
    this.columns = ExportedPart.digest(columns);
    written = target.create();
    file = new BufferedOutputStream(new DigestOutputStream(written.stream(), digest), BUFFER);
    writer = format.open(file, columns);
  }

  /**
   * Writes a row.
   *
   * @param values as {@link RowWriter#write} takes them
   */
  public void write(byte[][] values) throws IOException {
    writer.write(values);
    rows++;
  }

  /** Counts values that were lost before they were written, by the name of their column. */
  void lose(Map<String, Long> values) {
    values.forEach((column, count) -> lost.merge(column, count, Long::sum));
  }

  /**
   * Stores the file durably, and then its part in the transaction of the chunk. A file without rows
   * is left out.
   *
   * @param table table of the rows, where an archive has several; null for an export
   * @throws SQLException if the storage can't be reached now; the chunk is then retried
   */
  public void publish(
      Connection connection, StatementTag tag, Chunk chunk, @Nullable TableName table)
      throws IOException, SQLException {
    writer.finish();
    file.flush();
    lose(writer.lostValues());
    if (rows == 0) {
      return;
    }
    String attempt = UUID.randomUUID().toString().substring(0, ATTEMPT_CHARACTERS);
    String of = table == null ? null : table.quoted();
    String name = ExportedPart.name(of, tag.lane(), chunk, attempt, format.text());
    long bytes = written.publish(name);
    new ExportedPart(
            name,
            of,
            tag.lane(),
            chunk.after(),
            chunk.upTo(),
            rows,
            bytes,
            HexFormat.of().formatHex(digest.digest()),
            columns,
            lost)
        .add(connection, tag.batch());
  }

  /** Deletes what was not published. */
  @Override
  public void close() throws IOException {
    written.close();
  }
}
