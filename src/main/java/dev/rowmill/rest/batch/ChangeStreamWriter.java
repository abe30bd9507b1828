package dev.rowmill.rest.batch;

import dev.rowmill.changes.ChangeStream;
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
import java.util.Optional;
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
public class ChangeStreamWriter implements ServerMessageBodyWriter<ChangeDownload> {

  private static final Logger LOG = Logger.getLogger(ChangeStreamWriter.class);

  private static final int PIECE = 64 << 10;

  private final Callers callers;

  ChangeStreamWriter(Callers callers) {
    this.callers = callers;
  }

  @Override
  public boolean isWriteable(
      Class<?> type, Type generic, ResteasyReactiveResourceInfo target, MediaType mediaType) {
    return type == ChangeDownload.class;
  }

  @Override
  public boolean isWriteable(
      Class<?> type, Type generic, Annotation[] annotations, MediaType mediaType) {
    return type == ChangeDownload.class;
  }

  @Override
  public void writeResponse(ChangeDownload download, Type generic, ServerRequestContext context) {
    var request = (ResteasyReactiveRequestContext) context;
    request.suspend();
    ServerHttpResponse response = context.serverResponse();
    response.setChunked(true);
    new Transfer(download.changes(), request, response, callers.watch()).go();
  }

  @Override
  public void writeTo(
      ChangeDownload download,
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

    void go() {
      go(CompletableFuture.completedFuture(null));
    }

    /** Reads the next part while the previous one is written, and writes it after that. */
    private void go(CompletionStage<@Nullable Void> written) {
      try {
        CompletableFuture.supplyAsync(
                () -> Optional.ofNullable(changes.next()), Infrastructure.getDefaultWorkerPool())
            .thenCombine(written, (next, done) -> next)
            .whenComplete(
                (next, failure) -> {
                  if (failure != null || caller.isOver() || response.closed()) {
                    abort(failure);
                  } else {
                    write(next);
                  }
                });
      } catch (RuntimeException e) {
        abort(e);
      }
    }

    private void write(Optional<byte[]> part) {
      try {
        if (part.isPresent()) {
          go(write(part.get(), 0));
        } else {
          caller.close();
          response.end();
          request.close();
        }
      } catch (RuntimeException e) {
        abort(e);
      }
    }

    /**
     * Writes the rest of a part in pieces. The server closes a connection as idle if a write is not
     * completed for long, even if the client receives slowly.
     */
    private CompletionStage<@Nullable Void> write(byte[] part, int from) {
      if (part.length == 0) {
        return CompletableFuture.completedFuture(null);
      }
      int to = Math.min(part.length, from + PIECE);
      CompletionStage<@Nullable Void> piece = response.write(Arrays.copyOfRange(part, from, to));
      return to == part.length ? piece : piece.thenCompose(done -> write(part, to));
    }

    /** Ends the response so that the client notices that it is incomplete. */
    private void abort(@Nullable Throwable failure) {
      caller.close();
      // A client that has gone away is no fault.
      if (failure != null && !response.closed()) {
        LOG.warn("A response with changes was cut off", failure);
      }
      try {
        response.reset();
      } finally {
        request.close();
      }
    }
  }
}
