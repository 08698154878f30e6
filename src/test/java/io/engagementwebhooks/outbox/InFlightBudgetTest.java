package io.engagementwebhooks.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.store.due.AttemptKind;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.LogLines;
import java.util.List;
import org.junit.jupiter.api.Test;

class InFlightBudgetTest {

    @Test
    void a_full_budget_is_logged_once_a_minute() {
        try (LogLines lines = new LogLines(InFlightBudget.class)) {
            InFlightBudget budget = new InFlightBudget(2);
            assertTrue(budget.hasSpace("acme"));
            budget.begin(new WebhookQueue(Ids.webhook("acme", "crm"), 0, 256).of(AttemptKind.RETRIES));
            for (int i = 0; i < 100; i++) {
                assertFalse(budget.hasSpace("acme"), "the other request is for other accounts");
            }
            assertEquals(
                    List.of(
                            "deliver.budget-full account=acme in-flight=1 limit=2: receivers take long; see which, or raise"
                                    + " webhooks.deliver.max-in-flight"),
                    lines.texts());
        }
    }
}
