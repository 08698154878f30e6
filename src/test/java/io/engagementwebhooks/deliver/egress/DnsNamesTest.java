package io.engagementwebhooks.deliver.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.NameServer;
import io.engagementwebhooks.testkit.TestResources;
import io.netty.resolver.HostsFileEntriesProvider;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Semantics 42: queries to name servers and their responses. */
@Timeout(120)
class DnsNamesTest extends TestResources {

    private final NameServer server = opened(new NameServer());
    private final DnsNames names = names(1, List.of(), server.address());

    @Test
    void a_name_has_its_ipv4_and_ipv6_addresses_for_the_shortest_ttl() throws Exception {
        server.answer("crm.example", 17, "192.0.2.1", "192.0.2.2", "2001:db8::1");

        NameService.Resolution found = lookUp(names, "crm.example");

        assertEquals(
                List.of("192.0.2.1", "192.0.2.2", "2001:db8:0:0:0:0:0:1"),
                found.addresses().stream().map(InetAddress::getHostAddress).toList());
        assertEquals(Duration.ofSeconds(17), found.ttl());
    }

    @Test
    void a_name_that_does_not_exist_or_has_no_address_has_none() throws Exception {
        server.answer("empty.example", 60);

        assertTrue(lookUp(names, "nothing.example").isEmpty());
        assertTrue(lookUp(names, "empty.example").isEmpty());
    }

    @Test
    void a_label_that_is_too_long_for_dns_is_no_name() throws Exception {
        assertTrue(lookUp(names, "x".repeat(64) + ".example").isEmpty());
        assertEquals(List.of(), server.queries());
    }

    @Test
    void a_failed_lookup_is_not_a_missing_name() {
        server.fail("broken.example", NameServer.SERVFAIL);
        server.fail("forbidden.example", NameServer.REFUSED);

        assertEquals("SERVFAIL", failure("broken.example", NameServerException.class));
        assertEquals("REFUSED", failure("forbidden.example", NameServerException.class));
    }

    @Test
    void a_silent_name_server_is_queried_twice() {
        server.hang("slow.example");

        failure("slow.example", TimeoutException.class);

        assertEquals(2, server.asked("slow.example"));
    }

    @Test
    void an_alias_is_followed_if_the_name_server_does_not_resolve_it() throws Exception {
        server.alias("www.example", 5, "cdn.example");
        server.answer("cdn.example", 300, "192.0.2.7");

        NameService.Resolution found = lookUp(names, "www.example");

        assertEquals(List.of(InetAddress.getByName("192.0.2.7")), found.addresses());
        assertEquals(Duration.ofSeconds(5), found.ttl(), "the alias holds no longer");
    }

    @Test
    void circular_aliases_end() throws Exception {
        server.alias("one.example", 5, "two.example");
        server.alias("two.example", 5, "one.example");

        assertTrue(lookUp(names, "one.example").isEmpty());
    }

    @Test
    void a_truncated_response_is_requested_again_by_tcp() throws Exception {
        server.answerByTcp("many.example", 60, "192.0.2.1", "192.0.2.2");

        assertEquals(2, lookUp(names, "many.example").addresses().size());
        assertTrue(server.queries().stream().anyMatch(NameServer.Query::isTcp));
    }

    @Test
    void after_a_failure_the_next_name_server_is_queried_and_is_first_from_then_on() throws Exception {
        NameServer other = opened(new NameServer());
        server.fail("crm.example", NameServer.SERVFAIL);
        other.answer("crm.example", 60, "192.0.2.9");
        DnsNames both = names(1, List.of(), server.address(), other.address());

        assertEquals(1, lookUp(both, "crm.example").addresses().size());
        long asked = server.queries().size();
        assertEquals(1, lookUp(both, "crm.example").addresses().size());

        assertEquals(asked, server.queries().size());
    }

    @Test
    void a_name_server_that_is_down_is_skipped() throws Exception {
        InetSocketAddress down;
        try (DatagramSocket unused = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            down = new InetSocketAddress("127.0.0.1", unused.getLocalPort());
        }
        server.answer("crm.example", 60, "192.0.2.9");

        assertEquals(
                1,
                lookUp(names(1, List.of(), down, server.address()), "crm.example")
                        .addresses()
                        .size());
    }

