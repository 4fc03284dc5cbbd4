package dev.underpin.result;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks methods whose return value must be used; on a type or package, all methods in it.
 *
 * <p>Error Prone recognises the annotation by its simple name, without a dependency on either side; so does every other
 * checker that goes by simple names. A package annotation covers the methods declared in that package: put it on your own
 * packages too, and a dropped {@link Result} of your own methods is reported as well. {@link CanIgnoreReturnValue}
 * exempts a method.
 */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target({ElementType.PACKAGE, ElementType.TYPE, ElementType.METHOD, ElementType.CONSTRUCTOR})
public @interface CheckReturnValue {}
