"""Starts a batch with the generated Python client, waits for its end, and undoes it.

Environment: ROWMILL_URL, ROWMILL_TOKEN, and TABLE, whose column price it doubles.
"""

import os

import rowmill_client
from rowmill_client.rest import ApiException

configuration = rowmill_client.Configuration(
    host=os.environ["ROWMILL_URL"], access_token=os.environ["ROWMILL_TOKEN"]
)

with rowmill_client.ApiClient(configuration) as client:
    batches = rowmill_client.BatchesApi(client)

    def ended(batch):
        while batch.finished_at is None:
            batch = batches.get_batch(batch.id, wait=30)
        if batch.status != "succeeded":
            raise SystemExit(f"batch {batch.id} is {batch.status}: {batch.error}")
        return batch

    start = rowmill_client.Start(
        sql=f"UPDATE {os.environ['TABLE']} SET price = price * :factor WHERE price < :limit",
        parameters={"factor": 2, "limit": 1000000},
        reason="doubled by Python",
        on_error=rowmill_client.OnErrorRequest(mode="skip", max_skipped="1%"),
    )
    batch = ended(batches.start_batch("python", start, prefer="wait=30"))
    print("changed", batch.progress.rows_changed)

    undo = ended(rowmill_client.UndoApi(client).undo_batch(batch.id))
    print("undone", undo.progress.rows_changed, "by", undo.kind)

    # A stream of events can be read as a text once the batch has ended.
    events = rowmill_client.EventsApi(client).listen_to_batch(batch.id)
    print("events", events.count("event:"))

    try:
        batches.start_batch("python", rowmill_client.Start(sql="UPDATE"))
    except ApiException as e:
        problem = rowmill_client.Problem.from_json(e.body)
        print("rejected", problem.type, str(problem.reasons is not None).lower())
