package org.example;

import dev.underpin.errors.Statuses;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;

/** Says where our types come from. */
public final class Main {
    private static final ErrorCode GONE = ErrorCode.of(ErrorKind.NOT_FOUND, "ORDER_GONE", "no such order");

    private Main() {}

    public static void main(String[] arguments) {
        Result<String, DomainError> result = Result.err(GONE.error());
        System.out.println(Result.class.getModule().getName() + " " + result);
        System.out.println(Statuses.class.getModule().getName() + " " + Statuses.standard().http(GONE.error()));
    }
}
