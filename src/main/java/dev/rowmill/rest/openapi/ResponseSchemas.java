package dev.rowmill.rest.openapi;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.databind.JsonNode;
import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.Mode;
import dev.rowmill.dispatch.pool.PoolView;
import dev.rowmill.progress.TimelineView;
import dev.rowmill.rest.admin.AuditPage;
import dev.rowmill.rest.admin.LeaseResource;
import dev.rowmill.rest.admin.NodeResource;
import dev.rowmill.rest.admin.SessionResource;
import dev.rowmill.rest.admin.StatementBodies;
import dev.rowmill.rest.admin.TaskResource;
import dev.rowmill.rest.admin.TokenResource;
import dev.rowmill.rest.batch.BatchBody;
import dev.rowmill.rest.batch.BatchPage;
import dev.rowmill.rest.batch.ChainPage;
import dev.rowmill.rest.batch.ChainPlanBody;
import dev.rowmill.rest.batch.EvidencePages;
import dev.rowmill.rest.batch.PlanBody;
import dev.rowmill.rest.batch.ProjectPage;
import dev.rowmill.rest.batch.UploadBody;
import dev.rowmill.rest.batch.WindowBody;
import dev.rowmill.rest.schedule.RetentionBodies;
import dev.rowmill.rest.schedule.ScheduleBodies;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.Components;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.media.Schema.SchemaType;
import org.jspecify.annotations.Nullable;

/** Completes the schemas of responses. Stateless. */
final class ResponseSchemas {

  /** Lists the responses. All members of them and of the records in them are always present. */
  private static final List<Class<? extends Record>> RESPONSES =
      List.of(
          BatchPage.class,
          ChainPage.class,
          ChainPlanBody.class,
          EvidencePages.RangePage.class,
          EvidencePages.LaneList.class,
          EvidencePages.ConflictPage.class,
          EvidencePages.SkippedPage.class,
          TimelineView.class,
          PlanBody.class,
          UploadBody.UploadPage.class,
          UploadBody.ErrorPage.class,
          AuditPage.class,
          AuditPage.VerdictBody.class,
          ProjectPage.class,
          StatementBodies.StatementPage.class,
          RetentionBodies.RetentionView.class,
          ScheduleBodies.SchedulePage.class,
          ScheduleBodies.RunPage.class,
          ScheduleBodies.NextView.class,
          ScheduleBodies.PreviewView.class,
          TaskResource.Tasks.class,
          PoolView.class,
          LeaseResource.LeaseBody.class,
          LeaseResource.ExtendedBody.class,
          NodeResource.NodesBody.class,
          SessionResource.SessionBody.class,
          TokenResource.TokenPage.class,
          TokenResource.NewToken.class);

  /** Maps members of a batch, and the filters of that name, to the texts that they may have. */
  static final Map<String, List<Object>> ENUMERATIONS =
      Map.of(
          "status", Stream.of(BatchStatus.values()).map(it -> (Object) it.text()).toList(),
          "mode", Stream.of(Mode.values()).map(it -> (Object) it.text()).toList());

  private static final Set<Class<?>> WITH_STATUS =
      Set.of(BatchBody.class, ChainPage.StepBody.class);

  private ResponseSchemas() {}

  /** Completes the schemas of all responses. */
  static void complete(Components components) {
    RESPONSES.forEach(type -> complete(components.getSchemas(), type));
    // No property refers to these any more.
    Stream.of("Instant", "JsonNode", "JsonNodeType").forEach(components::removeSchema);
  }

  /** Completes the schema of a record in responses, and those of the records in it. */
  private static void complete(Map<String, Schema> schemas, Class<?> type) {
    var named = type.getAnnotation(org.eclipse.microprofile.openapi.annotations.media.Schema.class);
    Schema schema =
        schemas.get(named == null || named.name().isEmpty() ? type.getSimpleName() : named.name());
    // A window is in requests, too, where its days may be left out.
    if (!type.isRecord()
        || schema == null
        || schema.getRequired() != null
        || type == WindowBody.class) {
      return;
    }
    for (RecordComponent component : type.getRecordComponents()) {
      if (component.getAccessor().isAnnotationPresent(JsonIgnore.class)) {
        continue;
      }
      complete(schemas, component.getType());
      if (component.getGenericType() instanceof ParameterizedType list
          && list.getActualTypeArguments()[0] instanceof Class<?> item) {
        complete(schemas, item);
      }
      Schema property = Schemas.property(schema, component.getName());
      if (component.getType() == Instant.class) {
        property.ref(null).type(List.of(SchemaType.STRING)).format("date-time");
      }
      if (component.getType() == JsonNode.class && property.getRef() != null) {
        property.ref(null).type(List.of(SchemaType.OBJECT));
      }
      if (WITH_STATUS.contains(type) && ENUMERATIONS.containsKey(component.getName())) {
        property.enumeration(ENUMERATIONS.get(component.getName()));
      }
      schema.addRequired(component.getName());
      if (!component.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
        continue;
      }
      if (property.getRef() == null && property.getEnumeration() == null) {
        property.addType(SchemaType.NULL);
      } else {
        Schema present = property.getRef() == null ? property : Schemas.ref(property.getRef());
        schema.addProperty(
            component.getName(),
            Schemas.anyOf(present, OASFactory.createSchema().addType(SchemaType.NULL)));
      }
    }
  }
}
