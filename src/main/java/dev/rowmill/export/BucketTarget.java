package dev.rowmill.export;

import dev.rowmill.files.TemporaryFiles;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Stores files in a bucket of S3-compatible storage, each by one PUT. */
final class BucketTarget implements ExportTarget {

  /** Begins the status codes of errors of the server, which may pass. */
  private static final int SERVER_ERROR = 500;

  private final S3Client client;
  private final String bucket;
  private final String prefix;

  /**
   * @param prefix first part of all names, ending in a slash
   */
  BucketTarget(S3Client client, String bucket, String prefix) {
    this.client = client;
    this.bucket = bucket;
    this.prefix = prefix;
  }

  @Override
  public String place() {
    return prefix.substring(0, prefix.length() - 1);
  }

  /** Begins a local file, which has no name once it is open, and is gone with the process. */
  @Override
  public NewFile create() throws IOException {
    FileChannel file = TemporaryFiles.create("part");
    return new NewFile() {
      @Override
      public OutputStream stream() {
        return Channels.newOutputStream(file);
      }

      @Override
      public long publish(String name) throws IOException, SQLException {
        long bytes = file.size();
        RequestBody body =
            RequestBody.fromContentProvider(
                () -> fromBegin(file), bytes, "application/octet-stream");
        request(() -> client.putObject(put -> put.bucket(bucket).key(prefix + name), body));
        return bytes;
      }

      @Override
      public void close() throws IOException {
        file.close();
      }
    };
  }

  /** Returns the content of a file, which stays open, as a request may be repeated. */
  private static InputStream fromBegin(FileChannel file) {
    try {
      file.position(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new FilterInputStream(Channels.newInputStream(file)) {
      @Override
      public void close() {}
    };
  }

  @Override
  public InputStream read(String name) throws SQLException {
    return requested(() -> client.getObject(get -> get.bucket(bucket).key(prefix + name)));
  }

  @Override
  public Map<String, Long> files() throws SQLException {
    Map<String, Long> files = new LinkedHashMap<>();
    request(
        () ->
            client
                .listObjectsV2Paginator(list -> list.bucket(bucket).prefix(prefix))
                .contents()
                .forEach(
                    object -> files.put(object.key().substring(prefix.length()), object.size())));
    return files;
  }

  @Override
  public void delete(String name) throws SQLException {
    request(() -> client.deleteObject(delete -> delete.bucket(bucket).key(prefix + name)));
  }

  private void request(Runnable request) throws SQLException {
    requested(
        () -> {
          request.run();
          return true;
        });
  }

  /** Sends a request. An error that may pass becomes one for which a chunk is retried. */
  private <T> T requested(Supplier<T> request) throws SQLException {
    try {
      return request.get();
    } catch (SdkException e) {
      boolean passing =
          e instanceof SdkClientException
              || (e instanceof S3Exception answer && answer.statusCode() >= SERVER_ERROR);
      if (passing) {
        throw new SQLTransientConnectionException(
            "S3 bucket " + bucket + ": " + e.getMessage(), "08S01", e);
      }
      throw e;
    }
  }
}
