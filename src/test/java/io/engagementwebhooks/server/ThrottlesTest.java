package io.engagementwebhooks.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.auth.Secret;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Semantics 5: rate limits of keys, and the limit of guesses. */
class ThrottlesTest {

    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T09:00:00Z"));
    private final ApiKey key = ApiKey.of("platform", ApiKey.Role.INGEST, Secret.of("a key of the platform"));
    private final ApiKey other = ApiKey.of("other", ApiKey.Role.INGEST, Secret.of("a key of another account"));

    @Test
    void without_a_limit_every_request_passes() {
        KeyRates rates = new KeyRates(0, clock);
        for (int i = 0; i < 1000; i++) {
            assertTrue(rates.acquire(key).isEmpty());
        }
    }

    @Test
    void a_key_has_a_burst_of_a_second_and_then_its_rate() {
        KeyRates rates = new KeyRates(10, clock);
        int passed = 0;
        while (rates.acquire(key).isEmpty()) {
            passed++;
        }
        assertTrue(passed == 10 || passed == 11, "passed " + passed);
        Duration wait = rates.acquire(key).orElseThrow();
        assertTrue(wait.compareTo(Duration.ofMillis(100)) <= 0, wait.toString());
        clock.pass(wait.plusMillis(1));
        assertTrue(rates.acquire(key).isEmpty());
        assertTrue(rates.acquire(key).isPresent());
        assertTrue(rates.acquire(other).isEmpty(), "another key has its own");
    }

    @Test
    void a_clock_set_back_or_forward_blocks_no_key() {
        KeyRates rates = new KeyRates(10, clock);
        FailedKeys failed = new FailedKeys(clock);
        for (int hours : new int[] {-1, 1, 1, -1}) {
            for (int i = 0; i < 100; i++) {
                rates.acquire(key);
                failed.failed("192.0.2.1");
            }
            clock.pass(Duration.ofHours(hours));
            assertEquals(Optional.empty(), rates.acquire(key));
            assertEquals(Optional.empty(), failed.failed("192.0.2.1"));
        }
    }

    @Test
    void a_waiting_key_is_admitted_however_often_it_was_refused() {
        KeyRates rates = new KeyRates(1, clock);
        for (int i = 0; i < 100; i++) {
            rates.acquire(key);
        }
        clock.pass(Duration.ofSeconds(1));
        assertEquals(Optional.empty(), rates.acquire(key));
    }

    @Test
    void an_address_with_many_unknown_keys_waits_out_its_minute() {
        FailedKeys failed = new FailedKeys(clock);
        for (int i = 0; i < 20; i++) {
            assertTrue(failed.failed("192.0.2.1").isEmpty());
        }
        assertFalse(failed.isBlocked("192.0.2.1"));
        clock.pass(Duration.ofSeconds(20));
        assertEquals(Duration.ofSeconds(40), failed.failed("192.0.2.1").orElseThrow());
        assertTrue(failed.isBlocked("192.0.2.1"));
        assertTrue(failed.failed("192.0.2.2").isEmpty(), "another address is not meant");
        assertFalse(failed.isBlocked("192.0.2.2"));
        clock.pass(Duration.ofSeconds(41));
        assertFalse(failed.isBlocked("192.0.2.1"));
        assertTrue(failed.failed("192.0.2.1").isEmpty());
    }

    @Test
    void addresses_of_one_ipv6_network_count_as_one() {
        FailedKeys failed = new FailedKeys(clock);
        for (int i = 0; i < 20; i++) {
            assertTrue(
                    failed.failed("2001:db8:1:2::" + Integer.toHexString(i + 1)).isEmpty());
        }
        assertTrue(failed.failed("2001:db8:1:2:ffff:ffff:ffff:ffff").isPresent());
        assertTrue(failed.failed("2001:db8:1:3::1").isEmpty(), "another network is not meant");
    }

    @Test
    void an_ipv4_address_written_as_ipv6_is_the_same() {
        FailedKeys failed = new FailedKeys(clock);
        for (int i = 0; i < 20; i++) {
            failed.failed("::ffff:192.0.2.1");
        }
        assertTrue(failed.failed("192.0.2.1").isPresent());
        assertTrue(failed.failed("::ffff:192.0.2.2").isEmpty());
    }

    @Test
    void a_flood_of_addresses_uses_bounded_memory_and_unblocks_no_active_guesser() {
        FailedKeys failed = new FailedKeys(clock);
        for (int i = 0; i < 20; i++) {
            failed.failed("192.0.2.1");
        }
        for (int i = 0; i < 200_000; i++) {
            failed.failed("10." + (i >> 16) + "." + (i >> 8 & 255) + "." + (i & 255));
            if (i % 1000 == 0) {
                assertTrue(failed.failed("192.0.2.1").isPresent());
            }
        }
        assertTrue(failed.size() <= 10_000, "remembered: " + failed.size());
    }

    @Test
    void an_invalid_address_is_counted_as_text() {
        FailedKeys failed = new FailedKeys(clock);
        for (String odd : List.of("", "fe80::1%no-such-interface", ":::")) {
            for (int i = 0; i < 20; i++) {
                assertTrue(failed.failed(odd).isEmpty());
            }
            assertTrue(failed.failed(odd).isPresent());
        }
    }

    @Test
    void many_threads_take_no_more_than_the_rate() throws Exception {
        KeyRates rates = new KeyRates(50, clock);
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<Boolean>> requests =
                    Collections.nCopies(1000, () -> rates.acquire(key).isEmpty());
            int passed = 0;
            for (Future<Boolean> request : threads.invokeAll(requests)) {
                passed += request.get() ? 1 : 0;
            }
            assertTrue(passed == 50 || passed == 51, "passed " + passed);
        } finally {
            threads.shutdownNow();
        }
    }
}
