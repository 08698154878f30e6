package io.engagementwebhooks.webhook;

import java.util.Objects;

/** Something that an account has set up. */
public sealed interface Thing {

    ThingKind kind();

    /** Unique among those of its kind in the account. */
    String name();

    /** A webhook. */
    record OfWebhook(Webhook webhook) implements Thing {
        public OfWebhook {
            Objects.requireNonNull(webhook);
        }

        @Override
        public ThingKind kind() {
            return ThingKind.WEBHOOK;
        }

        @Override
        public String name() {
            return webhook.name();
        }
    }

    /** An OAuth client. */
    record OfOAuthClient(OAuthClient client) implements Thing {
        public OfOAuthClient {
            Objects.requireNonNull(client);
        }

        @Override
        public ThingKind kind() {
            return ThingKind.OAUTH_CLIENT;
        }

        @Override
        public String name() {
            return client.name();
        }
    }

    /** A connection to Salesforce. */
    record OfSalesforce(SalesforceConnection connection) implements Thing {
        public OfSalesforce {
            Objects.requireNonNull(connection);
        }

        @Override
        public ThingKind kind() {
            return ThingKind.CONNECTION;
        }

        @Override
        public String name() {
            return connection.name();
        }
    }

    /** A connection to Contentsquare. */
    record OfContentsquare(ContentsquareConnection connection) implements Thing {
        public OfContentsquare {
            Objects.requireNonNull(connection);
        }

        @Override
        public ThingKind kind() {
            return ThingKind.CONNECTION;
        }

        @Override
        public String name() {
            return connection.name();
        }
    }

    /** An API key. */
    record OfApiKey(ApiKey key) implements Thing {
        public OfApiKey {
            Objects.requireNonNull(key);
        }

        @Override
        public ThingKind kind() {
            return ThingKind.API_KEY;
        }

        @Override
        public String name() {
            return key.name();
        }
    }

    /** A signing key of the account. */
    record OfSigningKey(SigningKey key) implements Thing {
        public OfSigningKey {
            Objects.requireNonNull(key);
        }

        @Override
        public ThingKind kind() {
            return ThingKind.SIGNING_KEY;
        }

        @Override
        public String name() {
            return key.id();
        }
    }
}
