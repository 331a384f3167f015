package io.sluice.gateway.journal;

/** What is to be reported of a pipeline. */
public record Finding(EventKind kind, String text) {}
