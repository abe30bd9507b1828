package dev.rowmill.changes;

import dev.rowmill.sql.run.ChangeScript;
import dev.rowmill.sql.run.ChangedRows;
import dev.rowmill.sql.run.RowScript;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes a script, with a transaction for each part of a range. */
final class SqlWriter implements ChangeWriter {

  private final long batch;
  private final ChangeScript direction;
  private long written;
  private long leftOut;

  SqlWriter(long batch, ChangeScript direction) {
    this.batch = batch;
    this.direction = direction;
  }

  private static void append(ByteArrayOutputStream out, CharSequence text) {
    out.writeBytes(text.toString().getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void begin(ByteArrayOutputStream out) {
    append(
        out,
        direction == ChangeScript.UNDO
            ? "-- Undoes batch " + batch + ", its last range first.\n"
            : "-- Repeats the changes of batch " + batch + ", its first range first.\n");
    append(
        out,
        "-- A row with other values than expected stays as it is, and the script shows at its end how"
            + " many do. The client stops at an error.\n");
    append(out, ChangeScript.SESSION);
  }

  @Override
  public void write(ByteArrayOutputStream out, long range, ChangedRows rows) {
    var script = new StringBuilder("-- range " + range + "\nSTART TRANSACTION;\n");
    RowScript statements = direction.of(rows);
    for (ChangedRows.Row row : rows.rows()) {
      if (statements.append(script, row)) {
        written++;
      } else {
        leftOut++;
      }
    }
    append(out, script.append("COMMIT;\n"));
  }

  @Override
  public void end(ByteArrayOutputStream out) {
    append(
        out,
        ChangeScript.RESULT
            + "-- end of batch %d: %d rows, %d left out\n".formatted(batch, written, leftOut));
  }
}
