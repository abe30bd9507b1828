package dev.rowmill.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Holds the options that describe a change: a file, a statement, parameters and settings. */
@RegisterForReflection
final class ChangeOptions {

  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "PROJECT",
      description = "The project; may be left out when the file names it.")
  private @Nullable String project;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "SQL",
      description = "The statement, with :names for parameters.")
  private @Nullable String sql;

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description = "YAML or JSON file with the body of a start, and the project beside.")
  private @Nullable Path file;

  @Option(
      names = {"-p", "--param"},
      paramLabel = "NAME=VALUE",
      description =
          "Parameter of the statement. A value that is valid JSON is taken as such, any other as a "
              + "text.")
  private Map<String, String> parameters = new LinkedHashMap<>();

  @Option(
      names = {"-l", "--label"},
      paramLabel = "NAME=VALUE",
      description = "Label of the batch.")
  private Map<String, String> labels = new LinkedHashMap<>();

  @Option(
      names = {"-r", "--reason"},
      paramLabel = "TEXT",
      description = "Why the change is made.")
  private @Nullable String reason;

  @Option(
      names = {"-s", "--set"},
      paramLabel = "MEMBER=VALUE",
      description =
          "Any other member of the body, such as limits.rowsPerSecond=20000, mode=serial, "
              + "onBusy=queue or wholeTable=true.")
  private Map<String, String> members = new LinkedHashMap<>();

  /**
   * Represents a change to plan or to start.
   *
   * @param body the body of the request
   */
  record Change(String project, ObjectNode body) {

    /** Returns the path of its batches or its plans. */
    String path(String of) {
      return "projects/" + Api.encode(project) + "/" + of;
    }
  }

  /**
   * Returns the change: the file's body, with the options over it.
   *
   * @throws CommandException when the file is invalid, or the project is missing
   */
  Change read() {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    String name = project;
    if (file != null) {
      ChangeFile read = ChangeFile.read(file);
      body = read.body();
      if (read.project() != null) {
        if (name != null && !name.equals(read.project())) {
          throw CommandException.refused(
              "The project is " + name + ", but " + file + " names " + read.project() + ".");
        }
        name = read.project();
      }
    }
    if (name == null) {
      throw CommandException.refused("Name the project, as the first argument or in the file.");
    }
    if (sql != null) {
      body.put("sql", sql);
    }
    if (reason != null) {
      body.put("reason", reason);
    }
    for (Map.Entry<String, String> parameter : parameters.entrySet()) {
      object(body, "parameters").set(parameter.getKey(), value(parameter.getValue()));
    }
    for (Map.Entry<String, String> label : labels.entrySet()) {
      object(body, "labels").put(label.getKey(), label.getValue());
    }
    for (Map.Entry<String, String> member : members.entrySet()) {
      set(body, member.getKey(), value(member.getValue()));
    }
    return new Change(name, body);
  }

  private static void set(ObjectNode body, String path, JsonNode value) {
    int dot = path.indexOf('.');
    if (dot < 0) {
      body.set(path, value);
    } else {
      set(object(body, path.substring(0, dot)), path.substring(dot + 1), value);
    }
  }

  private static ObjectNode object(ObjectNode body, String name) {
    return body.get(name) instanceof ObjectNode object ? object : body.putObject(name);
  }

  private static JsonNode value(String text) {
    try {
      JsonNode read = JSON.readTree(text);
      return read.isMissingNode() ? TextNode.valueOf(text) : read;
    } catch (JsonProcessingException e) {
      return TextNode.valueOf(text);
    }
  }
}
