package dev.rowmill.sample;

import java.math.BigDecimal;

/** What is shown of an item. */
record Item(long id, String sku, String name, String status, BigDecimal price) {}
