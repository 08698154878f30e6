package io.engagementwebhooks.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.engagementwebhooks.testkit.LogLines;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class LedgerTest {

    private static final int MIB = 1 << 20;

    @AutoClose
    private final LogLines lines = new LogLines(Ledger.class);

    /** With 16 MiB for requests in flight, 12 MiB of them for one account. */
    private final AccountLedger acme = new Ledger(MIB).of("acme");

    @Test
    @SuppressWarnings("try")
    void a_full_budget_of_bytes_in_flight_is_logged_once_a_minute() {
        try (Reservation inFlight = acme.reserveInFlight(12 * MIB)) {
            for (int i = 0; i < 100; i++) {
                assertThrows(BudgetExceededException.class, () -> acme.reserveInFlight(1));
            }
        }
        assertEquals(
                List.of("deliver.budget-full account=acme bytes=12582912 limit=16777216:"
                        + " receivers take long; see which, or raise -Xmx"),
                lines.texts());
    }

    @Test
    void a_request_above_the_limit_of_an_account_does_not_mean_that_the_budget_is_full() {
        assertThrows(BudgetExceededException.class, () -> acme.reserveInFlight(12 * MIB + 1));
        assertEquals(List.of(), lines.texts());
    }
}
