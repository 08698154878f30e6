package io.engagementwebhooks.operate.health;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.ledger.Reservation;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Who uses memory and processor time, with as many labels as were asked for. */
class AccountMetersTest {

    private static final long SECOND = 1_000_000_000;

    private final MeterRegistry meters = new SimpleMeterRegistry();
    private final Ledger ledger = new Ledger(1_000);
    private final AccountMeters accounts = new AccountMeters(meters, ledger, 2, account -> account.length());

    private Map<String, Double> figures(String name) {
        Map<String, Double> figures = new TreeMap<>();
        for (Meter meter : meters.find(name).meters()) {
            if ("in-flight".equals(meter.getId().getTag("budget"))) {
                continue;
            }
            figures.put(
                    meter.getId().getTag("account"),
                    meter.measure().iterator().next().getValue());
        }
        return figures;
    }

    private void use(String account, long seconds) {
        ledger.of(account).charge(seconds * SECOND);
    }

    @Test
    void the_most_active_accounts_have_separate_series_and_no_sum_ever_falls() {
        use("a", 10);
        use("b", 8);
        use("c", 1);
        accounts.refresh();
        assertEquals(
                Map.of("a", 10.0, "b", 8.0, "others", 1.0, "(anonymous)", 0.0), figures("webhooks.account.processor"));

        use("c", 100);
        use("a", 10);
        accounts.refresh();
        // what c had used while it had no own line stays with the others
        assertEquals(
                Map.of("a", 20.0, "c", 101.0, "others", 1.0, "(anonymous)", 0.0),
                figures("webhooks.account.processor"));

        use("b", 2);
        accounts.refresh();
        assertEquals(3.0, figures("webhooks.account.processor").get("others"));
    }

    @Test
    void memory_and_refusals_are_shown_by_account() {
        Reservation held = ledger.of("a").reserve(600);
        ledger.anonymous().reserve(10);
        assertEquals(0, ledger.of("b").refused());
        try {
            ledger.of("b").reserve(900);
        } catch (io.engagementwebhooks.ledger.BudgetExceededException refused) {
            // counted
        }
        use("c", 1);
        use("d", 2);
        accounts.refresh();
        assertEquals(
                Map.of("a", 600.0, "b", 0.0, "others", 0.0, "(anonymous)", 10.0),
                figures("webhooks.account.memory.reserved"));
        assertEquals(
                Map.of("a", 0.0, "b", 1.0, "others", 0.0, "(anonymous)", 0.0),
                figures("webhooks.account.memory.refused"));
        assertEquals(
                610.0,
                meters.get("webhooks.ledger.memory.reserved")
                        .tag("budget", "work")
                        .gauge()
                        .value());
        assertEquals(2.0, figures("webhooks.account.tasks").get("others"), "c and d have one each");
        held.close();
        try (Reservation sent = ledger.of("a").reserveInFlight(700)) {
            assertEquals(700, inFlight("webhooks.account.memory.reserved", "a"));
            assertEquals(700, sent.bytes());
        }
        assertEquals(0, inFlight("webhooks.account.memory.reserved", "a"));
    }

    private double inFlight(String name, String account) {
        return meters.get(name)
                .tag("budget", "in-flight")
                .tag("account", account)
                .gauge()
                .value();
    }
}
