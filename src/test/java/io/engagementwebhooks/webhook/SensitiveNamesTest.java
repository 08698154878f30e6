package io.engagementwebhooks.webhook;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SensitiveNamesTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Authorization",
                "X-Api-Key",
                "client_secret",
                "bearer",
                "X-JWT",
                "pass",
                "db_pass",
                "passphrase",
                "PIN",
                "card-pin",
                "otp",
                "code",
                "sig"
            })
    void a_name_that_is_one_of_a_secret_is_known(String name) {
        assertTrue(SensitiveNames.isName(name));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pinned",
                "shipping",
                "X-Ping",
                "passenger",
                "compass",
                "bypass",
                "option",
                "status-code",
                "Content-Type",
                "design"
            })
    void a_name_that_only_holds_such_letters_is_none(String name) {
        assertFalse(SensitiveNames.isName(name));
    }
}
