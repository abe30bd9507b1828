package dev.rowmill.export;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;

/**
 * Represents the place of the files of one batch. For many threads, as each file has a name of its
 * own.
 */
public interface ExportTarget {

  /** Creates an empty local file, to be written before it is published. */
  Path temporary() throws IOException;

  /**
   * Stores a local file durably under a name. It is visible as a whole or not at all.
   *
   * @throws SQLException if the storage can't be reached now; the chunk is then retried
   */
  void publish(Path written, String name) throws IOException, SQLException;

  /**
   * Opens a file to read it.
   *
   * @throws SQLException if the storage can't be reached now
   */
  InputStream read(String name) throws IOException, SQLException;

  /** Returns the names of all files with their sizes in bytes, including those left by a crash. */
  Map<String, Long> files() throws IOException, SQLException;

  /** Deletes a file, if it exists. */
  void delete(String name) throws IOException, SQLException;
}
