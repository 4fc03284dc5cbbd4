/** What cursors, requests, links and the SQL of pages cost, beside other cursors, other SQL and code written by hand. */
package dev.underpin.benchmarks.pagination;
