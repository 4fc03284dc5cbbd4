/**
 * What a service on JDBI needs to trust its database layer. {@link dev.underpin.persistence.Transactions} end as their body
 * says, and say what a database failed with; {@link dev.underpin.persistence.Versioned} updates a row that nobody changed
 * meanwhile; {@link dev.underpin.persistence.KeyedQuery} reads rows by their keys, and
 * {@link dev.underpin.persistence.KeysetQuery} a page of a listing, in the form in which each database seeks. All but
 * transactions pass exceptions unchanged.
 */
@CheckReturnValue
@NullMarked
package dev.underpin.persistence;

import dev.underpin.result.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
