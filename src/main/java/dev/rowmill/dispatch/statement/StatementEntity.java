package dev.rowmill.dispatch.statement;

import jakarta.persistence.Embedded;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;

/** Maps the row of a saved statement. */
@Entity
@Table(name = "saved_statement")
@SuppressWarnings("NullAway.Init") // Hibernate sets the fields.
class StatementEntity {

  @Id String name;
  @Embedded SavedStatements.Stored stored;
}
