package dev.rowmill.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Contains the commands that list, show and control batches. */
final class BatchCommands {

  private BatchCommands() {}

  /** Lists batches. */
  @RegisterForReflection
  @Command(name = "list", description = "List batches, newest first.")
  static final class ListBatches implements Callable<Integer> {

    @Mixin private Session session = new Session();

    @Option(names = "--project", paramLabel = "PROJECT", description = "Only those of a project.")
    private @Nullable String project;

    @Option(names = "--status", paramLabel = "STATUS", description = "Only those with a status.")
    private @Nullable String status;

    @Option(
        names = {"-l", "--label"},
        paramLabel = "NAME=VALUE",
        description = "Only those with a label.")
    private Map<String, String> labels = new LinkedHashMap<>();

    @Option(
        names = "--limit",
        paramLabel = "N",
        defaultValue = "20",
        description = "At most so many; default: ${DEFAULT-VALUE}.")
    private int limit;

    @Override
    public Integer call() {
      StringBuilder path = new StringBuilder("batches?limit=" + limit);
      if (project != null) {
        path.append("&project=").append(Api.encode(project));
      }
      if (status != null) {
        path.append("&status=").append(Api.encode(status));
      }
      labels.forEach(
          (name, value) -> path.append("&label=").append(Api.encode(name + ":" + value)));
      JsonNode page = session.api().get(path.toString());
      session.print(page, BatchText.list(page.path("items")));
      return ExitCode.SUCCEEDED;
    }
  }

  /** Holds what commands about one batch share. */
  @RegisterForReflection
  abstract static class OfOneBatch implements Callable<Integer> {

    @Mixin final Session session = new Session();

    @Parameters(paramLabel = "ID", description = "Id of the batch.")
    long id;

    /** Requests an action, and prints the batch. */
    final int control(String action) {
      JsonNode batch = session.api().send("POST", "batches/" + id + "/" + action, null);
      session.print(batch, BatchText.summary(batch));
      return ExitCode.SUCCEEDED;
    }
  }

  /** Shows one batch. */
  @RegisterForReflection
  @Command(name = "show", description = "Show a batch.")
  static final class Show extends OfOneBatch {

    @Override
    public Integer call() {
      JsonNode batch = session.api().get("batches/" + id);
      session.print(batch, BatchText.details(batch));
      return ExitCode.SUCCEEDED;
    }
  }

  /** Pauses a batch. */
  @RegisterForReflection
  @Command(name = "pause", description = "Pause a batch after its current chunk.")
  static final class Pause extends OfOneBatch {

    @Override
    public Integer call() {
      return control("pause");
    }
  }

  /** Resumes a batch. */
  @RegisterForReflection
  @Command(name = "resume", description = "Resume a paused batch at its checkpoint.")
  static final class Resume extends OfOneBatch {

    @Override
    public Integer call() {
      return control("resume");
    }
  }

  /** Cancels a batch. */
  @RegisterForReflection
  @Command(name = "cancel", description = "Cancel a batch. Its finished chunks stay.")
  static final class Cancel extends OfOneBatch {

    @Option(names = "--force", description = "Kill the statement of the current chunk.")
    private boolean force;

    @Override
    public Integer call() {
      return control(force ? "cancel?force=true" : "cancel");
    }
  }

  /** Approves a batch. */
  @RegisterForReflection
  @Command(name = "approve", description = "Approve a batch that another caller has submitted.")
  static final class Approve extends OfOneBatch {

    @Override
    public Integer call() {
      return control("approve");
    }
  }

  /** Undoes a batch. */
  @RegisterForReflection
  @Command(name = "undo", description = "Undo a batch, by a batch of its own.")
  static final class Undo extends OfOneBatch {

    @Mixin private WaitOptions wait = new WaitOptions();

    @Override
    public Integer call() {
      return Ending.report(
          session, wait, session.api().send("POST", "batches/" + id + "/undo", null));
    }
  }

  /** Retries a batch. */
  @RegisterForReflection
  @Command(
      name = "retry",
      description = "Continue a failed or cancelled batch from its checkpoints.")
  static final class Retry extends OfOneBatch {

    @Mixin private WaitOptions wait = new WaitOptions();

    @Override
    public Integer call() {
      return Ending.report(
          session, wait, session.api().send("POST", "batches/" + id + "/retry", null));
    }
  }

  /** Downloads what a batch has changed. */
  @RegisterForReflection
  @Command(name = "changes", description = "Download the rows that a batch has changed.")
  static final class Changes extends OfOneBatch {

    @Option(
        names = "--format",
        paramLabel = "FORMAT",
        defaultValue = "csv",
        description = "csv, ndjson or sql; default: ${DEFAULT-VALUE}.")
    private String format = "csv";

    @Option(
        names = "--direction",
        paramLabel = "DIRECTION",
        description = "Of sql: undo or redo; default: undo.")
    private @Nullable String direction;

    @Option(names = "--columns", paramLabel = "NAMES", description = "Only these columns.")
    private @Nullable String columns;

    @Option(
        names = "--to",
        paramLabel = "FILE",
        description = "Write to a file in place of the standard output.")
    private @Nullable Path file;

    @Override
    public Integer call() throws IOException {
      Map<String, String> query = new LinkedHashMap<>();
      query.put("format", format);
      if (direction != null) {
        query.put("direction", direction);
      }
      if (columns != null) {
        query.put("columns", columns);
      }
      String path =
          query.entrySet().stream()
              .map(one -> one.getKey() + "=" + Api.encode(one.getValue()))
              .collect(Collectors.joining("&", "batches/" + id + "/changes?", ""));
      if (file == null) {
        // System.out would not report that a disk is full.
        try (OutputStream out = new FileOutputStream(FileDescriptor.out)) {
          session.api().download(path, out);
        }
      } else {
        Path whole = file.toAbsolutePath();
        Path part = Files.createTempFile(whole.getParent(), "." + whole.getFileName(), ".part");
        try {
          try (OutputStream out = Files.newOutputStream(part)) {
            session.api().download(path, out);
          }
          Files.move(part, whole, StandardCopyOption.REPLACE_EXISTING);
        } finally {
          Files.deleteIfExists(part);
        }
      }
      return ExitCode.SUCCEEDED;
    }
  }
}
