package dev.underpin.quickstart.application;

import dev.underpin.quickstart.domain.Card;
import dev.underpin.quickstart.domain.Money;
import dev.underpin.resilience.Deadline;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.Unit;

/** Where cards are charged: a service of somebody else's. */
public interface Payments {
    /** The card cannot pay, however often it is asked. */
    ErrorCode CARD_DECLINED = ErrorCode.of(ErrorKind.UNPROCESSABLE, "CARD_DECLINED", "The card was declined");

    /** There was no answer that could be understood. Whether the card was charged is not known. */
    ErrorCode PAYMENTS_UNAVAILABLE = ErrorCode.of(
            ErrorKind.UNAVAILABLE,
            "PAYMENTS_UNAVAILABLE",
            "The card cannot be charged at the moment; send the same request again later, with the same key");

    /**
     * {@return nothing, once the card is charged; or one of the errors above, or one of
     * {@link dev.underpin.resilience.ResilienceErrors}} All but a declined card leave it open whether it was charged.
     *
     * @param key whose charges are one: under a key that was used before, nothing is charged and the answer is the same
     * @param card who pays
     * @param amount how much
     * @param deadline when nobody waits for it any more
     */
    Result<Unit, DomainError> charge(String key, Card card, Money amount, Deadline deadline);
}
