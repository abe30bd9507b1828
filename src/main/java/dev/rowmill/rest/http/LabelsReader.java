package dev.rowmill.rest.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.batch.Label;
import dev.rowmill.batch.Labels;
import dev.rowmill.task.Refusal.Reason;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Reads labels of a body, and filters by labels. Stateless. */
final class LabelsReader {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  private LabelsReader() {}

  /** Returns the valid labels. Violations are collected in the body. */
  static Labels read(JsonBody body) {
    Map<String, String> labels = new TreeMap<>();
    if (body.node().size() > Labels.MOST) {
      body.violation("", Reason.of("too-many-labels", "max", String.valueOf(Labels.MOST)));
    }
    for (Map.Entry<String, JsonNode> member : body.node().properties()) {
      String name = StrictJson.shown(member.getKey());
      JsonNode value = member.getValue();
      if (!NAME.matcher(member.getKey()).matches()) {
        body.violation(name, Reason.of("label-name"));
      } else if (!value.isTextual()) {
        body.violation(name, Reason.of("not-a-text"));
      } else if (!isValue(value.textValue())) {
        body.violation(name, Reason.of("label-value", "max", String.valueOf(Labels.LONGEST_VALUE)));
      } else {
        labels.put(member.getKey(), value.textValue());
      }
    }
    return new Labels(labels);
  }

  // The database ignores spaces at the end when it compares, so there are none.
  private static boolean isValue(String text) {
    return !text.isEmpty()
        && text.codePointCount(0, text.length()) <= Labels.LONGEST_VALUE
        && text.equals(text.strip());
  }

  /** Returns the label of a filter such as {@code ticket:OPS-7}; empty when it is invalid. */
  static Optional<Label> filter(String text) {
    int colon = text.indexOf(':');
    return colon > 0
            && NAME.matcher(text.substring(0, colon)).matches()
            && isValue(text.substring(colon + 1))
        ? Optional.of(new Label(text.substring(0, colon), text.substring(colon + 1)))
        : Optional.empty();
  }
}
