package dev.rowmill.rest.http;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.batch.Labels;
import dev.rowmill.batch.Window;
import dev.rowmill.task.Refusal.Reason;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a body into a record. The record's components are the only allowed members, their types are
 * the required types, and their annotations are the bounds. Reflection is used once per type, not
 * per request. Stateless.
 *
 * <ul>
 *   <li>{@link NotNull} requires the member; its message is the code of the violation's text.
 *   <li>{@link Min}, {@link Max} and {@link Size} bound it. A text with a minimum size must not be
 *       blank.
 *   <li>{@link OrText} allows a text in place of a whole number.
 *   <li>{@link JsonUnwrapped} marks a record whose members belong to the same JSON object.
 *   <li>{@link JsonProperty} gives a name that is a word of Java.
 * </ul>
 */
public final class BodyReader {

  private static final ClassValue<Shape> SHAPES =
      new ClassValue<>() {
        @Override
        protected Shape computeValue(Class<?> type) {
          return Shape.of(type);
        }
      };

  private BodyReader() {}

  /** Describes how to read and create a record. */
  private record Shape(Constructor<?> constructor, List<Member> members, Set<String> names) {

    static Shape of(Class<?> type) {
      List<Member> members = Arrays.stream(type.getRecordComponents()).map(Member::of).toList();
      Set<String> names = new LinkedHashSet<>();
      for (Member member : members) {
        names.addAll(member.unwrapped ? BodyReader.members(member.type) : Set.of(member.name));
      }
      try {
        return new Shape(
            type.getConstructor(members.stream().map(Member::type).toArray(Class<?>[]::new)),
            members,
            names);
      } catch (NoSuchMethodException e) {
        throw new IllegalStateException("not a public record: " + type, e);
      }
    }
  }

  /** Describes one component of a record. */
  private record Member(
      String name,
      Class<?> type,
      boolean ofTexts,
      @Nullable Class<? extends Record> item,
      boolean unwrapped,
      long min,
      long max,
      int longest,
      boolean mayBeBlank,
      @Nullable OrText orText,
      @Nullable String missing) {

    static Member of(RecordComponent component) {
      var accessor = component.getAccessor();
      Min min = accessor.getAnnotation(Min.class);
      Max max = accessor.getAnnotation(Max.class);
      Size size = accessor.getAnnotation(Size.class);
      NotNull required = accessor.getAnnotation(NotNull.class);
      boolean isInt = component.getType() == Integer.class;
      return new Member(
          BodyReader.name(component),
          component.getType(),
          component.getGenericType() instanceof ParameterizedType type
              && type.getActualTypeArguments()[0] == String.class,
          BodyReader.item(component),
          isUnwrapped(component),
          min == null ? (isInt ? Integer.MIN_VALUE : Long.MIN_VALUE) : min.value(),
          max == null ? (isInt ? Integer.MAX_VALUE : Long.MAX_VALUE) : max.value(),
          size == null ? Integer.MAX_VALUE : size.max(),
          size == null || size.min() == 0,
          accessor.getAnnotation(OrText.class),
          required == null ? null : required.message());
    }

    @Nullable Object read(JsonBody body) {
      if (unwrapped) {
        return BodyReader.read(body, SHAPES.get(type));
      } else if (missing != null && !body.has(name)) {
        body.violation(name, reason(missing));
        return null;
      } else if (type == String.class) {
        return mayBeBlank ? body.text(name, longest) : body.textNotBlank(name, longest);
      } else if (type == Boolean.class) {
        return body.bool(name);
      } else if (orText != null && body.hasText(name)) {
        return body.isText(name, orText.text()) ? (Integer) orText.number() : null;
      } else if (type == Integer.class) {
        Long number = body.wholeNumber(name, min, max);
        return number == null ? null : (Integer) number.intValue();
      } else if (type == Long.class) {
        return body.wholeNumber(name, min, max);
      } else if (type == BigDecimal.class) {
        return body.number(name, min, max);
      } else if (type.isEnum()) {
        return body.constant(name, type);
      } else if (type == List.class) {
        return ofTexts
            ? body.texts(name)
            : item == null ? body.items(name, longest) : records(body, item);
      } else if (type == JsonNode.class) {
        return body.has(name) ? body.node().get(name) : null;
      }
      JsonBody object = body.object(name);
      if (object == null) {
        return null;
      } else if (type == ObjectNode.class) {
        return object.node();
      }
      if (type == Labels.class) {
        return LabelsReader.read(object);
      }
      return type == Window.class
          ? WindowReader.read(object)
          : BodyReader.read(object, type.asSubclass(Record.class));
    }

    private @Nullable List<?> records(JsonBody body, Class<? extends Record> of) {
      List<JsonBody> objects = body.objects(name, longest);
      return objects == null
          ? null
          : objects.stream().map(object -> BodyReader.read(object, of)).toList();
    }

    private Reason reason(String code) {
      return type.isEnum()
          ? Reason.of(code, "values", String.join(", ", texts(type)))
          : Reason.of(code);
    }
  }

  /**
   * Reads a body. Violations are collected in the body, and an invalid member is null.
   *
   * @param type a public record whose components may all be null
   */
  public static <R extends Record> R read(JsonBody body, Class<R> type) {
    Shape shape = SHAPES.get(type);
    body.refuseUnknown(shape.names);
    return type.cast(read(body, shape));
  }

  private static Object read(JsonBody body, Shape shape) {
    Object[] values = new Object[shape.members.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = shape.members.get(i).read(body);
    }
    try {
      return shape.constructor.newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot call " + shape.constructor, e);
    }
  }

  /** Returns the names of the members that a record allows, in their order. */
  public static Set<String> members(Class<?> type) {
    return SHAPES.get(type).names;
  }

  /** Returns the names of the members that the audit copies, in their order. */
  public static Set<String> audited(Class<?> type) {
    Set<String> names = new LinkedHashSet<>();
    for (RecordComponent component : type.getRecordComponents()) {
      if (isUnwrapped(component)) {
        names.addAll(audited(component.getType()));
      } else if (!component.getAccessor().isAnnotationPresent(Unaudited.class)) {
        names.add(name(component));
      }
    }
    return names;
  }

  /** Returns the record of which a component is a list; null for any other type. */
  private static @Nullable Class<? extends Record> item(RecordComponent component) {
    return component.getGenericType() instanceof ParameterizedType type
            && type.getActualTypeArguments()[0] instanceof Class<?> item
            && item.isRecord()
        ? item.asSubclass(Record.class)
        : null;
  }

  /** Returns the name of a component's member. */
  public static String name(RecordComponent component) {
    JsonProperty named = component.getAccessor().getAnnotation(JsonProperty.class);
    return named == null ? component.getName() : named.value();
  }

  /** Returns whether a component's members belong to the same JSON object as its siblings. */
  public static boolean isUnwrapped(RecordComponent component) {
    return component.getAccessor().isAnnotationPresent(JsonUnwrapped.class);
  }

  /** Returns the JSON texts of the constants of an enum. */
  public static List<String> texts(Class<?> type) {
    return Arrays.stream(type.getEnumConstants()).map(it -> text((Enum<?>) it)).toList();
  }

  /** Returns the JSON text of a constant. */
  public static String text(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
