package dev.rowmill.rest.batch;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonRootName;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.rowmill.batch.OnError;
import dev.rowmill.batch.OnError.Mode;
import dev.rowmill.rest.http.BodyReader;
import dev.rowmill.task.Refusal.Reason;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.validation.constraints.NotNull;
import java.math.BigDecimal;
import java.util.Optional;
import java.util.regex.Pattern;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Represents what a batch does about a row that rejects its change, as callers see it. */
@RegisterForReflection
@Schema(name = "OnError", description = "What the batch does about a row that rejects its change")
public record OnErrorBody(
    @Schema(description = "skip: the row is noted and passed over", enumeration = "skip")
        String mode,
    @Schema(
            description =
                "Number of rows that may be skipped, or a percentage of the batch's rows. The batch"
                    + " fails at one more",
            implementation = Object.class,
            examples = "1000")
        JsonNode maxSkipped) {

  private static final Pattern PERCENT = Pattern.compile("(\\d{1,3}(?:\\.\\d{1,3})?)%");
  private static final long MOST_ROWS = 1_000_000;
  private static final BigDecimal WHOLE = BigDecimal.valueOf(100);

  /** Represents the same in a request. */
  @JsonRootName("OnErrorRequest")
  @JsonClassDescription("What to do about a row that rejects its change")
  public record Request(
      @Schema(
              description =
                  "fail: the batch fails at the row. skip: the row is noted and passed over, and"
                      + " all others are changed")
          @NotNull(message = "missing-value")
          @Nullable Mode mode,
      @Schema(
              description =
                  "With skip: number of rows that may be skipped, up to 1000000, or a percentage of"
                      + " the batch's rows such as \"1%\". The batch fails at one more. 1000 by"
                      + " default")
          @Nullable JsonNode maxSkipped) {

    /** Returns why the limit is invalid; empty if it is valid. */
    Optional<Reason> problem() {
      if (maxSkipped == null || mode == null) {
        return Optional.empty();
      } else if (mode == Mode.FAIL) {
        return Optional.of(Reason.of("only-with-skip"));
      }
      return number(maxSkipped).isPresent() || percent(maxSkipped).isPresent()
          ? Optional.empty()
          : Optional.of(Reason.of("max-skipped", "max", String.valueOf(MOST_ROWS)));
    }

    /** Returns the rules, after {@link #problem} returned no problem. */
    OnError rules() {
      if (mode != Mode.SKIP) {
        return OnError.FAIL;
      } else if (maxSkipped == null) {
        return OnError.skip(OnError.DEFAULT_MAX_SKIPPED);
      }
      return number(maxSkipped)
          .map(OnError::skip)
          .or(() -> percent(maxSkipped).map(OnError::skipPercent))
          .orElseThrow();
    }
  }

  private static Optional<Long> number(JsonNode value) {
    return value.isIntegralNumber()
            && value.canConvertToLong()
            && value.longValue() >= 1
            && value.longValue() <= MOST_ROWS
        ? Optional.of(value.longValue())
        : Optional.empty();
  }

  private static Optional<BigDecimal> percent(JsonNode value) {
    var percent = PERCENT.matcher(value.isTextual() ? value.textValue() : "");
    return percent.matches()
        ? Optional.of(new BigDecimal(percent.group(1)))
            .filter(it -> it.signum() > 0 && it.compareTo(WHOLE) <= 0)
        : Optional.empty();
  }

  /** Returns the rules of a batch; null where a row fails the batch. */
  static @Nullable OnErrorBody of(@Nullable OnError rules) {
    if (rules == null || rules.mode() == Mode.FAIL) {
      return null;
    }
    BigDecimal percent = rules.maxSkippedPercent();
    return new OnErrorBody(
        BodyReader.text(rules.mode()),
        percent == null
            ? LongNode.valueOf(rules.budget(0))
            : TextNode.valueOf(percent.toPlainString() + "%"));
  }
}
