package io.engagementwebhooks.deliver.judge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.egress.EgressRefusedException;
import io.engagementwebhooks.deliver.egress.HttpFailures;
import io.engagementwebhooks.deliver.judge.Outcome.TryLater;
import io.engagementwebhooks.deliver.step.StepThreads;
import io.engagementwebhooks.testkit.LogLines;
import io.engagementwebhooks.testkit.SampleDelivery;
import java.io.IOException;
import java.net.SocketException;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

/** The outcome of an exception, wrapped or not. The tests of egress have failures of real calls. */
class FailureJudgingTest {

    private final Delivery delivery = new SampleDelivery(URI.create("https://crm.example/")).delivery();
    private final DeliveryContext context =
            DeliveryContext.put(new DefaultExchange(new DefaultCamelContext()), delivery);
    private final FailureJudging judging =
            new FailureJudging(List.of(new HttpFailures()), webhook -> false, Clock.systemUTC());

    @Test
    void a_wrapped_failure_is_found() {
        assertEquals(
                TryLater.bySchedule("The endpoint reset the connection"),
                judging.judge(new IllegalStateException(new SocketException("Connection reset")), context));
    }

    @Test
    void a_refusal_by_the_egress_rules_is_reported_as_it_is() {
        assertEquals(
                new TryLater("Not allowed: webhooks may not call port 25", null, false, false, true),
                judging.judge(new EgressRefusedException("webhooks may not call port 25"), context));
    }

    @Test
    void judges_of_other_destinations_are_called_too() {
        FailureJudge own = (failure, of) ->
                failure instanceof IOException ? Optional.of(Outcome.GaveUp.because("mine")) : Optional.empty();
        FailureJudging both = new FailureJudging(List.of(own, new HttpFailures()), webhook -> false, Clock.systemUTC());
        assertEquals(Outcome.GaveUp.because("mine"), both.judge(new SocketException("reset"), context));
    }

    @Test
    void an_unknown_exception_is_an_internal_fault_and_its_message_is_hidden() {
        Outcome outcome = judging.judge(new IllegalStateException("password=secret"), context);
        assertEquals(TryLater.class, outcome.getClass());
        assertFalse(outcome.reason().contains("secret"));
    }

    @Test
    void failures_of_a_step_of_the_users_own_make_one_line_a_minute_without_a_stack_trace() {
        StepThreads.Step step = new StepThreads.Step("deliver-crm", "ask-crm", true);
        IllegalStateException thrown = new IllegalStateException("no answer");
        context.failed(step, thrown);
        try (LogLines log = new LogLines(FailureJudging.class)) {
            Outcome first = judging.judge(thrown, context);
            Outcome second = judging.judge(thrown, context);

            assertEquals("Not sent: " + step + " failed (IllegalStateException)", first.reason());
            assertEquals(first.reason(), second.reason());
            assertEquals(
                    List.of("attempt.step-failed account=acme delivery=" + delivery.id()
                            + " webhook=\"calls\" route=deliver-crm step=ask-crm"
                            + " exception=java.lang.IllegalStateException count=1: no answer"),
                    log.texts());
            assertNull(log.events().get(0).getThrowableProxy());
        }
    }
}
