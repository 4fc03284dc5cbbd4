package org.springframework.around;

/** What a framework has around the methods of a service. */
public final class Around {
    private Around() {}

    /** Runs it. */
    public static void run(Runnable body) {
        proceed(body);
    }

    private static void proceed(Runnable body) {
        body.run();
    }
}
