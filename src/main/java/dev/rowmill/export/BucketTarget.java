package dev.rowmill.export;

import dev.rowmill.files.TemporaryFiles;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.exception.SdkServiceException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;

/** Stores files in a bucket of S3-compatible storage, each by one PUT. */
final class BucketTarget implements ExportTarget {

  /** Is the first status code of errors of the server, which may pass. */
  private static final int SERVER_ERROR = 500;

  private final S3Client client;
  private final String bucket;
  private final String prefix;
  private final String endpoint;

  /**
   * @param endpoint names the server in errors
   * @param prefix first part of all names, ending in a slash
   */
  BucketTarget(S3Client client, String endpoint, String bucket, String prefix) {
    this.endpoint = endpoint;
    this.client = client;
    this.bucket = bucket;
    this.prefix = prefix;
  }

  @Override
  public String place() {
    return prefix.substring(0, prefix.length() - 1);
  }

  @Override
  public String description() {
    return "the bucket " + bucket + " at " + endpoint;
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
  public InputStream read(String name) throws IOException, SQLException {
    try {
      return new Content(
          requested(() -> client.getObject(get -> get.bucket(bucket).key(prefix + name))));
    } catch (NoSuchKeyException e) {
      throw (IOException) new NoSuchFileException(name).initCause(e);
    }
  }

  /** Reads an object to its end, and throws no error of the client but input errors. */
  private static final class Content extends FilterInputStream {

    /** Counts the bytes that are still to be read. */
    private long left;

    Content(ResponseInputStream<GetObjectResponse> object) {
      super(object);
      left = object.response().contentLength();
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int count;
      try {
        count = super.read(into, offset, length);
      } catch (SdkException e) {
        throw new IOException(e);
      }
      left -= Math.max(0, count);
      if (count < 0 && left > 0) {
        // The HTTP client does not report a connection that is closed too early.
        throw new EOFException("the response ends " + left + " bytes early");
      }
      return count;
    }
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

  /**
   * Sends a request.
   *
   * @throws NoSuchKeyException if the object is missing
   * @throws StorageException if the server can't be reached, fails, or is too busy
   * @throws Refusal {@code export-target} if the server rejects the request
   */
  private <T> T requested(Supplier<T> request) throws SQLException {
    try {
      return request.get();
    } catch (NoSuchKeyException e) {
      throw e;
    } catch (SdkException e) {
      if (isPassing(e)) {
        throw new StorageException(description(), e);
      }
      throw ExportTargets.refusal(
          new Reason(
              "export-storage",
              Map.of(
                  "bucket",
                  bucket,
                  "endpoint",
                  endpoint,
                  "message",
                  String.valueOf(e.getMessage()))));
    }
  }

  private static boolean isPassing(SdkException e) {
    return !(e instanceof SdkServiceException answer)
        || answer.statusCode() >= SERVER_ERROR
        || answer.statusCode() == HttpURLConnection.HTTP_CLIENT_TIMEOUT
        || answer.isThrottlingException();
  }
}
