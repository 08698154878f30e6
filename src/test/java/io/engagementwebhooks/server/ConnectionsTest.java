package io.engagementwebhooks.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.ledger.Ledger;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConnectionsTest {

    private final Ledger ledger = new Ledger(64_000_000);
    private final Connections connections =
            new Connections(8, ClientAddresses.behind("10.0.0.0/8"), new UnauthenticatedBudget(ledger));

    /** A channel from an address. */
    private static class From extends EmbeddedChannel {
        private final String address;

        From(String address) {
            this.address = address;
        }

        @Override
        protected SocketAddress remoteAddress0() {
            return address == null ? null : new InetSocketAddress(address, 4711);
        }
    }

    /** A channel whose event loop lags: it has neither registered nor closed the channel. */
    private static final class Behind extends From {

        Behind(String address) {
            super(address);
            pipeline().addFirst(new ChannelOutboundHandlerAdapter() {
                @Override
                public void close(ChannelHandlerContext context, ChannelPromise promise) {
                    // in the queue of the event loop
                }
            });
        }

        @Override
        public boolean isRegistered() {
            return false;
        }

        void isClosedAtLast() {
            unsafe().close(voidPromise());
        }
    }

    /** Connections that arrive while the event loops are blocked. @return the admitted ones */
    private List<Behind> flood(int count, String address) {
        List<Behind> taken = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Behind channel = new Behind(address);
            Connection connection = connections.admit(channel);
            if (connection != null) {
                channel.closeFuture().addListener(closed -> connection.closed());
                taken.add(channel);
            }
        }
        return taken;
    }

    private From open(String address) {
        return open(new From(address));
    }

    private From open(From channel) {
        Connection connection = connections.admit(channel);
        if (connection == null) {
            channel.close();
        } else {
            channel.attr(Connection.KEY).set(connection);
            channel.closeFuture().addListener(closed -> connection.closed());
        }
        return channel;
    }

    private List<From> open(int count, String prefix) {
        List<From> channels = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            channels.add(open(prefix + i));
        }
        return channels;
    }

    private From authenticated(String account) {
        From channel = open("10.0.0.1");
        connection(channel).authenticated(ledger.of(account));
        return channel;
    }

    private static Connection connection(From channel) {
        return channel.attr(Connection.KEY).get();
    }

    private static void runTasks(List<From> channels) {
        channels.forEach(EmbeddedChannel::runPendingTasks);
    }

    @Test
    void at_the_limit_the_oldest_unauthenticated_connection_is_replaced() {
        From caller = open("192.0.2.100");
        connection(caller).authenticated(ledger.of("acme"));
        List<From> unauthenticated = open(7, "198.51.100.");

        From newest = open("203.0.113.1");

        runTasks(unauthenticated);
        assertFalse(unauthenticated.get(0).isOpen());
        assertTrue(unauthenticated.get(1).isOpen());
        assertTrue(caller.isOpen());
        assertTrue(newest.isOpen());
        assertEquals(8, connections.open());
        assertEquals(1, connections.evicted());
    }

    @Test
    void one_address_has_a_quarter_of_the_unauthenticated_connections() {
        List<From> same = List.of(open("198.51.100.1"), open("198.51.100.1"), open("198.51.100.1"));

        runTasks(same);
        assertEquals(List.of(false, true, true), same.stream().map(From::isOpen).toList());
        assertEquals(2, connections.open());
    }

    @Test
    void addresses_of_one_ipv6_network_are_one() {
        List<From> same = List.of(open("2001:db8::1"), open("2001:db8::2"), open("2001:db8::3"));

        runTasks(same);
        assertEquals(List.of(false, true, true), same.stream().map(From::isOpen).toList());
    }

    @Test
    void a_trusted_proxy_is_not_limited_as_an_address() {
        List<From> proxied = List.of(open("10.0.0.1"), open("10.0.0.1"), open("10.0.0.1"), open("10.0.0.1"));

        runTasks(proxied);
        assertTrue(proxied.stream().allMatch(From::isOpen));
    }

    @Test
    void with_all_authenticated_the_largest_account_loses_an_idle_connection() {
        List<From> greedy = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            greedy.add(authenticated("greedy"));
        }
        connection(greedy.get(0)).busy(true);
        From other = authenticated("acme");

        From newest = open("203.0.113.1");

        runTasks(greedy);
        assertTrue(newest.isOpen());
        assertTrue(other.isOpen());
        assertTrue(greedy.get(0).isOpen(), "it is answering a request");
        assertFalse(greedy.get(1).isOpen());
    }

    @Test
    void with_every_account_at_its_share_a_new_connection_is_refused() {
        List<From> all = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            all.add(authenticated("account-" + i));
        }
        From channel = new From("203.0.113.1");

        assertNull(connections.admit(channel));
        runTasks(all);
        assertTrue(all.stream().allMatch(From::isOpen));
        assertEquals(1, connections.refused());
    }

    @Test
    void a_connection_that_is_closed_is_forgotten() {
        List<From> channels = new ArrayList<>(open(6, "198.51.100."));
        channels.add(authenticated("acme"));

        channels.forEach(From::close);

        assertEquals(0, connections.open());
        assertEquals(0, connections.unauthenticated());
        assertNotNull(connections.admit(new From("203.0.113.1")));
    }

    @Test
    void an_address_is_refused_while_the_event_loops_have_many_of_its_connections_to_close() {
        flood(100, "198.51.100.1");

        assertEquals(2, connections.unauthenticated());
        assertEquals(3, connections.open(), "its quarter, and one that is being closed");
        assertEquals(97, connections.refused());
    }

    @Test
    void a_flood_of_one_address_takes_no_room_from_another() {
        From caller = open("192.0.2.100");
        connection(caller).authenticated(ledger.of("acme"));

        flood(100, "198.51.100.1");

        From sameNetwork = open("192.0.2.100");
        From other = open("203.0.113.1");
        assertTrue(caller.isOpen());
        assertTrue(sameNetwork.isOpen());
        assertTrue(other.isOpen());
    }

    @Test
    void a_caller_at_the_address_of_a_flood_keeps_its_connection_and_gets_another_when_one_has_closed() {
        From caller = open("198.51.100.1");
        connection(caller).authenticated(ledger.of("acme"));
        List<Behind> unauthenticated = flood(100, "198.51.100.1");

        assertFalse(open("198.51.100.1").isOpen());
        unauthenticated.get(0).isClosedAtLast();

        assertTrue(open("198.51.100.1").isOpen());
        assertTrue(caller.isOpen());
    }

    @Test
    void a_new_address_is_admitted_however_many_others_flood() {
        for (int i = 0; i < 100; i++) {
            flood(1, "198.51.100." + i % 5);
        }

        assertTrue(open("203.0.113.1").isOpen());
    }

    @Test
    void authenticated_and_unauthenticated_connections_are_counted() {
        authenticated("acme");
        flood(100, "198.51.100.1");

        assertEquals(1, connections.authenticated());
        assertEquals(2, connections.unauthenticated());
        assertEquals(4, connections.open());
    }

    @Test
    void unauthenticated_connections_with_memory_are_closed_oldest_first() {
        long limit = ledger.anonymous().limit();
        List<From> unauthenticated = open(5, "198.51.100.");
        for (int i = 0; i < 4; i++) {
            assertTrue(connection(unauthenticated.get(i)).setMemory(limit / 4));
        }

        assertTrue(connection(unauthenticated.get(4)).setMemory(1000));

        runTasks(unauthenticated);
        assertEquals(
                List.of(false, true, true, true, true),
                unauthenticated.stream().map(From::isOpen).toList());
    }

    @Test
    void the_connection_that_used_memory_the_longest_is_closed() {
        long limit = ledger.anonymous().limit();
        List<From> unauthenticated = open(5, "198.51.100.");
        for (int i = 3; i >= 0; i--) {
            assertTrue(connection(unauthenticated.get(i)).setMemory(limit / 4));
        }
        connection(unauthenticated.get(3)).release();
        assertTrue(connection(unauthenticated.get(3)).setMemory(limit / 4));

        assertTrue(connection(unauthenticated.get(4)).setMemory(1000));

        runTasks(unauthenticated);
        assertEquals(
                List.of(true, true, false, true, true),
                unauthenticated.stream().map(From::isOpen).toList());
    }

    @Test
    void a_closed_connection_uses_no_memory() {
        From stranger = open("198.51.100.1");
        assertTrue(connection(stranger).setMemory(1000));
        stranger.close();

        assertTrue(connection(stranger).setMemory(2000));

        assertEquals(0, ledger.reserved());
    }

    @Test
    void an_address_at_its_limit_loses_its_own_connections() {
        long limit = ledger.anonymous().limit();
        From other = open("198.51.100.9");
        assertTrue(connection(other).setMemory(1000));
        From first = open("198.51.100.1");
        From second = open("198.51.100.1");
        assertTrue(connection(first).setMemory(limit / 4));

        assertTrue(connection(second).setMemory(limit / 8));
        assertFalse(connection(second).setMemory(limit / 2), "more than a quarter");

        runTasks(List.of(first, other));
        assertFalse(first.isOpen());
        assertTrue(other.isOpen());
    }

    @Test
    void the_limit_comes_from_file_descriptors_and_heap() {
        assertEquals(4096, Connections.limitFor(1_000_000, 256L << 20, false));
        assertEquals(1024, Connections.limitFor(1_000_000, 256L << 20, true));
        assertEquals(384, Connections.limitFor(1024, 4L << 30, false));
        assertEquals(65_536, Connections.limitFor(10_000_000, 1L << 40, false));
        assertEquals(32, Connections.limitFor(128, 1L << 30, false), "the store and the deliveries need the others");
        assertEquals(16_384, Connections.limitFor(-1, 1L << 30, false));
    }
}
