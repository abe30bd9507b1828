package dev.rowmill.rest.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.audit.AuditEntry;
import dev.rowmill.audit.AuditRow;
import dev.rowmill.audit.AuditVerifier.Verdict;
import dev.rowmill.rest.http.StrictJson;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Represents a page of the audit. */
@RegisterForReflection
@Schema(name = "AuditPage", description = "A page of the audit, newest first")
public record AuditPage(
    @Schema(description = "Lines of this page") List<LineBody> items,
    @Schema(
            description = "Path of the next page, with the same filters; null on the last",
            examples = "/api/v1/audit?project=p1&before=42")
        @Nullable String next) {

  /** Represents one line of the audit. */
  @Schema(name = "AuditLine", description = "An action that was performed or rejected")
  public record LineBody(
      @Schema(description = "Number of the line, from 1 without gaps", examples = "42") long id,
      @Schema(description = "Time of the action") Instant at,
      @Schema(description = "Name of the caller's token; rowmill for actions of the service itself")
          @Nullable String actor,
      @Schema(
              description = "Role of the caller; service for actions of the service itself",
              enumeration = {"viewer", "agent", "operator", "author", "admin", "service"})
          @Nullable String role,
      @Schema(description = "Address from which the request came") @Nullable String address,
      @Schema(description = "Operation that was requested or performed", examples = "startBatch")
          String operation,
      @Schema(description = "Method and path", examples = "POST /api/v1/projects/p1/batches")
          @Nullable String request,
      @Schema(description = "The project") @Nullable String project,
      @Schema(description = "The batch") @Nullable Long batch,
      @Schema(
              description =
                  "First 2000 characters of the statement, or the name of the task, saved statement"
                      + " or plan")
          @Nullable String statement,
      @Schema(description = "SHA-256 of the complete statement, in hexadecimal")
          @Nullable String statementSha256,
      @Schema(description = "Further members of the request; only the names of parameters")
          @Nullable JsonNode detail,
      @Schema(description = "HTTP status of the response") @Nullable Integer status,
      @Schema(
              description = "Last part of the type of the problem in the response",
              examples = "project-busy")
          @Nullable String problem,
      @Schema(description = "Hash of the previous line", examples = "81cc…") String previousHash,
      @Schema(description = "Hash of this line", examples = "3f0a…") String hash) {

    static LineBody of(AuditRow row) {
      AuditEntry e = row.entry();
      return new LineBody(
          row.id(),
          e.at(),
          e.actor(),
          e.role(),
          e.address(),
          e.operation(),
          e.request(),
          e.project(),
          e.batch(),
          e.statement(),
          e.statementSha256(),
          e.detail() == null ? null : json(e.detail()),
          e.status(),
          e.problem(),
          row.previousHash(),
          row.hash());
    }

    /** Returns the detail as JSON, or as a text when a manipulated line has no valid JSON. */
    private static JsonNode json(String detail) {
      try {
        return StrictJson.MAPPER.readTree(detail);
      } catch (JsonProcessingException e) {
        return StrictJson.MAPPER.getNodeFactory().textNode(detail);
      }
    }
  }

  /** Represents the result of verifying the audit's hash chain. */
  @Schema(name = "AuditVerdict", description = "Result of verifying the audit's hash chain")
  public record VerdictBody(
      @Schema(description = "Whether every line is unchanged") boolean valid,
      @Schema(description = "Number of valid lines before the first invalid one") long rows,
      HeadBody head,
      @Nullable BrokenBody broken) {

    static VerdictBody of(Verdict verdict) {
      return new VerdictBody(
          verdict.broken() == null,
          verdict.rows(),
          new HeadBody(verdict.id(), verdict.hash()),
          verdict.broken() == null
              ? null
              : new BrokenBody(
                  verdict.broken().id(),
                  verdict.broken().reason().name().toLowerCase(Locale.ROOT)));
    }
  }

  /** Represents the newest line. */
  @Schema(
      name = "AuditHead",
      description = "Newest line when the verification began, to be stored elsewhere")
  public record HeadBody(
      @Schema(description = "Number of the line, which is also the number of lines; 0 for none")
          long id,
      @Schema(description = "Its hash", examples = "3f0a…") String hash) {}

  /** Represents the first invalid line. */
  @Schema(name = "AuditBroken", description = "First invalid line")
  public record BrokenBody(
      @Schema(description = "Number") long id,
      @Schema(
              description = "Why the line is invalid",
              enumeration = {"changed", "missing", "inserted", "reordered"})
          String reason) {}
}
