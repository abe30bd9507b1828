package dev.rowmill.httptask;

import dev.rowmill.sql.table.StatementScope;
import dev.rowmill.sql.table.StatementScopeConfig;
import dev.rowmill.task.BatchTask;
import dev.rowmill.task.TaskSource;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;

/** Finds the tasks that other services do over HTTP. Thread-safe. */
@ApplicationScoped
class HttpTasks implements TaskSource {

  private final HttpTaskTable table;
  private final StatementScope scope;
  private final AllowedHosts hosts;
  private final TaskCalls calls;

  HttpTasks(HttpTaskTable table, StatementScopeConfig scope, AllowedHosts hosts, TaskCalls calls) {
    this.table = table;
    this.scope = StatementScope.of(scope);
    this.hosts = hosts;
    this.calls = calls;
  }

  @Override
  public Optional<BatchTask<?>> find(String name) {
    return table.find(name).map(stored -> new HttpTaskWork(stored.task(), scope, hosts, calls));
  }

  @Override
  public List<String> names() {
    return table.all().stream().map(stored -> stored.task().name()).toList();
  }
}
