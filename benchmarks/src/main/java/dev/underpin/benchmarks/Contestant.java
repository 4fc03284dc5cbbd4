package dev.underpin.benchmarks;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Says what a benchmark method measures, so that a report can set it against the others of its class.
 *
 * <p>The methods of one class with the same {@link #row()} and the same parameters compute the same thing; a report
 * divides ours by each of the others.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Contestant {
    /** {@return the name a reader sees} */
    String value();

    /** {@return which column of the report it is} */
    Role role();

    /** {@return what is computed, if the class computes more than one thing} */
    String row() default "";

    /** What a contestant is compared as, in the order of a report. */
    enum Role {
        /** Ours, as its users write it. At most one for each row. */
        OURS,
        /** What a careful person writes by hand for this one case, with the same information in the answer. */
        LIMIT,
        /** A library made for the same purpose, and nothing else. The fastest of these is the best peer. */
        PEER,
        /** Shown beside the others, and part of no ratio but its own: other means of the language, variants of ours. */
        REFERENCE,
        /** The cost of the harness around all the others: reading the input. */
        BASELINE
    }
}
