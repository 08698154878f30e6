package io.engagementwebhooks.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.engagementwebhooks.store.AttemptKind;
import io.engagementwebhooks.testkit.Ids;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class InFlightBudgetTest {

    @Test
    void a_full_budget_is_logged_once_a_minute() {
        Logger log = (Logger) LoggerFactory.getLogger(InFlightBudget.class);
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        log.addAppender(lines);
        try {
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
                    lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList());
        } finally {
            log.detachAppender(lines);
        }
    }
}
