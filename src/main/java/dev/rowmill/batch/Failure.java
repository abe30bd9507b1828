package dev.rowmill.batch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rowmill.task.Refusal;
import java.util.List;
import java.util.Map;

/**
 * Describes why a batch has failed, independent of a language.
 *
 * @param type last part of the problem's type, such as {@code chunk-failed}
 * @param members further members of the problem document
 * @param reasons reasons as in a refusal; usually empty
 */
public record Failure(String type, Map<String, Object> members, List<Refusal.Reason> reasons) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Returns the failure for a refusal, without secret values. */
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
