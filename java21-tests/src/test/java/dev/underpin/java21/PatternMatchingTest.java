package dev.underpin.java21;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.Result.Err;
import dev.underpin.result.Result.Ok;
import dev.underpin.result.Unit;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Results read by {@code switch}: exhaustive without a default branch, which is what the compiler checks here. */
class PatternMatchingTest {
    sealed interface OrderError extends DomainError {
        ErrorCode REFUSED = ErrorCode.of(ErrorKind.UNPROCESSABLE, "ORDER_REFUSED", "The order is refused");

        @Override
        default ErrorCode code() {
            return REFUSED;
        }
    }

    record NoSuchOrder(String id) implements OrderError {}

    sealed interface Refused extends OrderError {}

    record OutOfStock(String sku, int left) implements Refused {}

    record Blocked() implements Refused {}

    enum Reason {
        LATE,
        EARLY
    }

    private static String read(Result<String, OrderError> result) {
        return switch (result) {
            case Ok(var order) -> order;
            case Err(NoSuchOrder(var id)) -> "no " + id;
            case Err(OutOfStock(var sku, int left)) when left > 0 -> "only " + left + " of " + sku;
            case Err(OutOfStock stock) -> "no " + stock.sku();
            case Err(Blocked blocked) -> "blocked";
        };
    }

    private static String readByGroup(Result<String, OrderError> result) {
        return switch (result) {
            case Ok<String, OrderError> ok -> ok.value();
            case Err(NoSuchOrder missing) -> "missing";
            case Err(Refused refused) -> "refused";
        };
    }

    private static String readWildcard(Result<? extends OrderError, ?> result) {
        return switch (result) {
            case Ok(NoSuchOrder missing) -> "missing";
            case Ok(Refused refused) -> "refused";
            case Err(var anything) -> anything.toString();
        };
    }

    private static String readUnitAndEnum(Result<Unit, Reason> result) {
        return switch (result) {
            case Ok(Unit unit) -> unit.name();
            case Err(Reason reason) ->
                switch (reason) {
                    case LATE -> "too late";
                    case EARLY -> "too early";
                };
        };
    }

    private static String readPair(Result<Result<String, Blocked>, NoSuchOrder> result) {
        return switch (result) {
            case Ok(Ok(var order)) -> order;
            case Ok(Err(var blocked)) -> "blocked";
            case Err(NoSuchOrder(var id)) -> "no " + id;
        };
    }

    @Test
    void switch_nestedSealedErrors_picksTheCase() {
        assertThat(List.of(
                        read(Result.ok("order")),
                        read(Result.err(new NoSuchOrder("7"))),
                        read(Result.err(new OutOfStock("A-1", 2))),
                        read(Result.err(new OutOfStock("A-1", 0))),
                        read(Result.err(new Blocked()))))
                .containsExactly("order", "no 7", "only 2 of A-1", "no A-1", "blocked");
    }

    @Test
    void switch_sealedGroup_picksTheGroup() {
        assertThat(List.of(
                        readByGroup(Result.ok("order")),
                        readByGroup(Result.err(new NoSuchOrder("7"))),
                        readByGroup(Result.err(new OutOfStock("A-1", 2))),
                        readByGroup(Result.err(new Blocked()))))
                .containsExactly("order", "missing", "refused", "refused");
    }

    @Test
    void switch_wildcards_isExhaustive() {
        Result<OutOfStock, Integer> narrow = Result.ok(new OutOfStock("A-1", 2));

        assertThat(readWildcard(narrow)).isEqualTo("refused");
        assertThat(readWildcard(Result.<NoSuchOrder, String>ok(new NoSuchOrder("7"))))
                .isEqualTo("missing");
        assertThat(readWildcard(Result.<Blocked, String>err("any"))).isEqualTo("any");
    }

    @Test
    void switch_unitAndEnum_isExhaustive() {
        assertThat(readUnitAndEnum(Result.ok())).isEqualTo("UNIT");
        assertThat(readUnitAndEnum(Result.err(Reason.LATE))).isEqualTo("too late");
        assertThat(readUnitAndEnum(Result.err(Reason.EARLY))).isEqualTo("too early");
    }

    @Test
    void switch_resultOfResult_isExhaustive() {
        assertThat(readPair(Result.ok(Result.ok("order")))).isEqualTo("order");
        assertThat(readPair(Result.ok(Result.err(new Blocked())))).isEqualTo("blocked");
        assertThat(readPair(Result.err(new NoSuchOrder("7")))).isEqualTo("no 7");
    }
}
