package dev.underpin.testkit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * How many statements the body of a test runs, asserted behind it by {@link StatementsExtension}. Kinds are those of
 * {@link StatementsExtension#select} and so on; what is not given is not asserted. On a class it is for each of its tests that
 * has none of its own, those of nested and derived classes among them.
 */
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface ExpectStatements {
    /** {@return how many read} */
    int select() default -1;

    /** {@return how many insert} */
    int insert() default -1;

    /** {@return how many update} */
    int update() default -1;

    /** {@return how many delete} */
    int delete() default -1;
}
