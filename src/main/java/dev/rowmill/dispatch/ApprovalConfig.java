package dev.rowmill.dispatch;

import io.smallrye.config.ConfigMapping;
import jakarta.validation.constraints.Min;
import java.util.Optional;

/** Configures which batches need an approval. */
@ConfigMapping(prefix = "rowmill.approval")
public interface ApprovalConfig {

  /** Returns the number of planned rows above which a batch needs an approval; empty for never. */
  Optional<@Min(0) Long> rows();
}
