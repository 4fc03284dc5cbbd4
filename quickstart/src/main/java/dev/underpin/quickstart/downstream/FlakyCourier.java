package dev.underpin.quickstart.downstream;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** A courier that says in how many days it delivers: {@code GET /estimates?sku=INK-0001} is a number from 1 to 4. Thread-safe. */
public final class FlakyCourier extends FlakyService {
    private static final int DAYS = 4;

    private FlakyCourier() {
        super("courier");
        serve("/estimates", this::estimate);
    }

    /** {@return a service on this machine, on any port that is free} */
    public static FlakyCourier start() {
        var courier = new FlakyCourier();
        courier.open();
        return courier;
    }

    private void estimate(HttpExchange http) throws IOException {
        if (!isRefused(http)) {
            int days = 1 + Math.floorMod(parameter(http, "sku").hashCode(), DAYS);
            served(http, 200, Integer.toString(days).getBytes(StandardCharsets.UTF_8));
        }
    }
}
