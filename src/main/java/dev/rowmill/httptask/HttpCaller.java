package dev.rowmill.httptask;

import dev.rowmill.webhook.Signer;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends chunks to services over HTTP. A call holds no thread while it waits for the response.
 * Thread-safe.
 */
@ApplicationScoped
class HttpCaller implements CallChannel {

  private static final int MOST_CONNECTIONS = 1000;
  private static final int THREADS = 2;
  private static final int LONGEST_QUOTE = 200;

  /** Limits the bytes of a response that are read for a quotation. */
  private static final int QUOTED_BYTES = 2000;

  /** Sets how much of a response is read before there must be room for all of it. */
  private static final int SMALL = 32 << 10;

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration LONGEST_PAUSE = Duration.ofHours(1);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final Vertx vertx;
  private final AllowedHosts hosts;
  private final NameLookups names;
  private final Clock clock;
  private final long most;
  private final HttpClient client;

  /** Reads answers, which takes too long for an event loop. */
  private final ExecutorService readers;

  HttpCaller(
      Vertx vertx, AllowedHosts hosts, NameLookups names, HttpTaskConfig config, Clock clock) {
    this.vertx = vertx;
    this.hosts = hosts;
    this.names = names;
    this.clock = clock;
    most = config.maxResponse().asLongValue();
    client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setMaxPoolSize(MOST_CONNECTIONS)
                .setKeepAlive(true)
                .setKeepAliveTimeout(5)
                .setConnectTimeout((int) CONNECT_TIMEOUT.toMillis())
                .setDecompressionSupported(false)
                .setVerifyHost(true));
    var pool =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            work -> {
              var thread = new Thread(work, "rowmill-call-answers");
              thread.setDaemon(true);
              return thread;
            });
    pool.allowCoreThreadTimeOut(true);
    readers = pool;
  }

  @PreDestroy
  void close() {
    client.close();
    readers.shutdownNow();
  }

  @Override
  public CompletableFuture<CallOutcome> send(Request request) {
    var exchange = new Exchange(request);
    exchange.begin();
    return exchange.outcome;
  }

  /** Represents one call. Its fields are guarded by it. */
  private final class Exchange {
    final CompletableFuture<CallOutcome> outcome = new CompletableFuture<>();
    private final Request request;
    private long timer;
    private final Buffer body = Buffer.buffer();
    private long size;
    private boolean reserved;
    private @Nullable HttpClientRequest sent;
    private boolean ended;

    Exchange(Request request) {
      this.request = request;
      startTimer();
      outcome.whenComplete((any, error) -> stop());
    }

    private synchronized void startTimer() {
      if (!ended) {
        int timeout = request.task().timeoutMillis();
        timer =
            vertx.setTimer(
                timeout,
                any -> end(new CallOutcome.Failed("no response within " + timeout + " ms")));
      }
    }

    private synchronized void stopTimer() {
      vertx.cancelTimer(timer);
    }

    void begin() {
      try {
        URI uri = URI.create(Objects.requireNonNull(request.task().url()));
        names.find(uri.getHost()).whenComplete((all, error) -> resolved(uri, all, error));
      } catch (RuntimeException e) {
        failed(e);
      }
    }

    private void resolved(URI uri, InetAddress @Nullable [] all, @Nullable Throwable error) {
      try {
        if (all == null) {
          failed(Objects.requireNonNull(error));
        } else {
          connect(uri, hosts.allowed(uri, all));
        }
      } catch (SecurityException e) {
        end(new CallOutcome.Invalid(String.valueOf(e.getMessage())));
      } catch (RuntimeException e) {
        failed(e);
      }
    }

    private void connect(URI uri, InetAddress address) {
      int port = AllowedHosts.port(uri);
      String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
      client
          .request(
              new RequestOptions()
                  .setMethod(HttpMethod.POST)
                  .setServer(SocketAddress.inetSocketAddress(new InetSocketAddress(address, port)))
                  .setHost(uri.getHost())
                  .setPort(port)
                  .setSsl(uri.getScheme().equals("https"))
                  .setURI(uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery()))
          .onFailure(this::failed)
          .onSuccess(this::connected);
    }

    private void connected(HttpClientRequest fresh) {
      fresh.exceptionHandler(this::failed);
      synchronized (this) {
        if (ended) {
          fresh.reset();
          return;
        }
        sent = fresh;
      }
      fresh.response().onSuccess(this::responded).onFailure(this::failed);
      fresh
          .putHeader("Content-Type", "application/json")
          .putHeader("Accept", "application/json")
          .putHeader("Idempotency-Key", request.key())
          .putHeader(
              "Rowmill-Signature",
              new Signer(String.valueOf(request.task().secret()))
                  .sign(clock.instant().getEpochSecond(), request.body()))
          .send(Buffer.buffer(request.body()));
    }

    private void responded(HttpClientResponse response) {
      response.exceptionHandler(this::failed);
      response.handler(part -> received(response, part));
      response.endHandler(
          any -> {
            synchronized (this) {
              // The connection may have its next call already: it must not be closed.
              sent = null;
            }
            stopTimer();
            readers.execute(() -> end(read(response)));
          });
    }

    private void received(HttpClientResponse response, Buffer part) {
      if (outcome.isDone()) {
        return;
      }
      boolean answer = response.statusCode() == 200;
      size += part.length();
      if (size > most) {
        end(
            answer
                ? new CallOutcome.Invalid("the response has more than " + most + " bytes")
                : read(response));
        return;
      }
      if (answer || body.length() < QUOTED_BYTES) {
        body.appendBuffer(part);
      }
      if (answer && size > SMALL && !reserved) {
        reserved = true;
        Context context = vertx.getOrCreateContext();
        if (!request
            .answer()
            .reserve(wanted(response), () -> context.runOnContext(any -> resume(response)))) {
          response.pause();
          stopTimer();
        }
      }
    }

    /** Returns the size of a response as far as it is known, else the largest. */
    private long wanted(HttpClientResponse response) {
      String length = response.getHeader("Content-Length");
      return length != null && length.matches("\\d{1,18}")
          ? Math.min(most, Long.parseLong(length))
          : most;
    }

    private void resume(HttpClientResponse response) {
      startTimer();
      response.resume();
    }

    private CallOutcome read(HttpClientResponse response) {
      int status = response.statusCode();
      if (status == 204) {
        return new CallOutcome.Answered(null);
      }
      if (status == 200) {
        String type = response.getHeader("Content-Type");
        return type != null && !type.toLowerCase(java.util.Locale.ROOT).contains("json")
            ? new CallOutcome.Invalid(
                "the response has the Content-Type " + shortened(type) + ", and is no JSON")
            : new CallOutcome.Answered(body.getBytes());
      }
      String text = "the service responded " + status + quoted();
      String after = response.getHeader("Retry-After");
      if (status == 429 || (status == 503 && after != null)) {
        return new CallOutcome.Busy(text, pause(after, clock.instant()));
      }
      if (status >= 500 || status == 408) {
        return new CallOutcome.Failed(text);
      }
      return status >= 400
          ? new CallOutcome.Rejected(text)
          : new CallOutcome.Invalid(
              text + (status / 100 == 3 ? "; redirects are not followed" : ""));
    }

    private String quoted() {
      String text =
          body.length() == 0 ? "" : body.getString(0, Math.min(body.length(), QUOTED_BYTES));
      return text.isBlank() ? "" : ": " + shortened(text.strip());
    }

    private void failed(Throwable error) {
      end(new CallOutcome.Failed("the call failed: " + error));
    }

    private void end(CallOutcome how) {
      outcome.complete(how);
      request.answer().close();
    }

    private void stop() {
      HttpClientRequest begun;
      synchronized (this) {
        ended = true;
        begun = sent;
        vertx.cancelTimer(timer);
      }
      if (begun != null) {
        // Closes the connection, because the response has not ended.
        begun.reset();
      }
      if (outcome.isCancelled()) {
        request.answer().close();
      }
    }
  }

  private static String shortened(String text) {
    String line = text.replaceAll("\\p{Cntrl}+", " ");
    return line.length() > LONGEST_QUOTE ? line.substring(0, LONGEST_QUOTE) + "…" : line;
  }

  /** Returns the pause that a header asks for, at least a second and at most an hour. */
  static Duration pause(@Nullable String retryAfter, Instant now) {
    Duration pause = PAUSE;
    if (retryAfter != null) {
      try {
        pause =
            retryAfter.strip().chars().allMatch(Character::isDigit)
                ? Duration.ofSeconds(Long.parseLong(retryAfter.strip()))
                : Duration.between(
                    now,
                    ZonedDateTime.parse(retryAfter.strip(), DateTimeFormatter.RFC_1123_DATE_TIME));
      } catch (DateTimeException | NumberFormatException e) {
        pause = PAUSE;
      }
    }
    return pause.compareTo(PAUSE) < 0
        ? PAUSE
        : pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
  }
}
