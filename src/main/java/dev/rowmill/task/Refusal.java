package dev.rowmill.task;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reports a request that can't be carried out, for a reason that the caller can change. The request
 * has changed nothing. It becomes a problem document (RFC 9457): the type is the last part of the
 * problem's {@code type}, the members are its extra members. The texts of a type are found by the
 * language of the caller, with the members as their arguments.
 */
public final class Refusal extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Represents one reason of several, each with its own text, identified by its code. */
  public record Reason(String code, Map<String, String> arguments) {
    public Reason {
      arguments = Map.copyOf(arguments);
    }

    public static Reason of(String code) {
      return new Reason(code, Map.of());
    }

    public static Reason of(String code, String name, String value) {
      return new Reason(code, Map.of(name, value));
    }
  }

  private final String type;
  private final transient Map<String, Object> members;
  private final transient List<Reason> reasons;

  /**
   * @param type such as {@code unknown-table}
   * @param members extra members of the problem document, in their order
   */
  public Refusal(String type, Map<String, ?> members) {
    this(type, members, List.of());
  }

  /**
   * @param reasons what to change, each rendered into the member {@code reasons}
   */
  public Refusal(String type, Map<String, ?> members, List<Reason> reasons) {
    super(type + " " + members + (reasons.isEmpty() ? "" : " " + reasons));
    this.type = type;
    this.members = new LinkedHashMap<>(members);
    this.reasons = List.copyOf(reasons);
  }

  public String type() {
    return type;
  }

  public Map<String, Object> members() {
    return members;
  }

  public List<Reason> reasons() {
    return reasons;
  }
}
