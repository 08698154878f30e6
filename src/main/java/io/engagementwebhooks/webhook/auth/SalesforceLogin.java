package io.engagementwebhooks.webhook.auth;

import java.util.Objects;

/** The login of a connection at its Salesforce org. */
public sealed interface SalesforceLogin {

    /** The client credentials grant, on the org's My Domain only. @param clientSecret the consumer secret */
    record ClientCredentials(Secret clientSecret) implements SalesforceLogin {
        /** Its name in a configuration. */
        public static final String TYPE = "client-credentials";

        public ClientCredentials {
            Objects.requireNonNull(clientSecret);
        }
    }

    /**
     * The JWT bearer flow, for a user that is pre-authorized.
     *
     * @param privateKey RSA, PKCS#8 in PEM; the certificate belongs to the connected app
     * @param user the user's name
     * @param audience {@code https://login.salesforce.com}, for a sandbox {@code https://test.salesforce.com}
     * @see <a href="https://www.rfc-editor.org/rfc/rfc7523">RFC 7523</a>
     */
    record JwtBearer(Secret privateKey, String user, String audience) implements SalesforceLogin {
        /** Its name in a configuration. */
        public static final String TYPE = "jwt-bearer";

        public JwtBearer {
            Objects.requireNonNull(privateKey);
            Objects.requireNonNull(user);
            Objects.requireNonNull(audience);
        }
    }

    /**
     * The refresh token flow, with a token that a person has obtained.
     *
     * @param refreshToken the initial token; with rotation, a later one replaces it
     * @param clientSecret the consumer secret, or null if the app needs none
     */
    record RefreshToken(Secret refreshToken, Secret clientSecret) implements SalesforceLogin {
        /** Its name in a configuration. */
        public static final String TYPE = "refresh-token";

        public RefreshToken {
            Objects.requireNonNull(refreshToken);
        }
    }

    /**
     * User and password. Salesforce retires this flow on {@value #ENDS}.
     *
     * @param clientSecret the consumer secret
     * @param user the user's name
     * @param password the password, followed by the security token
     * @see <a href="https://help.salesforce.com/s/articleView?id=005461976&type=1">Retirement of the OAuth 2.0
     *     Username-Password Flow</a>
     */
    record Password(Secret clientSecret, String user, Secret password) implements SalesforceLogin {
        /** Its name in a configuration. */
        public static final String TYPE = "password";

        /** The day of its retirement. */
        public static final String ENDS = "2027-02-20";

        public Password {
            Objects.requireNonNull(clientSecret);
            Objects.requireNonNull(user);
            Objects.requireNonNull(password);
        }
    }
}
