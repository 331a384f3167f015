package io.sluice.gateway.rpo;

/** How a pipeline stands by its objective, and what becomes of it. */
public record Outlook(Objective objective, ObjectiveLedger.Budget budget, Forecast forecast) {}
