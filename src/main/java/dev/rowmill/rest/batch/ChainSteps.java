package dev.rowmill.rest.batch;

import dev.rowmill.dispatch.StartRequest;
import dev.rowmill.dispatch.task.InvalidParametersException;
import dev.rowmill.rest.batch.ChainRequestBody.StepBody;
import dev.rowmill.rest.http.Access;
import dev.rowmill.rest.http.InvalidRequestException;
import dev.rowmill.rest.http.Language;
import dev.rowmill.rest.http.ProblemType;
import dev.rowmill.rest.http.Problems;
import dev.rowmill.task.Refusal;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.NotFoundException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * Checks the steps of a request for a chain. Must be called on the request's own thread. Safe for
 * many threads.
 */
@ApplicationScoped
class ChainSteps {

  private final StartResolver resolver;
  private final Access access;
  private final Problems problems;

  ChainSteps(StartResolver resolver, Access access, Problems problems) {
    this.resolver = resolver;
    this.access = access;
    this.problems = problems;
  }

  /**
   * Resolves and checks all steps, and reports the problems of all of them together.
   *
   * @param check checks the start of a step
   * @return what {@code check} returns, in the order of the steps
   * @throws Refusal {@code invalid-chain} with all problems, {@code forbidden} when the caller may
   *     not start a step
   */
  <T> List<T> each(List<StepBody> steps, Language language, Function<StartRequest, T> check) {
    List<Map<String, String>> violations = new ArrayList<>();
    List<T> checked = new ArrayList<>();
    for (StepBody step : steps) {
      String field = "steps." + step.named();
      try {
        String project = access.project(Objects.requireNonNull(step.project()));
        StartRequest request = step.start().over(resolver.base(project, null, ""));
        checked.add(check.apply(resolver.whole(access.start(request))));
      } catch (NotFoundException e) {
        violations.add(
            Problems.violation(
                field + ".project",
                text(new Refusal(ProblemType.NOT_FOUND.code(), Map.of()), language)));
      } catch (InvalidRequestException e) {
        problems
            .violations(e.violations(), language)
            .forEach(
                it ->
                    violations.add(
                        Problems.violation(
                            field + "." + it.get("field"), String.valueOf(it.get("message")))));
      } catch (InvalidParametersException e) {
        e.violations()
            .forEach(
                it -> violations.add(Problems.violation(field + "." + it.field(), it.message())));
      } catch (Refusal e) {
        if (e.type().equals(ProblemType.FORBIDDEN.code())) {
          throw e;
        }
        violations.add(Problems.violation(field, text(e, language)));
      }
    }
    if (!violations.isEmpty()) {
      throw new Refusal(ProblemType.INVALID_CHAIN.code(), Map.of("violations", violations));
    }
    return checked;
  }

  /** Returns the title, the detail and the reasons of a refusal as one text. */
  private String text(Refusal refusal, Language language) {
    Map<String, Object> document =
        problems.document(
            refusal.type(), refusal.members(), refusal.reasons(), ChainBodies.PATH, language);
    var text = new StringBuilder(refusal.type()).append(": ").append(document.get("title"));
    if (document.get("detail") != null) {
      text.append(". ").append(document.get("detail"));
    }
    if (document.get("reasons") instanceof List<?> reasons) {
      reasons.forEach(reason -> text.append(' ').append(reason));
    }
    return text.toString();
  }
}
