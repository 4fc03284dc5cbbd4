package dev.underpin.errors;

import dev.underpin.result.Detail;
import dev.underpin.result.ErrorCode;
import java.util.List;

/**
 * What a client sees of an error.
 *
 * @param code the code
 * @param status the HTTP status
 * @param message the text
 * @param details the faults by field, as many as are shown
 * @param truncated whether there are more
 * @param serverFault whether the server is to blame
 * @param retryable whether a repeat, of this call or of more than it, may help
 * @param retryAfterSeconds how long to wait before it; negative if not known
 * @param requestId the id of the request
 */
record Shown(
        ErrorCode code,
        int status,
        String message,
        List<Detail> details,
        boolean truncated,
        boolean serverFault,
        boolean retryable,
        long retryAfterSeconds,
        String requestId) {}
