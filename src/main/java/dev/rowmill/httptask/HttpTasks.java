package dev.rowmill.httptask;

import dev.rowmill.sql.RowQueries;
import dev.rowmill.task.BatchTask;
import dev.rowmill.task.TaskSource;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;

/** Finds the tasks that other services do over HTTP. Thread-safe. */
@ApplicationScoped
class HttpTasks implements TaskSource {

  private final HttpTaskTable table;
  private final RowQueries queries;
  private final AllowedHosts hosts;
  private final TaskCalls calls;

  HttpTasks(HttpTaskTable table, RowQueries queries, AllowedHosts hosts, TaskCalls calls) {
    this.table = table;
    this.queries = queries;
    this.hosts = hosts;
    this.calls = calls;
  }

  @Override
  public Optional<BatchTask<?>> find(String name) {
    return table.find(name).map(stored -> new HttpTaskWork(stored.task(), queries, hosts, calls));
  }

  @Override
  public List<String> names() {
    return table.all().stream().map(stored -> stored.task().name()).toList();
  }
}
