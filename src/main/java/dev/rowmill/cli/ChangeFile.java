package dev.rowmill.cli;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Represents a file with one change: the body of a start as YAML or JSON, with the member {@code
 * project} beside.
 *
 * @param project null if the file names none
 * @param body the body of the start
 */
record ChangeFile(@Nullable String project, ObjectNode body) {

  private static final String PROJECT = "project";

  /** Matches numbers that YAML takes for others than most people do, such as 00501 and 1_000. */
  private static final Pattern SURPRISE = Pattern.compile("[-+]?(0[0-9_xob].*|[0-9.]*_.*)");

  /** Reads JSON too, which is YAML. Numbers keep all of their digits, and yes and no are texts. */
  private static final ObjectMapper YAML =
      new ObjectMapper(
              YAMLFactory.builder()
                  .enable(YAMLParser.Feature.PARSE_BOOLEAN_LIKE_WORDS_AS_STRINGS)
                  .build())
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /**
   * Reads a file.
   *
   * @throws CommandException when it can't be read, or is not one object
   */
  static ChangeFile read(Path file) {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (IOException e) {
      throw CommandException.refused("Can't read " + file + ".");
    }
    JsonNode read;
    try {
      check(file, bytes);
      read = YAML.readTree(bytes);
    } catch (JsonProcessingException e) {
      throw CommandException.refused(
          file
              + ", line "
              + (e.getLocation() == null ? 1 : e.getLocation().getLineNr())
              + ": "
              + e.getOriginalMessage());
    } catch (IOException e) {
      throw CommandException.refused(file + " is not valid YAML: " + e.getMessage());
    }
    if (!(read instanceof ObjectNode body)) {
      throw CommandException.refused(file + " must contain the body of a start, as YAML or JSON.");
    }
    JsonNode project = body.remove(PROJECT);
    if (project != null && !project.isTextual()) {
      throw CommandException.refused(file + ": project must be a text.");
    }
    return new ChangeFile(project == null ? null : project.textValue(), body);
  }

  /** Refuses what would silently become another value than the file seems to have. */
  private static void check(Path file, byte[] bytes) throws IOException {
    try (YAMLParser parser = (YAMLParser) YAML.getFactory().createParser(bytes)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        String problem = null;
        if (parser.isCurrentAlias() || parser.getObjectId() != null) {
          problem = "anchors and aliases are not supported";
        } else if (token == JsonToken.FIELD_NAME && parser.currentName().equals("<<")) {
          problem = "merged members are not supported";
        } else if (token.isNumeric() && SURPRISE.matcher(parser.getText()).matches()) {
          problem = "put " + parser.getText() + " into quotes, or write the number in plain digits";
        }
        if (problem != null) {
          throw CommandException.refused(
              file + ", line " + parser.currentTokenLocation().getLineNr() + ": " + problem + ".");
        }
      }
    }
  }
}
