package dev.rowmill.rest.batch;

import dev.rowmill.changes.ChangeStream;
import dev.rowmill.changes.InvalidSelectionException;
import dev.rowmill.rest.http.InvalidRequestException;
import dev.rowmill.security.Callers;
import dev.rowmill.security.CredentialWatch;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.ext.Provider;
import java.io.OutputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.core.ResteasyReactiveRequestContext;
import org.jboss.resteasy.reactive.server.spi.ResteasyReactiveResourceInfo;
import org.jboss.resteasy.reactive.server.spi.ServerHttpResponse;
import org.jboss.resteasy.reactive.server.spi.ServerMessageBodyWriter;
import org.jboss.resteasy.reactive.server.spi.ServerRequestContext;
import org.jspecify.annotations.Nullable;

/**
 * Writes changes to a response part by part. The next part is read while the previous one is
 * written, and no further one until the client has received that. No thread waits for the client.
 */
@Provider
public class ChangeStreamWriter implements ServerMessageBodyWriter<ChangeStream> {

  private static final Logger LOG = Logger.getLogger(ChangeStreamWriter.class);

  private static final int PIECE = 64 << 10;

  private final Callers callers;

  ChangeStreamWriter(Callers callers) {
    this.callers = callers;
  }

  @Override
  public boolean isWriteable(
      Class<?> type, Type generic, ResteasyReactiveResourceInfo target, MediaType mediaType) {
    return ChangeStream.class.isAssignableFrom(type);
  }

  @Override
  public boolean isWriteable(
      Class<?> type, Type generic, Annotation[] annotations, MediaType mediaType) {
    return ChangeStream.class.isAssignableFrom(type);
  }

  @Override
  public void writeResponse(ChangeStream changes, Type generic, ServerRequestContext context) {
    // Errors of the first part are still reported as problems.
    byte[] first = first(changes);
    var request = (ResteasyReactiveRequestContext) context;
    request.suspend();
    ServerHttpResponse response = context.serverResponse();
    response.setChunked(true);
    new Transfer(changes, request, response, callers.watch()).write(first);
  }

  private static byte @Nullable [] first(ChangeStream changes) {
    try {
      return changes.next();
    } catch (InvalidSelectionException e) {
      throw new InvalidRequestException(e.field(), e.reason());
    }
  }

  @Override
  public void writeTo(
      ChangeStream changes,
      Class<?> type,
      Type generic,
      Annotation[] annotations,
      MediaType mediaType,
      MultivaluedMap<String, Object> headers,
      OutputStream out) {
    throw new UnsupportedOperationException("a response is written by writeResponse");
  }

  /** Represents one response. */
  private record Transfer(
      ChangeStream changes,
      ResteasyReactiveRequestContext request,
      ServerHttpResponse response,
      CredentialWatch.Watch caller) {

    void write(byte @Nullable [] part) {
      if (part == null) {
        caller.close();
        response.end();
        request.close();
        return;
      }
      CompletionStage<Void> written = write(part, 0);
      CompletableFuture.supplyAsync(changes::next, Infrastructure.getDefaultWorkerPool())
          .thenCombine(written, (next, done) -> next)
          .whenComplete(
              (next, failure) -> {
                if (failure != null || caller.isOver() || response.closed()) {
                  abort(failure);
                } else {
                  write(next);
                }
              });
    }

    /**
     * Writes the rest of a part in pieces. The server closes a connection as idle if a write is not
     * completed for long, even if the client receives slowly.
     */
    private CompletionStage<Void> write(byte[] part, int from) {
      int to = Math.min(part.length, from + PIECE);
      CompletionStage<Void> piece = response.write(Arrays.copyOfRange(part, from, to));
      return to == part.length ? piece : piece.thenCompose(done -> write(part, to));
    }

    /** Ends the response so that the client notices that it is incomplete. */
    private void abort(@Nullable Throwable failure) {
      caller.close();
      // A client that has gone away is no fault.
      if (failure != null && !response.closed()) {
        LOG.warn("A response with changes was cut off", failure);
      }
      response.reset();
      request.close();
    }
  }
}
