package dev.rowmill.cli;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

  /** Reads JSON too, which is YAML. Numbers keep all of their digits. */
  private static final ObjectMapper YAML =
      new ObjectMapper(new YAMLFactory())
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
}
