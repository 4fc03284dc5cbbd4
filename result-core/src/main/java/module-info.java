/** Expected failures as values: {@code Result}, {@code DomainError} and their taxonomy. Depends on nothing. */
@org.jspecify.annotations.NullMarked
module dev.underpin.result {
    requires static transitive org.jspecify;

    exports dev.underpin.result;
    exports dev.underpin.result.spi;
}
