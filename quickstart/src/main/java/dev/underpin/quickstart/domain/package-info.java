/**
 * What a shop knows: customers, products and orders, and the rules between them. Values are parsed once, where they
 * enter, and cannot be wrong afterwards. This package knows neither HTTP nor SQL.
 */
@CheckReturnValue
@NullMarked
package dev.underpin.quickstart.domain;

import dev.underpin.result.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
