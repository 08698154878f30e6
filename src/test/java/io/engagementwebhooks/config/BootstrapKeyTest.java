package io.engagementwebhooks.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.webhook.ApiKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Semantics 25. */
class BootstrapKeyTest {

    @TempDir
    Path folder;

    @Test
    void the_first_key_is_one_of_an_admin() {
        BootstrapKey first = make();
        assertTrue(first.apiKey().is(ApiKey.hash(first.key().reveal())));
        assertEquals(ApiKey.Role.ADMIN, first.apiKey().role());
    }

    @Test
    void the_file_holds_the_key_and_only_its_owner_reads_it() throws IOException {
        BootstrapKey first = make();
        Path file = folder.resolve("data/first-key");
        assertEquals(first.key().reveal(), Files.readString(file).strip());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }

    @Test
    void the_first_key_is_long_and_random_and_is_not_printed() {
        BootstrapKey first = make();
        String key = first.key().reveal();
        assertTrue(key.matches("ewk_[A-Za-z0-9_-]{43}"), "unexpected form");
        assertNotEquals(key, make().key().reveal());
        assertFalse(first.toString().contains(key));
    }

    private BootstrapKey make() {
        return BootstrapKey.make(folder.resolve("data/first-key"), new SecureRandom());
    }
}
