package dev.rowmill.rest.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.audit.AuditEntry;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Collects what the audit may store of a request's body: members known to hold no secret, and the
 * names of parameters. Values are not even stored as hashes, because a short value can be guessed
 * from its hash. For one thread at a time.
 */
public final class AuditedBody {

  private static final List<String> NAMES = List.of("task", "statement", "plan");

  private final Set<String> copied;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  /** Starts with no bytes, and the names of the members that are copied as they are. */
  AuditedBody(Set<String> copied) {
    this.copied = copied;
  }

  /**
   * Summarizes a request.
   *
   * @param statement the complete SQL
   * @param named the task, saved statement or plan that is named instead
   * @param detail a JSON object, at most as long as the audit allows
   */
  record Summary(@Nullable String statement, @Nullable String named, @Nullable String detail) {}

  /** Records bytes of the body. */
  void add(byte[] part) {
    bytes.writeBytes(part);
  }

  /** Wraps a stream and records all bytes that are read from it. */
  InputStream copying(InputStream stream) {
    return new FilterInputStream(stream) {
      @Override
      public int read() throws IOException {
        int read = super.read();
        if (read >= 0) {
          bytes.write(read);
        }
        return read;
      }

      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        int read = super.read(into, offset, length);
        if (read > 0) {
          bytes.write(into, offset, read);
        }
        return read;
      }
    };
  }

  /**
   * Returns the summary of the recorded body. All of it is null when the body is empty, too large
   * or no strict JSON object.
   */
  Summary summary() {
    if (bytes.size() == 0 || bytes.size() > RequestBytes.MOST) {
      return new Summary(null, null, null);
    }
    ObjectNode body;
    try {
      body = StrictJson.object(bytes.toByteArray());
    } catch (InvalidRequestException e) {
      return new Summary(null, null, null);
    }
    String named =
        NAMES.stream()
            .map(body::path)
            .filter(JsonNode::isTextual)
            .map(JsonNode::asText)
            .findFirst()
            .orElse(null);
    JsonNode sql = body.path("sql");
    return new Summary(sql.isTextual() ? sql.asText() : null, named, detail(body));
  }

  private @Nullable String detail(ObjectNode body) {
    ObjectNode detail = JsonNodeFactory.instance.objectNode();
    ArrayNode parameters = JsonNodeFactory.instance.arrayNode();
    body.path("parameters").fieldNames().forEachRemaining(parameters::add);
    if (!parameters.isEmpty()) {
      detail.set("parameters", parameters);
    }
    for (String name : copied) {
      if (body.has(name)) {
        detail.set(name, body.get(name));
      }
    }
    return detail.isEmpty() ? null : shortened(detail);
  }

  /**
   * Returns the detail as JSON. While it is too long, replaces the longest member by an ellipsis,
   * because truncated JSON would be invalid.
   */
  private static String shortened(ObjectNode detail) {
    String text = detail.toString();
    while (text.length() > AuditEntry.LONGEST_DETAIL) {
      detail.properties().stream()
          .max(Comparator.comparingInt(member -> member.getValue().toString().length()))
          .ifPresent(longest -> detail.put(longest.getKey(), "…"));
      text = detail.toString();
    }
    return text;
  }
}
