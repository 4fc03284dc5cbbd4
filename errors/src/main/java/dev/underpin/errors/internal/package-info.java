/** What the packages of this module share; not exported. */
@NullMarked
package dev.underpin.errors.internal;

import org.jspecify.annotations.NullMarked;
