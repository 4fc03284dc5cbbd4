package dev.underpin.result;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks methods whose return value must be used; on a type or package, all methods in it.
 *
 * <p>Error Prone, IntelliJ IDEA and SpotBugs recognise the annotation by its simple name, so a dropped
 * {@link Result} is reported without a dependency on any of them. {@link CanIgnoreReturnValue} exempts a method.
 */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target({ElementType.PACKAGE, ElementType.TYPE, ElementType.METHOD, ElementType.CONSTRUCTOR})
public @interface CheckReturnValue {}
