#!/usr/bin/env bash
# Vert.x: reset of a finished HTTP/1.1 request closes the connection of the next one.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

VERTX=4.5.28

words <<'END'
HttpClientRequest.reset() abandons a request. A client that calls it in any case when it is done, as one
closes a file, expects no effect on a request whose response was read completely: its connection is back
in the pool. But for HTTP/1.1 reset() then returns true and closes that connection, even if another
request is being answered on it. That one fails with "Connection was closed".
END

mkdir "$tmp/vertx"
cat >"$tmp/vertx/pom.xml" <<END
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>finding</artifactId><version>1</version>
  <dependencies>
    <dependency>
      <groupId>io.vertx</groupId><artifactId>vertx-core</artifactId><version>$VERTX</version>
    </dependency>
  </dependencies>
</project>
END
mvn -q -B -f "$tmp/vertx/pom.xml" -Dmaven.repo.local="${FINDINGS_MAVEN:-$tmp/maven}" \
  org.apache.maven.plugins:maven-dependency-plugin:3.6.0:build-classpath \
  -Dmdep.outputFile="$tmp/vertx/classpath" >"$tmp/maven.log" 2>&1 ||
  die "io.vertx:vertx-core:$VERTX could not be downloaded: $(head -2 "$tmp/maven.log")"
echo "vertx-core $VERTX"

cat >"$tmp/vertx/Main.java" <<'END'
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.*;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

class Main {
  public static void main(String[] args) throws Exception {
    Vertx vertx = Vertx.vertx();
    var arrived = new CountDownLatch(1);
    HttpServer server = result(vertx.createHttpServer().requestHandler(call -> {
      if (call.path().equals("/second")) {
        arrived.countDown();
        vertx.setTimer(1000, any -> call.response().end("second response"));
      } else {
        call.response().end("first response");
      }
    }).listen(0, "127.0.0.1"));
    HttpClient client = vertx.createHttpClient(new HttpClientOptions().setMaxPoolSize(1));
    HttpClientRequest first = request(client, server, "/first");
    Buffer body = result(first.send().compose(HttpClientResponse::body));
    System.out.println(body);
    Future<Buffer> second =
        request(client, server, "/second").send().compose(HttpClientResponse::body);
    arrived.await(10, TimeUnit.SECONDS);
    if (args.length > 0) {
      System.out.println(first.reset());
    }
    try {
      body = result(second);
      System.out.println(body);
    } catch (java.util.concurrent.ExecutionException e) {
      System.out.println(e.getCause().getMessage());
    }
    result(vertx.close());
  }

  static <T> T result(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  static HttpClientRequest request(HttpClient client, HttpServer server, String path)
      throws Exception {
    return result(client.request(HttpMethod.GET, server.actualPort(), "127.0.0.1", path));
  }
}
END
run() {
  java -cp "$(cat "$tmp/vertx/classpath")" "$tmp/vertx/Main.java" "$@"
}
show 'two requests on one connection, one after the other' 'first response
second response' "$(run)"
show 'the same, with a reset of the first request while the second one is answered' 'first response
true
Connection was closed' "$(run reset)"
finish
