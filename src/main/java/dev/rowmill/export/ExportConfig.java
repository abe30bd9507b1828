package dev.rowmill.export;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/** Configures where exports may write. */
@ConfigMapping(prefix = "rowmill.export")
public interface ExportConfig {

  /**
   * Holds the local directory below which exports write. Without it, exports to directories are
   * rejected. Nodes of a cluster must share it.
   */
  Optional<String> directory();

  S3 s3();

  /** Configures S3-compatible storage. */
  interface S3 {

    /** Lists the buckets that exports may write to. Without any, exports to S3 are rejected. */
    Optional<List<String>> buckets();

    /** Holds the URL of the server. Without it, that of Amazon for the region is used. */
    Optional<URI> endpoint();

    /** Holds the region. */
    @WithDefault("us-east-1")
    String region();

    /** Holds the id of the access key. */
    Optional<String> accessKey();

    /** Holds the secret access key. */
    Optional<String> secretKey();

    /** Decides whether the bucket is in the path of a URL, rather than in its host. */
    @WithDefault("false")
    boolean pathStyle();
  }
}
