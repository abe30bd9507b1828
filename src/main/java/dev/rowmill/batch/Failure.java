package dev.rowmill.batch;

import dev.rowmill.task.Refusal;
import java.util.List;
import java.util.Map;

/**
 * Describes why a batch failed, independent of a language.
 *
 * @param type last part of the problem type, such as {@code chunk-failed}
 * @param members further members of the problem document
 * @param reasons reasons as in a refusal; mostly empty
 */
public record Failure(String type, Map<String, Object> members, List<Refusal.Reason> reasons) {

  /** Returns the failure for a refusal, without secrets. */
  public static Failure of(Refusal refusal, SecretValues secrets) {
    Refusal shown = secrets.refusal(refusal);
    return new Failure(shown.type(), shown.members(), shown.reasons());
  }

  public String toJson() {
    return StoredJson.write(this);
  }

  public static Failure fromJson(String json) {
    return StoredJson.read(json, Failure.class);
  }
}
