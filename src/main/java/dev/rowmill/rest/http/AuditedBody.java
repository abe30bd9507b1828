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
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the audit may know of a request's body: members that are known to hold no secret, and of
 * parameters their names. A short value can be found out from its hash, so there is none of values
 * either. For one thread at a time.
 */
public final class AuditedBody {

  private static final List<String> NAMES = List.of("task", "statement", "plan");

  /** Anything else, such as the token of a sign-in, is left out. */
  private static final List<String> DETAILS =
      List.of(
          "task",
          "statement",
          "plan",
          "name",
          "role",
          "projects",
          "expiresAt",
          "mode",
          "onBusy",
          "onConflict",
          "undo",
          "wholeTable",
          "ignore",
          "walk",
          "maxRows",
          "maxDurationMillis",
          "window",
          "chunk",
          "lanes",
          "limits",
          "canaryChunks",
          "check",
          "reason");

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  /**
   * What was asked for.
   *
   * @param statement the SQL, whole
   * @param named the task, saved statement or plan that was named in its place
   * @param detail a JSON object, no longer than the audit takes
   */
  record Summary(@Nullable String statement, @Nullable String named, @Nullable String detail) {}

  /** The stream, of which everything that is read is kept. */
  InputStream kept(InputStream stream) {
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

  /** Of a body that can't be read as the service reads bodies, nothing. */
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

  private static @Nullable String detail(ObjectNode body) {
    ObjectNode detail = JsonNodeFactory.instance.objectNode();
    ArrayNode parameters = JsonNodeFactory.instance.arrayNode();
    body.path("parameters").fieldNames().forEachRemaining(parameters::add);
    if (!parameters.isEmpty()) {
      detail.set("parameters", parameters);
    }
    for (String name : DETAILS) {
      if (body.has(name)) {
        detail.set(name, body.get(name));
      }
    }
    return detail.isEmpty() ? null : shortened(detail);
  }

  /** As half a JSON object is none, the longest members are left out of one that is too long. */
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

  public static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
