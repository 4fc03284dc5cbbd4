package dev.underpin.quickstart.domain;

/** Something to order, at its price of today. */
public record Product(Sku sku, String name, String category, Money price, int stock) {}
