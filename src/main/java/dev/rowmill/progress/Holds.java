package dev.rowmill.progress;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.Hold;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import java.util.Optional;

/** Finds the holds of launched batches, in this process and in others. Safe for many threads. */
@ApplicationScoped
public class Holds {

  private final HoldSource local;
  private final Instance<OtherNodes> others;

  Holds(HoldSource local, Instance<OtherNodes> others) {
    this.local = local;
    this.others = others;
  }

  /** Returns the hold that keeps a batch from progressing now. */
  public Optional<Hold> of(BatchView batch) {
    Optional<Hold> hold = local.hold(batch.id());
    return hold.isPresent() || batch.status() != BatchStatus.RUNNING
        ? hold
        : others.stream().findFirst().flatMap(nodes -> nodes.hold(batch.id()));
  }
}
