package dev.rowmill.export;

import dev.rowmill.files.LargeRowException;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.NoSuchFileException;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.util.Map;

/**
 * Represents the place of the files of one batch. For many threads, as each file has a name of its
 * own.
 */
public interface ExportTarget {

  /**
   * Represents a file that is being written, and is not yet visible. A process that is killed
   * leaves at most one that the end of the export deletes. For one thread.
   */
  interface NewFile extends Closeable {

    /** Returns where to write. Unbuffered, and closed with the file. */
    OutputStream stream();

    /**
     * Stores what was written durably under a name. It is visible as a whole or not at all.
     *
     * @return number of bytes
     * @throws StorageException if the storage can't be reached now; the chunk is then retried
     */
    long publish(String name) throws IOException, SQLException;

    /** Deletes what was not published. */
    @Override
    void close() throws IOException;
  }

  /** Returns the path of the files below the configured directory, or in the bucket. */
  String place();

  /** Returns a text for errors that names the directory, or the bucket with its endpoint. */
  String description();

  /** Returns the error of a chunk whose files can't be written, or read, because of another. */
  default SQLException failure(IOException cause) {
    return cause instanceof LargeRowException
        ? new SQLDataException(cause.getMessage(), "22001", cause)
        : new StorageException(description(), cause);
  }

  /** Begins a file. */
  NewFile create() throws IOException;

  /**
   * Opens a file to read it.
   *
   * @throws NoSuchFileException if it is missing
   * @throws StorageException if the storage can't be reached now
   */
  InputStream read(String name) throws IOException, SQLException;

  /** Returns the names of all files with their sizes in bytes, including those left by a crash. */
  Map<String, Long> files() throws IOException, SQLException;

  /** Deletes a file, if it exists. */
  void delete(String name) throws IOException, SQLException;
}
