/** What no module can test of itself: the architecture, the documentation and the public API of all of them. */
@org.jspecify.annotations.NullMarked
package dev.underpin.build;