    @Test
    void a_short_name_is_searched_in_the_search_domains_first_and_a_long_one_last() throws Exception {
        DnsNames searching = names(2, List.of("svc.example", "example"), server.address());
        server.answer("crm.example", 60, "192.0.2.1");
        server.answer("a.b.c", 60, "192.0.2.2");

        assertEquals(1, lookUp(searching, "crm").addresses().size());
        assertEquals(1, lookUp(searching, "a.b.c").addresses().size());

        assertEquals(
                List.of("crm.svc.example", "crm.example", "a.b.c"),
                server.queries().stream().map(NameServer.Query::name).distinct().toList());
    }

    @Test
    void a_failed_search_domain_does_not_prevent_other_matches() throws Exception {
        DnsNames searching = names(5, List.of("svc.example"), server.address());
        server.fail("crm.test.svc.example", NameServer.SERVFAIL);
        server.fail("erp.test.svc.example", NameServer.SERVFAIL);
        server.hang("hr.test.svc.example");
        server.answer("crm.test", 60, "192.0.2.1");
        server.answer("hr.test", 60, "192.0.2.2");

        assertEquals(1, lookUp(searching, "crm.test").addresses().size());
        assertEquals(1, lookUp(searching, "hr.test").addresses().size());
        ExecutionException neither = assertThrows(ExecutionException.class, () -> lookUp(searching, "erp.test"));
        assertInstanceOf(NameServerException.class, neither.getCause(), "the other name may exist");
    }

    @Test
    void one_address_family_is_enough() throws Exception {
        server.answer("four.example", 60, "192.0.2.1");
        server.answer("six.example", 60, "2001:db8::1");

        assertEquals(1, lookUp(names, "four.example").addresses().size());
        assertEquals(1, lookUp(names, "six.example").addresses().size());
    }

    @Test
    void each_query_comes_from_its_own_port_so_that_responses_are_hard_to_forge() throws Exception {
        server.answer("crm.example", 60, "192.0.2.1");
        for (int i = 0; i < 4; i++) {
            lookUp(names, "crm.example");
        }
        Set<Integer> ports =
                server.queries().stream().map(NameServer.Query::fromPort).collect(Collectors.toSet());
        assertTrue(ports.size() > 4, ports.toString());
    }

    @Test
    void localhost_names_of_the_hosts_file_and_invalid_are_not_sent_to_a_name_server() throws Exception {
        server.answer("localhost", 60, "192.0.2.1");
        server.answer("x.localhost", 60, "192.0.2.1");
        server.answer("x.invalid", 60, "192.0.2.1");
        HostsFileEntriesProvider hosts = hosts("# names\n10.1.2.3 Printer printer.example # ours\nfd00::3 printer\n");
        ResolvConf conf = new ResolvConf(List.of(server.address()), List.of(), 1);
        DnsNames withHosts = opened(new DnsNames(() -> conf, () -> hosts));

        assertEquals(
                List.of(InetAddress.getByName("10.1.2.3"), InetAddress.getByName("fd00::3")),
                lookUp(withHosts, "printer").addresses());
        assertTrue(lookUp(withHosts, "localhost").addresses().get(0).isLoopbackAddress());
        assertTrue(lookUp(withHosts, "x.localhost").addresses().get(0).isLoopbackAddress());
        assertTrue(lookUp(withHosts, "x.invalid").isEmpty());
        assertEquals(List.of(), server.queries());
    }

    @Test
    void resolv_conf_gives_name_servers_search_domains_and_ndots() throws Exception {
        ResolvConf conf = ResolvConf.parse(List.of(
                "# made by hand",
                "nameserver 10.0.0.2",
                "nameserver fd00::2",
                "nameserver none",
                "domain old.example",
                "search svc.example. example",
                "options timeout:1 ndots:5 rotate"));

        assertEquals(
                List.of(new InetSocketAddress("10.0.0.2", 53), new InetSocketAddress("fd00::2", 53)),
                conf.nameServers());
        assertEquals(List.of("svc.example", "example"), conf.search());
        assertEquals(5, conf.ndots());
    }

    private DnsNames names(int ndots, List<String> search, InetSocketAddress... servers) {
        ResolvConf conf = new ResolvConf(List.of(servers), search, ndots);
        return opened(new DnsNames(() -> conf, () -> hosts("")));
    }

    private static HostsFileEntriesProvider hosts(String text) {
        try {
            return HostsFileEntriesProvider.parser().parse(new StringReader(text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static NameService.Resolution lookUp(DnsNames names, String name) throws Exception {
        return names.lookUp(name).get(60, TimeUnit.SECONDS);
    }

    private String failure(String name, Class<? extends Throwable> kind) {
        Throwable failure = assertThrows(ExecutionException.class, () -> lookUp(names, name))
                .getCause();
        return assertInstanceOf(kind, failure).getMessage();
    }
}
