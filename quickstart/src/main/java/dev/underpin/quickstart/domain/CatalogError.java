package dev.underpin.quickstart.domain;

import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;

/** What is not in the books. Nobody matches on these, so the codes are all there is. */
public final class CatalogError {
    /** No customer has this id. */
    public static final ErrorCode CUSTOMER_NOT_FOUND =
            ErrorCode.of(ErrorKind.NOT_FOUND, "CUSTOMER_NOT_FOUND", "There is no such customer");

    /** No product has this SKU. */
    public static final ErrorCode PRODUCT_NOT_FOUND =
            ErrorCode.of(ErrorKind.NOT_FOUND, "PRODUCT_NOT_FOUND", "There is no such product");

    /** No product is of this category. */
    public static final ErrorCode CATEGORY_NOT_FOUND =
            ErrorCode.of(ErrorKind.NOT_FOUND, "CATEGORY_NOT_FOUND", "There is no such category");

    private CatalogError() {}
}
