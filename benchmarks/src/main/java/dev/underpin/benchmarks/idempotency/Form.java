package dev.underpin.benchmarks.idempotency;

import dev.underpin.idempotency.IdempotentRequest;
import dev.underpin.idempotency.Replay;
import java.sql.SQLException;

/** One way to execute a request once. Each takes its connections from a pool and gives them back. */
interface Form {
    String ORDER = "insert into orders (account, amount) values (?, ?)";
    String PAY = "update accounts set balance = balance - ? where id = ?";
    int AMOUNT = 7;

    /** {@return the account of a request} */
    static int account(IdempotentRequest request) {
        return Math.floorMod(request.key().hashCode(), KeyDatabase.ACCOUNTS);
    }

    /** {@return the answer: an order was inserted and its account has paid, now or before} */
    Replay<String> execute(IdempotentRequest request) throws SQLException;
}
