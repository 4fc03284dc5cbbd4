package dev.underpin.quickstart.domain;

/** Where an order goes. Its fields are checked where they enter, by the constraints of the request. */
public record Delivery(String recipient, String street, String postalCode, String city, String country) {}
