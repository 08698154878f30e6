package io.engagementwebhooks.webhook.auth;

import io.engagementwebhooks.webhook.ContentsquareConnection;
import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.SalesforceConnection;
import java.util.Objects;
import java.util.Set;

/** How a request is authenticated. The {@link #type()} chooses the branch of the deliver route. */
public sealed interface Authentication {

    /** The name used in configuration files, routes and tables. */
    String type();

    /** The credentials: this, or those of a custom destination. */
    default Authentication credentials() {
        return this;
    }

    /**
     * A custom destination, to which a route of that name sends.
     *
     * @param destination lower-case letters, digits and dashes; no name of the product's own branches
     * @param credentials header, OAuth2 or none, for the steps of that route
     */
    record Custom(String destination, Authentication credentials) implements Authentication {
        /** Its {@link #type()}. */
        public static final String TYPE = "custom";

        public Custom {
            Objects.requireNonNull(destination);
            Objects.requireNonNull(credentials);
        }

        @Override
        public String type() {
            return TYPE;
        }
    }

    /** No authentication; the signature still identifies the sender. */
    record None() implements Authentication {
        @Override
        public String type() {
            return "none";
        }
    }

    /** A ready value of the Authorization header, such as {@code Basic dXNlcjpwYXNz}. */
    record Header(Secret value) implements Authentication {
        public Header {
            Objects.requireNonNull(value);
        }

        @Override
        public String type() {
            return "header";
        }
    }

    /** A key in a header of the receiver's choice, such as {@code X-Api-Key}. */
    record ApiKey(String header, Secret value) implements Authentication {
        public ApiKey {
            Objects.requireNonNull(header);
            Objects.requireNonNull(value);
        }

        @Override
        public String type() {
            return "api-key";
        }
    }

    /**
     * A bearer token fetched for an OAuth client of the account.
     *
     * @param client the client
     * @param renewOn statuses of the receiver that refuse a token; a challenge {@code invalid_token} does with any
     *     status
     */
    record OAuth2(OAuthClient client, Set<Integer> renewOn) implements Authentication {

        /** The default statuses that refuse a token. */
        public static final Set<Integer> UNAUTHORIZED = Set.of(401);

        public OAuth2 {
            Objects.requireNonNull(client);
            renewOn = Set.copyOf(renewOn);
        }

        public OAuth2(OAuthClient client) {
            this(client, UNAUTHORIZED);
        }

        @Override
        public String type() {
            return "oauth2";
        }
    }

    /** A Salesforce org, which is the target too. */
    record Salesforce(SalesforceConnection connection) implements Authentication {
        public Salesforce {
            Objects.requireNonNull(connection);
        }

        @Override
        public String type() {
            return "salesforce";
        }
    }

    /** A Contentsquare project, which is the target too. */
    record Contentsquare(ContentsquareConnection connection) implements Authentication {
        public Contentsquare {
            Objects.requireNonNull(connection);
        }

        @Override
        public String type() {
            return "contentsquare";
        }
    }
}
