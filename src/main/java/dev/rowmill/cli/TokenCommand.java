package dev.rowmill.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Contains the commands about tokens. */
@RegisterForReflection
@Command(name = "token", description = "Create, list and revoke tokens.")
final class TokenCommand {

  @Command(name = "create", description = "Create a token, and print its secret once.")
  int create(
      @Mixin Session session,
      @Parameters(paramLabel = "NAME", description = "Name of its caller.") String name,
      @Option(
              names = "--role",
              required = true,
              paramLabel = "ROLE",
              description = "viewer, agent, operator, author or admin.")
          String role,
      @Option(
              names = "--project",
              paramLabel = "PATTERN",
              description = "Project that its caller sees; * matches any characters. Repeatable.")
          @Nullable List<String> projects,
      @Option(names = "--days", paramLabel = "N", description = "Days until it expires.")
          @Nullable Integer days) {
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("name", name).put("role", role);
    if (projects != null) {
      projects.forEach(body.putArray("projects")::add);
    }
    if (days != null) {
      body.put("expiresInDays", days);
    }
    JsonNode token = session.api().send("POST", "tokens", body);
    session.print(token, token.path("token").asText());
    return ExitCode.SUCCEEDED;
  }

  @Command(name = "list", description = "List tokens, newest first, without their secrets.")
  int list(@Mixin Session session) {
    JsonNode page = session.api().get("tokens?limit=200");
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("ID", "NAME", "ROLE", "PROJECTS", "EXPIRES", "LAST USED", "REVOKED"));
    for (JsonNode token : page.path("items")) {
      List<String> projects = new ArrayList<>();
      token.path("projects").forEach(pattern -> projects.add(pattern.asText()));
      rows.add(
          List.of(
              token.path("id").asText(),
              token.path("name").asText(),
              token.path("role").asText(),
              String.join(" ", projects),
              time(token, "expiresAt"),
              time(token, "lastUsedAt"),
              time(token, "revokedAt")));
    }
    session.print(page, TextTable.of(rows));
    return ExitCode.SUCCEEDED;
  }

  @Command(name = "revoke", description = "Revoke a token.")
  int revoke(
      @Mixin Session session,
      @Parameters(paramLabel = "ID", description = "Id of the token.") long id) {
    session.api().send("DELETE", "tokens/" + id, null);
    session.say("Token " + id + " is revoked.");
    return ExitCode.SUCCEEDED;
  }

  private static String time(JsonNode token, String name) {
    return token.hasNonNull(name) ? token.path(name).asText() : "";
  }
}
