package io.engagementwebhooks.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Its own product: the first sign-in is not recorded yet, and its store is changed. */
@Timeout(300)
class FullDiskSignInTest {

    private static final String KEY = "acme-admin-key-of-full-disks";
    private static final String CONFIG =
            "accounts: [{id: acme, apiKeys: [{name: anna, role: admin, key: " + KEY + "}]}]";

    @Test
    @SuppressWarnings("try")
    void a_key_signs_in_and_out_while_the_store_refuses_changes(@TempDir Path folder) throws Exception {
        try (RunningProduct product = RunningProduct.start(folder, CONFIG)) {
            Visitor anna;
            try (RefusedWrites full =
                    new RefusedWrites(product.storeFile(), "setting", "portal_session", "revoked_session")) {
                anna = Visitor.signedIn(product, KEY);
                assertEquals(200, anna.get("/console/overview").statusCode());
                String copied = anna.cookie;
                assertEquals(
                        303, anna.post("/console/sign-in", "key", KEY).statusCode(), "over a session that stays valid");
                anna.get("/console/overview");
                HttpResponse<String> out = anna.post("/console/sign-out");
                assertEquals(503, out.statusCode(), out.body());
                assertTrue(out.body().contains("a copy of the cookie stays valid"), out.body());
                assertEquals("", anna.cookie);
                anna.cookie = copied;
                anna.get("/console/overview");
            }
            assertEquals(303, anna.post("/console/sign-out").statusCode());
            assertEquals("", anna.cookie);
        }
    }
}
