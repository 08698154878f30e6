package io.engagementwebhooks.config.read;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Semantics 31. */
class TokenUrlTest {

    @ParameterizedTest
    @CsvSource({
        "https://a.example.com,          /oauth2/token, https://a.example.com/oauth2/token",
        "https://a.example.com/,         /oauth2/token, https://a.example.com/oauth2/token",
        "https://a.example.com/realm/,   oauth2/token,  https://a.example.com/realm/oauth2/token",
        "https://a.example.com/t?x=1,    /oauth2/token, https://a.example.com/t?x=1",
        "https://a.example.com/oauth2/token,  /oauth2/token, https://a.example.com/oauth2/token",
        "https://a.example.com/oauth2/token/, /oauth2/token, https://a.example.com/oauth2/token/",
        "https://a.example.com/x/token,  token,         https://a.example.com/x/token",
        "https://token,                  token,         https://token/token",
        "https://a.example.com/xtoken,   /token,        https://a.example.com/xtoken/token",
        "https://a.example.com/t,        '',            https://a.example.com/t",
    })
    void endpoint_and_path_are_joined_by_one_slash(String endpoint, String path, String url) {
        assertEquals(url, TokenUrl.of(endpoint, path));
    }
}
