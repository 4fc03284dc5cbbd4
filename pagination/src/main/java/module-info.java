/** Pages that stay fast and correct at any depth, and cursors that nobody can forge. */
@org.jspecify.annotations.NullMarked
module dev.underpin.pagination {
    requires transitive dev.underpin.result;
    requires static transitive org.jspecify;

    exports dev.underpin.pagination;
}
