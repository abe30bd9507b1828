package dev.rowmill.export;

import dev.rowmill.database.DataQueries;
import dev.rowmill.database.Rows;
import dev.rowmill.export.ExportParameters.To;
import dev.rowmill.task.Refusal;
import dev.rowmill.task.Refusal.Reason;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/** Finds the places that exports write to. Thread-safe. */
@Singleton
public class ExportTargets {

  private final ExportConfig config;
  private final Supplier<String> readInstallation;

  /** Identifies this installation; null before its first use. */
  private volatile @Nullable String installation;

  /** Connects to S3; null before its first use. Guarded by this. */
  private @Nullable S3Client client;

  @Inject
  ExportTargets(ExportConfig config, DataQueries data) {
    this(
        config,
        () ->
            data.query(
                connection ->
                    Rows.first(connection, "SELECT id FROM installation", row -> row.getString(1))
                        .orElseThrow()));
  }

  /**
   * @param installation reads the id of this installation
   */
  ExportTargets(ExportConfig config, Supplier<String> installation) {
    this.config = config;
    this.readInstallation = installation;
  }

  /**
   * Checks that files can be written to a place. Creates nothing.
   *
   * @throws Refusal {@code export-target} if not
   */
  public void check(To to) {
    if ((to.directory() == null) == (to.bucket() == null)
        || (to.prefix() != null && to.bucket() == null)) {
      throw refusal(Reason.of("export-one-target"));
    }
    if (to.directory() != null) {
      Path root = root();
      if (!Files.isWritable(root) || !DirectoryTarget.isPossible(root, to.directory())) {
        throw refusal(Reason.of("export-directory", "directory", to.directory()));
      }
    } else {
      checkBucket(String.valueOf(to.bucket()));
    }
  }

  private void checkBucket(String bucket) {
    if (config.s3().accessKey().isEmpty() || config.s3().secretKey().isEmpty()) {
      throw refusal(Reason.of("export-no-credentials"));
    }
    if (!config.s3().buckets().orElse(List.of()).contains(bucket)) {
      throw refusal(Reason.of("export-bucket", "bucket", bucket));
    }
  }

  /** Returns the configured directory. */
  private Path root() {
    Optional<Path> root = config.directory().map(Path::of).filter(Files::isDirectory);
    return root.orElseThrow(() -> refusal(Reason.of("export-no-directory")));
  }

  /**
   * Opens the place of a batch, and creates its directory.
   *
   * @throws Refusal {@code export-target} as {@link #check} does
   * @throws StorageException if the directory can't be created now
   */
  public ExportTarget open(To to, long batch) throws StorageException {
    check(to);
    String own = own(batch);
    try {
      return to.directory() == null
          ? bucket(to, own)
          : DirectoryTarget.create(root(), to.directory() + "/" + own);
    } catch (IOException e) {
      throw new StorageException("the directory " + to.directory(), e);
    }
  }

  /**
   * Opens the place of a batch that has written to it.
   *
   * @throws Refusal {@code export-target} as {@link #check} does
   * @throws NotDirectoryException if its directory is gone
   */
  public ExportTarget find(To to, long batch) throws IOException {
    check(to);
    String own = own(batch);
    return to.directory() == null
        ? bucket(to, own)
        : DirectoryTarget.find(root(), to.directory() + "/" + own);
  }

  private String own(long batch) {
    return "batch-" + batch + "-" + installation();
  }

  private ExportTarget bucket(To to, String own) {
    String prefix = to.prefix() == null ? own : to.prefix() + "/" + own;
    return new BucketTarget(client(), endpoint(), String.valueOf(to.bucket()), prefix + "/");
  }

  /** Returns a text that names the S3 server, without credentials that its URL may have. */
  private String endpoint() {
    return config
        .s3()
        .endpoint()
        .map(uri -> uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort()))
        .orElse("Amazon's region " + config.s3().region());
  }

  /** Returns the id of this installation. The batches of another one may have the same numbers. */
  private String installation() {
    String known = installation;
    if (known == null) {
      known = readInstallation.get();
      installation = known;
    }
    return known;
  }

  private synchronized S3Client client() {
    if (client == null) {
      ExportConfig.S3 s3 = config.s3();
      S3ClientBuilder builder =
          S3Client.builder()
              .httpClientBuilder(UrlConnectionHttpClient.builder())
              .region(Region.of(s3.region()))
              .credentialsProvider(
                  StaticCredentialsProvider.create(
                      AwsBasicCredentials.create(
                          s3.accessKey().orElseThrow(), s3.secretKey().orElseThrow())))
              .forcePathStyle(s3.pathStyle())
              // Not every compatible server knows the checksums of newer clients.
              .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
              .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED);
      s3.endpoint().ifPresent(builder::endpointOverride);
      client = builder.build();
    }
    return client;
  }

  @PreDestroy
  synchronized void close() {
    if (client != null) {
      client.close();
    }
  }

  static Refusal refusal(Reason reason) {
    return new Refusal("export-target", Map.of(), List.of(reason));
  }
}
