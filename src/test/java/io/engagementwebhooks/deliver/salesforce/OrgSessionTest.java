package io.engagementwebhooks.deliver.salesforce;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.deliver.judge.NothingSentException;
import io.engagementwebhooks.testkit.SettableClock;
import java.net.URI;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class OrgSessionTest {

    private final OrgSession session = new OrgSession(
            () -> CompletableFuture.completedFuture(new OrgToken("token", URI.create("https://org.example"))),
            new SettableClock(Instant.parse("2026-12-01T08:00:00Z")));

    @Test
    void an_answer_to_a_call_with_a_former_token_does_not_end_the_pause_of_logins() {
        OrgToken refused = session.open().join();
        session.refusedAgain(refused);
        session.accepted(refused);
        assertEquals(
                Optional.of("Salesforce refuses the token that it has just issued for this connection"),
                session.fault().map(NothingSentException::getMessage));
        assertTrue(session.open().isCompletedExceptionally());
    }
}
