package dev.rowmill.rest.batch;

import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Represents a page of batches. */
@Schema(description = "A page of batches, newest first")
public record BatchPage(
    @Schema(description = "Batches of this page") List<BatchBody> items,
    @Schema(
            description = "Path of the next page, with the same filters; null on the last",
            examples = "/api/v1/batches?status=running&before=42")
        @Nullable String next) {}
