package dev.rowmill.dispatch;

import io.smallrye.config.ConfigMapping;
import jakarta.validation.constraints.Min;
import java.util.Optional;

/** Which batches need the word of another. */
@ConfigMapping(prefix = "rowmill.approval")
public interface ApprovalConfig {

  /** A batch that plans to change more rows waits for its approval; none for never. */
  Optional<@Min(0) Long> rows();
}
