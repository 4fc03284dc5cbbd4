/** An orders service: how the modules of this project look in use. See the README of this folder. */
@CheckReturnValue
@NullMarked
package dev.underpin.quickstart;

import dev.underpin.result.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
