package io.engagementwebhooks.operate.jmx;

import java.util.Map;

/** OAuth2 tokens, never their values. */
@Described("Tokens of OAuth clients, never their values")
public interface TokenControl {

    @ReadOnly
    @Described("Why deliveries of OAuth clients of an account wait for a token, by client; those of others do not")
    Map<String, String> problems(@Described("account") String account);

    @Described(
            "Drops the token of an OAuth client, as if a receiver had refused it: the next delivery asks for another."
                    + " Returns whether there was one")
    boolean drop(@Described("account") String account, @Described("client") String client);
}
