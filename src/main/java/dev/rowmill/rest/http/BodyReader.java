package dev.rowmill.rest.http;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.task.Refusal.Reason;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Size;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a body into a record. The record's components are the only allowed members, their types are
 * the required types, and their annotations {@link Min}, {@link Max} and {@link Size} are the
 * bounds. A text with a minimum size must not be blank. A component with {@link JsonUnwrapped} is a
 * record whose members belong to the same JSON object. Stateless.
 */
public final class BodyReader {

  /** Caches the components, because each reflective lookup parses their annotations again. */
  private static final ClassValue<RecordComponent[]> COMPONENTS =
      new ClassValue<>() {
        @Override
        protected RecordComponent[] computeValue(Class<?> type) {
          return type.getRecordComponents();
        }
      };

  private BodyReader() {}

  /**
   * Reads a body. Violations are collected in the body, and an invalid member is null.
   *
   * @param type a public record whose components may all be null
   */
  public static <R extends Record> R read(JsonBody body, Class<R> type) {
    body.refuseUnknown(members(type));
    return members(body, type);
  }

  /** Reads the members of a record from a body that may have other members, too. */
  public static <R extends Record> R members(JsonBody body, Class<R> type) {
    RecordComponent[] components = COMPONENTS.get(type);
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    Object[] values = new Object[components.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = value(body, components[i]);
    }
    try {
      return type.getConstructor(types).newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot create " + type, e);
    }
  }

  /** Returns the names of the members that a record allows. */
  public static Set<String> members(Class<?> type) {
    Set<String> names = new HashSet<>();
    for (RecordComponent component : COMPONENTS.get(type)) {
      if (isUnwrapped(component)) {
        names.addAll(members(component.getType()));
      } else {
        names.add(component.getName());
      }
    }
    return names;
  }

  /** Returns whether a component's members belong to the same JSON object as its siblings. */
  public static boolean isUnwrapped(RecordComponent component) {
    return component.getAccessor().isAnnotationPresent(JsonUnwrapped.class);
  }

  /** Returns the JSON text of a constant. */
  public static String text(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private static @Nullable Object value(JsonBody body, RecordComponent component) {
    String name = component.getName();
    Class<?> type = component.getType();
    Min min = component.getAccessor().getAnnotation(Min.class);
    Max max = component.getAccessor().getAnnotation(Max.class);
    long least = min == null ? Long.MIN_VALUE : min.value();
    long most = max == null ? Long.MAX_VALUE : max.value();
    if (isUnwrapped(component)) {
      return members(body, type.asSubclass(Record.class));
    } else if (type == String.class) {
      return text(body, name, component.getAccessor().getAnnotation(Size.class));
    } else if (type == Boolean.class) {
      return body.bool(name);
    } else if (type == Integer.class) {
      return body.integer(
          name, (int) Math.max(least, Integer.MIN_VALUE), (int) Math.min(most, Integer.MAX_VALUE));
    } else if (type == Long.class) {
      return body.wholeNumber(name, least, most);
    } else if (type == BigDecimal.class) {
      return body.number(name, least, most);
    } else if (type.isEnum()) {
      return body.oneOf(name, (Enum<?>[]) type.getEnumConstants(), BodyReader::text);
    }
    JsonBody object = body.object(name);
    if (type == ObjectNode.class || object == null) {
      return object == null ? null : object.node();
    }
    return read(object, type.asSubclass(Record.class));
  }

  private static @Nullable String text(JsonBody body, String name, @Nullable Size size) {
    String text = size != null && size.min() > 0 ? body.textNotBlank(name) : body.text(name);
    if (text != null && size != null && text.codePointCount(0, text.length()) > size.max()) {
      body.violation(name, Reason.of("too-long", "max", String.valueOf(size.max())));
    }
    return text;
  }
}
