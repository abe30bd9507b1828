package dev.rowmill.rest.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.task.Refusal.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a body as exactly one JSON object. Rejects duplicate members, trailing content, and input
 * so deep or long that reading it is too costly. Numbers are not rounded. Safe for many threads.
 */
public final class StrictJson {

  private static final int DEEPEST = 64;
  private static final int LONGEST_NAME = 1000;

  /**
   * Limits the digits of a number: more than a database number can hold, but still cheap to print.
   */
  private static final int MOST_DIGITS = 400;

  public static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(DEEPEST)
                          .maxNameLength(LONGEST_NAME)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private StrictJson() {}

  /**
   * Reads the body.
   *
   * @throws InvalidRequestException when the body is not exactly one valid JSON object
   */
  public static ObjectNode object(byte @Nullable [] body) {
    if (body == null || body.length == 0) {
      throw invalid("", Reason.of("missing-body"));
    }
    JsonNode read = read(body);
    if (read == null || read.isMissingNode()) {
      throw invalid("", Reason.of("missing-body"));
    }
    if (!(read instanceof ObjectNode object)) {
      throw invalid("", Reason.of("not-an-object"));
    }
    check("", object);
    return object;
  }

  /**
   * Returns the text with invalid characters replaced and at most 100 characters, for a response.
   */
  public static String shown(String text) {
    String valid = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    return valid.codePointCount(0, valid.length()) <= 100
        ? valid
        : valid.substring(0, valid.offsetByCodePoints(0, 100)) + "…";
  }

  private static @Nullable JsonNode read(byte[] body) {
    try (JsonParser parser = MAPPER.createParser(text(body))) {
      JsonNode read = MAPPER.readTree(parser);
      if (read != null && parser.nextToken() != null) {
        throw invalid("", Reason.of("trailing-content"));
      }
      return read;
    } catch (StreamConstraintsException e) {
      throw invalid("", Reason.of("too-complex"));
    } catch (JsonProcessingException e) {
      throw malformed(
          e.getLocation() == null ? 0 : e.getLocation().getLineNr(),
          e.getLocation() == null ? 0 : e.getLocation().getColumnNr(),
          // Removes the start marker, which names no useful source.
          e.getOriginalMessage().replaceFirst("(?s) \\(start marker at .*", ""));
    } catch (NumberFormatException e) {
      // The parser accepts an exponent that exceeds the range of every number type.
      throw invalid("", Reason.of("number-too-long"));
    } catch (IOException e) {
      throw malformed(0, 0, "not in UTF-8");
    }
  }

  /**
   * Decodes the body strictly as UTF-8 and removes a byte order mark. The parser itself would also
   * accept other encodings and overlong sequences.
   */
  private static String text(byte[] body) throws CharacterCodingException {
    String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    return text.startsWith("\ufeff") ? text.substring(1) : text;
  }

  private static InvalidRequestException malformed(int line, int column, String cause) {
    return invalid(
        "",
        new Reason(
            "malformed-json",
            Map.of(
                "line", String.valueOf(line),
                "column", String.valueOf(column),
                "cause", shown(cause))));
  }

  private static void check(String field, JsonNode node) {
    if (node.isTextual() && !isUnicode(node.textValue())) {
      throw invalid(field, Reason.of("not-unicode"));
    }
    if (node.isBigDecimal()
        && Math.abs((long) node.decimalValue().scale()) + node.decimalValue().precision()
            > MOST_DIGITS) {
      throw invalid(field, Reason.of("number-too-long"));
    }
    if (node.isBigInteger() && node.bigIntegerValue().bitLength() > MOST_DIGITS * 3) {
      throw invalid(field, Reason.of("number-too-long"));
    }
    node.properties()
        .forEach(
            member -> {
              String path =
                  field.isEmpty() ? shown(member.getKey()) : field + "." + shown(member.getKey());
              if (!isUnicode(member.getKey())) {
                throw invalid(path, Reason.of("not-unicode"));
              }
              check(path, member.getValue());
            });
    if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        check(field + "[" + i + "]", node.get(i));
      }
    }
  }

  private static boolean isUnicode(String text) {
    return text.codePoints()
        .noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
  }

  private static InvalidRequestException invalid(String field, Reason reason) {
    return new InvalidRequestException(field, reason);
  }
}
