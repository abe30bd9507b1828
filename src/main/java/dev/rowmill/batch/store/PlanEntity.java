package dev.rowmill.batch.store;

import jakarta.persistence.Embedded;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;

/** Maps the row of a plan. */
@Entity
@Table(name = "batch_plan")
@SuppressWarnings("NullAway.Init") // Hibernate sets the fields.
class PlanEntity {

  @Id String id;
  @Embedded PlanStore.Stored stored;
}
