package io.engagementwebhooks.api.inbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.engagementwebhooks.config.Vault;
import io.engagementwebhooks.testkit.Vaults;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which URLs are test inboxes. */
class InboxAddressesTest {

    private static final String SITE = "http://localhost:8080";

    private final Vault vault;
    private final InboxAddresses addresses;

    InboxAddressesTest(@TempDir Path folder) {
        vault = Vaults.open(folder.resolve("key"));
        addresses = new InboxAddresses(() -> Optional.of(SITE), vault, "acme"::equals);
    }

    @Test
    void a_url_is_an_inbox_by_exactly_its_scheme_host_port_and_path() {
        String path = InboxAddresses.path(addresses.newId("acme"));
        assertTrue(addresses.leadTo(URI.create(SITE + path)));
        assertTrue(addresses.leadTo(URI.create(SITE + path + "?tenant=7")));
        for (String other :
                List.of("https://localhost:8080", "http://localhost:8081", "http://localhost", "http://a:8080")) {
            assertFalse(addresses.leadTo(URI.create(other + path)), other);
        }
        for (String other : List.of("/", "/..", "x", "%2e", "/../../v1/events")) {
            assertFalse(addresses.leadTo(URI.create(SITE + path + other)), other);
        }
        assertFalse(addresses.leadTo(URI.create(SITE + "/v1/events")));
    }

    /** Each request to a receiver asks, and the site is read from the settings. */
    @Test
    void another_url_is_judged_without_the_site() {
        InboxAddresses unread = new InboxAddresses(() -> fail("the site is read"), vault, "acme"::equals);
        assertFalse(unread.leadTo(URI.create(SITE + "/hooks")));
        assertFalse(unread.leadTo(URI.create(SITE)));
    }

    @Test
    void an_id_is_random_and_names_an_existing_account_of_this_installation_only() {
        String id = addresses.newId("acme");
        assertNotEquals(id, addresses.newId("acme"));
        assertEquals(Optional.of("acme"), addresses.account(id));
        assertEquals(Optional.empty(), addresses.account(addresses.newId("deleted")));
        assertEquals(Optional.empty(), addresses.account("A".repeat(60)));
        InboxAddresses off = new InboxAddresses(Optional::empty, vault, "acme"::equals);
        assertEquals(Optional.empty(), off.account(id));
    }
}
