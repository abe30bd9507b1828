package dev.rowmill.archive;

import dev.rowmill.database.Digests;
import dev.rowmill.export.ExportTarget;
import dev.rowmill.export.ExportedPart;
import dev.rowmill.export.StorageException;
import dev.rowmill.files.BrokenFileException;
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
import java.nio.file.NoSuchFileException;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rows of a part that is proven to be as it was written. It reads a local copy, so a file
 * that changes meanwhile changes nothing. For one thread.
 */
final class VerifiedPart implements Closeable {

  private static final Logger LOG = Logger.getLogger(VerifiedPart.class);

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
   * @throws Refusal {@code archive-impossible} if they differ, the file is missing, or it can't be
   *     read as a file of its format
   * @throws StorageException if the file, or its local copy, can't be read now
   */
  static VerifiedPart open(ExportedPart part, FileFormat format, ExportTarget target)
      throws SQLException {
    try {
      boolean verified = false;
      FileChannel copy = TemporaryFiles.create("restore");
      try {
        copy(part, target, copy);
        var file = new VerifiedPart(part, format, copy);
        file.checkRows();
        verified = true;
        return file;
      } finally {
        if (!verified) {
          copy.close();
        }
      }
    } catch (BrokenFileException e) {
      throw unreadable(part, e);
    } catch (IOException e) {
      throw target.failure(e);
    }
  }

  private static void copy(ExportedPart part, ExportTarget target, FileChannel copy)
      throws IOException, SQLException {
    MessageDigest digest = Digests.sha256();
    try (InputStream in = new DigestInputStream(content(part, target), digest)) {
      in.transferTo(Channels.newOutputStream(copy));
    }
    if (copy.size() != part.bytes()
        || !HexFormat.of().formatHex(digest.digest()).equals(part.sha256())) {
      throw refused("restore-part-changed", part);
    }
  }

  private static InputStream content(ExportedPart part, ExportTarget target)
      throws IOException, SQLException {
    try {
      return target.read(part.name());
    } catch (NoSuchFileException e) {
      throw refused("restore-part", part);
    }
  }

  private void checkRows() throws IOException {
    long rows = 0;
    while (lines.next() != null) {
      rows++;
    }
    if (rows != part.rows()) {
      throw refused("restore-part-changed", part);
    }
    lines = begin();
  }

  private static Refusal refused(String reason, ExportedPart part) {
    return ReturnedTable.impossible(List.of(Reason.of(reason, "file", part.name())));
  }

  /** Returns the error of a part that has its bytes, but whose rows can't be read. */
  static Refusal unreadable(ExportedPart part, BrokenFileException e) {
    return ReturnedTable.impossible(
        List.of(
            new Reason(
                "restore-part-unreadable",
                Map.of("file", part.name(), "message", String.valueOf(e.getMessage())))));
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
   * Continues behind some rows.
   *
   * @param rows number of rows of the part before the next one
   */
  void moveTo(long rows) throws IOException {
    if (rows < position) {
      lines = begin();
    }
    while (position < rows) {
      next();
    }
  }

  /** Returns the next row. */
  @Nullable String[] next() throws IOException {
    LineReader.Line line = lines.next();
    if (line == null || line.problem() != null) {
      throw new IOException("the part " + part.name() + " ends early");
    }
    position++;
    return line.values();
  }

  /** Deletes the copy. */
  @Override
  public void close() {
    try {
      copy.close();
    } catch (IOException e) {
      LOG.debug("A temporary file could not be closed", e);
    }
  }
}
