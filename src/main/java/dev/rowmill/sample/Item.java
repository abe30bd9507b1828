package dev.rowmill.sample;

import java.math.BigDecimal;

/** Represents an item as the demonstration prints it. */
record Item(long id, String sku, String name, String status, BigDecimal price) {}
