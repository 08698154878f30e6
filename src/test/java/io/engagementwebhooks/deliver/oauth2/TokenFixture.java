package io.engagementwebhooks.deliver.oauth2;

import io.engagementwebhooks.deliver.egress.EgressClient;
import io.engagementwebhooks.deliver.egress.EgressRules;
import io.engagementwebhooks.deliver.egress.EgressSettings;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.testkit.TestResolver;
import io.engagementwebhooks.testkit.TestResources;
import java.time.Instant;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Timeout;

/** Tokens of endpoints on loopback, by a settable clock. */
@Timeout(300)
abstract class TokenFixture extends TestResources {

    /** An id with all characters that encoders get wrong, as in the vectors. */
    static final String ID = "client id:1";

    static final String SECRET = "p+a%s s&w=ö/~*'()!";

    final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T12:00:00Z"));

    static final BiConsumer<String, Runnable> INLINE = (account, task) -> task.run();

    @AutoClose("shutdownNow")
    private final ExecutorService thread = Executors.newSingleThreadExecutor();

    final BiConsumer<String, Runnable> background = (account, task) -> thread.execute(task);

    final EgressClient egress = opened(new EgressClient(
            new EgressRules(EgressSettings.of("127.0.0.0/8", "", "")), "test", clock, TestResolver.OF_MACHINE));
    final TokenSource tokens = new TokenSource(TokenSharing.ALONE, egress, background, clock, () -> 0);
}
