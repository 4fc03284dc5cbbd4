package dev.underpin.quickstart.domain;

import java.time.Instant;

/** Somebody who orders. */
public record Customer(CustomerId id, String name, String email, Instant createdAt) {}
