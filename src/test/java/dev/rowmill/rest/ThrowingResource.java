package dev.rowmill.rest;

import dev.rowmill.task.Refusal;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** Throws the requested exception, for cases that no other request can cause. */
@PermitAll
@Path("/test/throw/{what}")
public class ThrowingResource {

  @GET
  @Operation(hidden = true)
  public String get(@PathParam("what") String what) throws Exception {
    switch (what) {
      case "bug" -> throw new IllegalStateException("a secret of the inside");
      case "error" -> throw new StackOverflowError();
      case "lost" ->
          throw new RuntimeException(
              new SQLNonTransientConnectionException("Communications link failure", "08S01"));
      case "read-only" -> throw new RuntimeException(new SQLException("read only", "HY000", 1836));
      case "sql-bug" -> throw new RuntimeException(new SQLException("syntax", "42000", 1064));
      default -> throw new Refusal(what, Map.of("title", "overwritten", "seat", "7a"));
    }
  }
}
