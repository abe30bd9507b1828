package dev.rowmill.dispatch;

import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.BatchView;
import dev.rowmill.batch.ChainView;
import dev.rowmill.batch.Condition;
import dev.rowmill.batch.NewBatch;
import dev.rowmill.batch.NewChain;
import dev.rowmill.batch.UndoableChain;
import dev.rowmill.task.Refusal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Orders the undos of a chain's steps: the undo of a step needs those of all steps that needed it,
 * directly or by way of steps that are not undone, and the undo before it in its project. For one
 * thread.
 */
final class ReverseOrder {

  /** Orders steps by their ends, and those with the same end by their ids. */
  private static final Comparator<BatchView> BY_END =
      Comparator.comparing(
              (BatchView step) -> Objects.requireNonNullElse(step.finishedAt(), Instant.MIN))
          .thenComparing(BatchView::id);

  /** Holds the batches to undo, by the ids of their steps. */
  private final Map<Long, BatchView> undone = new HashMap<>();

  /** Holds the steps that need a step directly, by its id. */
  private final Map<Long, List<Long>> dependents = new HashMap<>();

  private final List<BatchView> left = new ArrayList<>();

  private ReverseOrder(UndoableChain undoable) {
    for (BatchView step : undoable.chain().steps()) {
      for (Condition condition : step.dependencies().conditions()) {
        dependents.computeIfAbsent(condition.batch(), id -> new ArrayList<>()).add(step.id());
      }
      BatchView batch = undoable.inForce().get(step.id());
      if (batch != null && batch.progress().rowsChanged() > 0) {
        undone.put(step.id(), batch);
        left.add(step);
      }
    }
  }

  /**
   * Returns the undos of the steps that have changed rows and are not undone. Steps that do not
   * need each other are undone in the reverse order of their ends, one after the other in each
   * project.
   *
   * @param undo returns the undo of a batch, or throws why it can't be undone
   * @throws Refusal when a step has not ended or can't be undone, with its name as member {@code
   *     step}, or when nothing is left to undo
   */
  static List<NewChain.Step> undos(UndoableChain undoable, Function<BatchView, NewBatch> undo) {
    ChainView chain = undoable.chain();
    for (BatchView step : chain.steps()) {
      if (!step.status().isFinal()) {
        throw Chains.ofStep(step, illegal(step.status()));
      }
    }
    var order = new ReverseOrder(undoable);
    if (order.undone.isEmpty()) {
      throw new Refusal("nothing-to-undo", Map.of("chain", chain.id()));
    }
    return order.steps(undo);
  }

  private static Refusal illegal(BatchStatus from) {
    return new Refusal(
        "illegal-transition",
        Map.of(
            "from",
            from.text(),
            "to",
            "undone",
            "allowed",
            from.requestable().stream().map(BatchStatus::text).sorted().toList()));
  }

  private List<NewChain.Step> steps(Function<BatchView, NewBatch> undo) {
    Map<Long, Integer> places = new HashMap<>();
    // The queue of a project takes the first undo whose conditions are met, so each has to wait.
    Map<String, Integer> lastOfProject = new HashMap<>();
    List<NewChain.Step> steps = new ArrayList<>();
    while (!left.isEmpty()) {
      BatchView next =
          left.stream()
              .filter(step -> places.keySet().containsAll(needs(step.id())))
              .max(BY_END)
              .orElseThrow();
      left.remove(next);
      Set<Integer> needs = new TreeSet<>();
      needs(next.id()).forEach(id -> needs.add(places.get(id)));
      Integer before = lastOfProject.put(next.project(), steps.size());
      if (before != null) {
        needs.add(before);
      }
      places.put(next.id(), steps.size());
      try {
        steps.add(
            new NewChain.Step(
                Objects.requireNonNull(next.step()).name(),
                List.copyOf(needs),
                undo.apply(Objects.requireNonNull(undone.get(next.id())))));
      } catch (Refusal e) {
        throw Chains.ofStep(next, e);
      }
    }
    return steps;
  }

  /** Returns the steps whose undos must succeed before that of a step. */
  private Set<Long> needs(long step) {
    Set<Long> needs = new TreeSet<>();
    Set<Long> seen = new TreeSet<>();
    List<Long> next = new ArrayList<>(dependents.getOrDefault(step, List.of()));
    while (!next.isEmpty()) {
      long dependent = next.remove(next.size() - 1);
      if (seen.add(dependent)) {
        if (undone.containsKey(dependent)) {
          needs.add(dependent);
        } else {
          next.addAll(dependents.getOrDefault(dependent, List.of()));
        }
      }
    }
    return needs;
  }
}
