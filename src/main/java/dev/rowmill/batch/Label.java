package dev.rowmill.batch;

/** Represents one label by which a list is filtered. */
public record Label(String name, String value) {}
