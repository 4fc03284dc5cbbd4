package dev.underpin.testkit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Statements that a test may repeat: {@link StatementsExtension} does not tell of them. On a class it is for each of its tests
 * that has none of its own, those of nested and derived classes among them.
 */
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface AllowNPlusOne {
    /** {@return why that is right, for who reads the test} */
    String reason();

    /** {@return what a statement has in its text, or its place, to be meant, in any case; any of these. None is for all} */
    String[] match() default {};
}
