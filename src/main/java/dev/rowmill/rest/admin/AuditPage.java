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
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Represents a page of the audit. */
@RegisterForReflection
@Schema(name = "AuditPage", description = "A page of the audit, newest first")
public record AuditPage(
    @Schema(description = "The lines of this page") List<LineBody> items,
    @Schema(
            description = "Path of the next page, with the same filters; null on the last",
            examples = "/api/v1/audit?project=p1&before=42")
        @Nullable String next) {

  /** Represents one line of the audit. */
  @RegisterForReflection
  @Schema(name = "AuditLine", description = "Something that was done, or refused")
  public record LineBody(
      @Schema(description = "Its number; they count from 1 without a gap", examples = "42") long id,
      @Schema(description = "When") Instant at,
      @Schema(description = "Name of the caller's token; rowmill for what happened by itself")
          @Nullable String actor,
      @Schema(description = "The caller's role; service for what happened by itself")
          @Nullable String role,
      @Schema(description = "Address that the request came from") @Nullable String address,
      @Schema(description = "What was asked for or happened", examples = "startBatch")
          String operation,
      @Schema(description = "Method and path", examples = "POST /api/v1/projects/p1/batches")
          @Nullable String request,
      @Schema(description = "The project") @Nullable String project,
      @Schema(description = "The batch") @Nullable Long batch,
      @Schema(
              description =
                  "The statement, its first 2000 characters, or the name of the task, saved"
                      + " statement or plan")
          @Nullable String statement,
      @Schema(description = "SHA-256 of the whole statement, in hexadecimal")
          @Nullable String statementSha256,
      @Schema(
              description = "What else was asked for; of parameters the names alone",
              type = SchemaType.OBJECT,
              implementation = Object.class)
          @Nullable JsonNode detail,
      @Schema(description = "HTTP status of the answer") @Nullable Integer status,
      @Schema(
              description = "The last part of the type of the problem that was answered",
              examples = "project-busy")
          @Nullable String problem,
      @Schema(description = "Hash of the line before") String previousHash,
      @Schema(description = "Hash of this line") String hash) {

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
  @RegisterForReflection
  @Schema(name = "AuditVerdict", description = "What a walk along the audit's chain has found")
  public record VerdictBody(
      @Schema(description = "Whether every line is as it was written") boolean valid,
      @Schema(description = "Lines found good, up to the first that is not") long rows,
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
  @RegisterForReflection
  @Schema(
      name = "AuditHead",
      description = "The newest line when the walk began, to be noted elsewhere")
  public record HeadBody(
      @Schema(description = "Its number, and so how many there are; 0 for none") long id,
      @Schema(description = "Its hash") String hash) {}

  /** Represents the first invalid line. */
  @RegisterForReflection
  @Schema(name = "AuditBroken", description = "The first line that is not as it was written")
  public record BrokenBody(
      @Schema(description = "Its number") long id,
      @Schema(
              description = "What is wrong with it",
              enumeration = {"changed", "missing", "inserted", "reordered"})
          String reason) {}
}
