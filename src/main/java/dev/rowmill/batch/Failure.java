package dev.rowmill.batch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rowmill.task.Refusal;
import java.util.List;
import java.util.Map;

/**
 * Why a batch has failed, in no language yet.
 *
 * @param type the last part of the problem's type, such as {@code chunk-failed}
 * @param members what the problem document carries besides
 * @param reasons as in a refusal; empty for most
 */
public record Failure(String type, Map<String, Object> members, List<Refusal.Reason> reasons) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Of a refusal, without secrets. */
  public static Failure of(Refusal refusal, SecretValues secrets) {
    Refusal shown = secrets.refusal(refusal);
    return new Failure(shown.type(), shown.members(), shown.reasons());
  }

  public String toJson() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("failure " + type + " can't be written as JSON", e);
    }
  }

  public static Failure fromJson(String json) {
    try {
      return JSON.readValue(json, Failure.class);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("stored failure can't be read: " + json, e);
    }
  }
}
