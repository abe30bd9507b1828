package dev.rowmill.testing;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/** Builds and sends a request that starts a batch, or that plans it. */
public final class StartRequestBuilder {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final RowmillApi.Request request;
  private final String path;
  private final ObjectNode body = JSON.createObjectNode();

  StartRequestBuilder(RowmillApi api, String project) {
    this.request = api.request();
    this.path = "/projects/" + project;
  }

  public StartRequestBuilder sql(String statement) {
    return with("sql", statement);
  }

  public StartRequestBuilder chunkRows(int rows) {
    return with("chunk", Map.of("rows", rows));
  }

  /** Sets a member of the request. */
  public StartRequestBuilder with(String member, Object value) {
    body.set(member, JSON.valueToTree(value));
    return this;
  }

  /** Sets members of the request. */
  public StartRequestBuilder with(Map<String, ?> members) {
    members.forEach(this::with);
    return this;
  }

  /** Sets an idempotency key. */
  public StartRequestBuilder key(String key) {
    request.header("Idempotency-Key", key);
    return this;
  }

  /** Waits up to a minute for the end of the batch. */
  public StartRequestBuilder waiting() {
    return waiting(60);
  }

  public StartRequestBuilder waiting(int seconds) {
    request.waiting(seconds);
    return this;
  }

  public RowmillApi.Reply send() {
    return request.json(body).post(path + "/batches");
  }

  /** Requests a plan in place of a start. */
  public RowmillApi.Reply plan() {
    return request.json(body).post(path + "/plans");
  }

  /** Sends the request, which must be accepted, and returns the batch's id. */
  public long accepted() {
    return send().statusCode(202).id();
  }
}
