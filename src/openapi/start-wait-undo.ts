// Starts a batch with the generated TypeScript client, waits for its end, and undoes it.
// Environment: ROWMILL_URL, ROWMILL_TOKEN, and TABLE, whose column price it doubles.

import {
  BatchesApi,
  Configuration,
  EventsApi,
  ProblemFromJSON,
  ResponseError,
  UndoApi,
  type Batch,
} from "./typescript";

const configuration = new Configuration({
  basePath: process.env.ROWMILL_URL,
  accessToken: process.env.ROWMILL_TOKEN,
});
const batches = new BatchesApi(configuration);

async function ended(batch: Batch): Promise<Batch> {
  let current = batch;
  while (current.finishedAt === null) {
    current = await batches.getBatch({ id: current.id, wait: 30 });
  }
  if (current.status !== "succeeded") {
    throw new Error(`batch ${current.id} is ${current.status}: ${JSON.stringify(current.error)}`);
  }
  return current;
}

async function main(): Promise<void> {
  const started = await batches.startBatch({
    project: "typescript",
    prefer: "wait=30",
    start: {
      sql: `UPDATE ${process.env.TABLE} SET price = price * :factor WHERE price < :limit`,
      parameters: { factor: 2, limit: 1000000 },
      reason: "doubled by TypeScript",
      onError: { mode: "skip", maxSkipped: "1%" },
    },
  });
  const batch = await ended(started);
  console.log("changed", batch.progress.rowsChanged);

  const undo = await ended(await new UndoApi(configuration).undoBatch({ id: batch.id }));
  console.log("undone", undo.progress.rowsChanged, "by", undo.kind);

  // A stream of events can be read as a text once the batch has ended.
  const events = await new EventsApi(configuration).listenToBatch({ id: batch.id });
  console.log("events", (events ?? "").split("event:").length - 1);

  try {
    await batches.startBatch({ project: "typescript", start: { sql: "UPDATE" } });
  } catch (e) {
    if (!(e instanceof ResponseError)) {
      throw e;
    }
    const problem = ProblemFromJSON(await e.response.json());
    console.log("rejected", problem.type, problem.reasons !== undefined);
  }
}

main().catch((e: unknown) => {
  console.error(e);
  process.exitCode = 1;
});
