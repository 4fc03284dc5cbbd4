package org.example;

import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.time.Instant;

/** Lets an hour pass at once. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        VirtualTime time = new VirtualTime(Instant.EPOCH);
        time.schedule(Duration.ofMinutes(30), () -> System.out.println("half past " + time.instant()));
        time.advance(Duration.ofHours(1));
        System.out.println("now " + time.instant());
    }
}
