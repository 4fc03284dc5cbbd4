/**
 * Jakarta Bean Validation as a source of field errors.
 *
 * <p>{@link dev.underpin.errors.validation.BeanValidation} turns violations into the details of an error: with paths as
 * the client wrote them, in a fixed order, and without the rejected values. Thread-safe.
 */
@CheckReturnValue
@NullMarked
package dev.underpin.errors.validation;

import dev.underpin.result.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
