package dev.rowmill.archive;

import dev.rowmill.database.Digests;
import dev.rowmill.export.ExportTarget;
import dev.rowmill.export.ExportedPart;
import dev.rowmill.files.FileFormat;
import dev.rowmill.files.LineReader;
import dev.rowmill.files.TemporaryFiles;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rows of a part that is proven to be as it was written. It reads a local copy, so a file
 * that changes meanwhile changes nothing. For one thread.
 */
final class VerifiedPart implements Closeable {

  private final ExportedPart part;
  private final FileFormat format;

  /** Has no name any more, so the system deletes it with the process. */
  private final FileChannel copy;

  private LineReader lines;

  /** Counts the rows that were read. */
  private long position;

  private VerifiedPart(ExportedPart part, FileFormat format, FileChannel copy) throws IOException {
    this.part = part;
    this.format = format;
    this.copy = copy;
    lines = begin();
  }

  /**
   * Opens a part, and compares its bytes and its rows with what was stored when it was written.
   *
   * @throws Refusal {@code archive-impossible} if they differ, or the file can't be read
   * @throws SQLException if the storage can't be reached now
   */
  static VerifiedPart open(ExportedPart part, FileFormat format, ExportTarget target)
      throws SQLException {
    try {
      FileChannel copy = TemporaryFiles.create("restore");
      try {
        MessageDigest digest = Digests.sha256();
        try (InputStream in = new DigestInputStream(target.read(part.name()), digest)) {
          in.transferTo(Channels.newOutputStream(copy));
        }
        check(
            part,
            copy.size() == part.bytes()
                && HexFormat.of().formatHex(digest.digest()).equals(part.sha256()));
        var verified = new VerifiedPart(part, format, copy);
        long rows = 0;
        while (verified.lines.next() != null) {
          rows++;
        }
        check(part, rows == part.rows());
        verified.lines = verified.begin();
        return verified;
      } catch (IOException | SQLException | RuntimeException e) {
        copy.close();
        throw e;
      }
    } catch (IOException e) {
      throw changed(part);
    }
  }

  private static void check(ExportedPart part, boolean same) {
    if (!same) {
      throw changed(part);
    }
  }

  private static Refusal changed(ExportedPart part) {
    return ReturnedTable.impossible(
        List.of(Reason.of("restore-part-changed", "file", part.name())));
  }

  private LineReader begin() throws IOException {
    position = 0;
    return format.read(copy, Integer.MAX_VALUE);
  }

  ExportedPart part() {
    return part;
  }

  /** Returns the names of the columns, in the order of the file. */
  List<String> columns() {
    return lines.columns();
  }

  /**
   * Returns some rows.
   *
   * @param from number of rows before them
   */
  List<@Nullable String[]> rows(long from, int count) throws IOException {
    if (from < position) {
      lines = begin();
    }
    while (position < from) {
      next();
    }
    List<@Nullable String[]> rows = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      rows.add(next());
    }
    return rows;
  }

  private @Nullable String[] next() throws IOException {
    LineReader.Line line = lines.next();
    if (line == null || line.problem() != null) {
      throw new IOException("the part " + part.name() + " ends early");
    }
    position++;
    return line.values();
  }

  @Override
  public void close() throws IOException {
    copy.close();
  }
}
