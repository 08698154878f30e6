package io.engagementwebhooks.deliver.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.util.concurrent.ImmediateEventExecutor;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which idle connection is closed above the limit. */
class IdleConnectionsTest {

    private final IdleConnections idle = new IdleConnections(3);

    @Test
    void the_account_with_most_loses_the_one_that_it_used_longest_ago() {
        EgressConnection oldest = connection();
        EgressConnection next = connection();
        add("few", connection());
        add("many", oldest);
        add("many", next);

        assertEquals(Optional.of(oldest), idle.add("many", connection()));
        idle.remove("many", oldest);
        assertEquals(Optional.of(next), idle.add("few of another host", connection()));
    }

    @Test
    void a_removed_connection_counts_no_longer() {
        EgressConnection used = connection();
        add("one", used);
        add("one", connection());
        add("two", connection());

        idle.remove("one", used);
        idle.remove("one", used);

        assertEquals(2, idle.size());
        add("two", connection());
    }

    private void add(String account, EgressConnection connection) {
        assertEquals(Optional.empty(), idle.add(account, connection));
    }

    private static EgressConnection connection() {
        return new EgressConnection(null, null, null, ImmediateEventExecutor.INSTANCE.newPromise());
    }
}
